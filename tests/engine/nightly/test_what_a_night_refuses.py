"""A night refuses what would make its offers wrong, before it computes anything."""

from datetime import UTC, date, datetime
from pathlib import Path
from shutil import copytree

import pytest

from engine.domain.offer_errors import BadProgramme
from engine.nightly.run import run
from engine.programme import programme_text
from engine.settings import store_url_in
from engine.store import open_store
from models.ground.errors import BadInput
from models.ground.moment import local_midnight


@pytest.fixture(scope="module")
def workspace(opened_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose model was fitted on 2024-03-31."""
    return Path(copytree(opened_shop, tmp_path_factory.mktemp("refusing") / "workspace"))


def attempt(workspace: Path, day: date, rules: str) -> None:
    store = open_store(store_url_in(workspace))
    try:
        run(
            workspace,
            local_midnight(day, "UTC"),
            rules,
            store,
            now=datetime(2024, 4, 1, tzinfo=UTC),
            jobs=1,
            progress=lambda *_: None,
        )
    finally:
        store.close()


def test_a_model_that_has_seen_what_comes_after_the_night_is_refused(workspace: Path) -> None:
    with pytest.raises(BadInput, match="knows what comes after 2024-03-30"):
        attempt(workspace, date(2024, 3, 30), programme_text())
    assert not (workspace / "runs").exists()


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("families = []", 'families = ["DAIRI"]'),
        ("[assumed_margin_bp.families]", "[assumed_margin_bp.families]\nDAIRI = 2000"),
    ],
)
def test_a_family_that_the_shop_does_not_have_is_refused_by_name(
    workspace: Path, line: str, wrong: str
) -> None:
    with pytest.raises(BadProgramme, match=r"names 'DAIRI' \(did you mean 'DAIRY'\?\)"):
        attempt(workspace, date(2024, 3, 31), programme_text().replace(line, wrong))
    assert not (workspace / "runs").exists()
