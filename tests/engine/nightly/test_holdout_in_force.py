"""Who is held out stays held out: another seed is refused until the holdout was ended."""

import shutil
from pathlib import Path

import pytest

from engine.domain.offer_errors import BadProgramme
from engine.programme import programme_text
from models.ground.exit_codes import exit_code_of
from tests.engine.nightly.shop_nights import FIRST_NIGHT, SECOND_NIGHT, night

SHIPPED = programme_text()
OTHER_SEED = SHIPPED.replace("seed = 20171204", "seed = 7")
NOBODY_HELD_OUT = SHIPPED.replace("share = 0.10 ", "share = 0 ")


@pytest.fixture
def workspace(shop_after_a_night: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shop_after_a_night, tmp_path / "workspace"))


def test_another_seed_is_refused_while_customers_are_held_out(workspace: Path) -> None:
    with pytest.raises(
        BadProgramme, match=r"seed = 7, but run 2024-03-31\.1 holds customers out by seed = 20171204"
    ) as no:
        night(workspace, SECOND_NIGHT, programme=OTHER_SEED)
    assert (
        "Write seed = 20171204 again; to begin a new holdout on purpose, publish a night with holdout.share = 0"
        in (str(no.value))
    )
    assert exit_code_of(no.value, (BadProgramme,)) == 2
    assert [folder.name for folder in (workspace / "runs").iterdir()] == [f"{FIRST_NIGHT}.1"]


def test_a_night_that_holds_nobody_out_ends_the_holdout_and_another_may_begin(workspace: Path) -> None:
    night(workspace, SECOND_NIGHT, programme=NOBODY_HELD_OUT)
    arms = night(workspace, SECOND_NIGHT, programme=OTHER_SEED).manifest["result"]
    assert arms["bundles"] > 0
