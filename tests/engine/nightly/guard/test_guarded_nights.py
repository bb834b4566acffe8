"""Real nights of a small shop whose files go wrong in between."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from engine.nightly.folder.run_folder import RunFolder
from engine.programme import programme_text
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.nights.run_records import current_run, run_of
from models.ground.errors import BadInput, GuardRefused
from models.ground.exit_codes import exit_code_of
from models.items.candidates import CandidateLimits
from models.versions import registry
from tests.engine.nightly.shop_nights import (
    FIRST_NIGHT,
    SECOND_NIGHT,
    change,
    dearer,
    doubled,
    load,
    night,
    open_shop,
    renamed,
    without_last_days,
)
from tests.training.examples import SMALL


@pytest.fixture(scope="module")
def after_one_night(shop_after_a_night: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(shop_after_a_night, tmp_path_factory.mktemp("guarded") / "workspace"))


@pytest.fixture
def workspace(after_one_night: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(after_one_night, tmp_path / "workspace"))


def refused(workspace: Path) -> str:
    with pytest.raises(GuardRefused) as refusal:
        night(workspace, SECOND_NIGHT)
    assert exit_code_of(refusal.value) == 3
    assert current(workspace) == f"{FIRST_NIGHT}.1"
    return str(refusal.value)


def current(workspace: Path) -> str:
    store = open_store(store_url_in(workspace))
    try:
        run = current_run(store)
        return "" if run is None else run.run_id
    finally:
        store.close()


def test_a_first_night_passes_and_says_what_it_could_not_compare(after_one_night: Path) -> None:
    guard = RunFolder.of(after_one_night, f"{FIRST_NIGHT}.1").manifest()["guard"]
    assert all(check["ok"] for check in guard.values())
    assert guard["p_buy_drift"] == {
        "value": None,
        "limit": {},
        "ok": True,
        "accepted": False,
        "says": "no earlier run",
    }
    assert guard["model_shop"]["value"] == 1.0


def test_a_healthy_second_night_passes_every_check(workspace: Path) -> None:
    result = night(workspace, SECOND_NIGHT)
    assert [name for name, check in result.manifest["guard"].items() if not check["ok"]] == []
    assert [name for name, check in result.manifest["guard"].items() if check["value"] is None] == []
    assert result.manifest["compared_with"] == [f"{FIRST_NIGHT}.1"]
    assert current(workspace) == f"{SECOND_NIGHT}.1"


def test_three_missing_days_keep_the_former_offers(workspace: Path) -> None:
    change(workspace, "purchases", lambda lines: without_last_days(lines, 3))
    sentence = refused(workspace)
    assert "  data_age: 7" in sentence
    assert "allowed; newest purchase 2024-04-03 " in sentence
    assert "has 0 lines, usual on that weekday are" in sentence


def test_a_doubled_file_is_caught_though_no_key_repeats(workspace: Path) -> None:
    change(workspace, "purchases", doubled)
    assert "  history: 1.00, at most 0.100 allowed; 2024-03-03 to 2024-03-23 hold" in refused(workspace)


def test_a_doubled_file_is_caught_in_the_first_night_too(workspace: Path) -> None:
    shutil.rmtree(workspace / "runs")
    (workspace / "store.db").unlink()
    change(workspace, "purchases", doubled)
    with pytest.raises(GuardRefused, match=r"history: 1\.00.* when model 2024-03-31-"):
        night(workspace, SECOND_NIGHT)


@pytest.mark.parametrize(
    ("table", "columns", "check"),
    [
        ("products", ("price", "cost"), "price_level: 100"),
        ("purchases", ("paid", "discount"), "paid_level: 100"),
    ],
)
def test_prices_off_by_a_hundred_are_caught(
    workspace: Path, table: str, columns: tuple[str, ...], check: str
) -> None:
    change(workspace, table, lambda frame: dearer(frame, *columns))
    assert f"  {check}, at least 0.667, at most 1.50 allowed" in refused(workspace)


def test_an_all_new_catalogue_is_caught(workspace: Path) -> None:
    for table in ("products", "purchases"):
        path = workspace / "shop" / f"{table}.parquet"
        renamed(pd.read_parquet(path)).to_parquet(path, index=False)
    load(workspace)
    assert "  known_items: 0, at least" in refused(workspace)


@pytest.mark.long
def test_a_model_of_another_shop_is_caught_though_both_number_alike(workspace: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    open_shop(other, seed=4, profile=SMALL)
    version = registry.current_version(registry.registry_folder(other))
    assert version is not None
    mine = registry.registry_folder(workspace)
    shutil.copytree(
        registry.registry_folder(other) / "versions" / version,
        mine / "versions" / version,
        dirs_exist_ok=True,
    )
    registry.promote(mine, version)
    sentence = refused(workspace)
    assert "  model_shop: 0, at least 0.4" in sentence
    assert f"that model {version} was fitted on" in sentence


def test_a_budget_that_is_used_up_is_said_to_be_so(workspace: Path) -> None:
    with pytest.raises(GuardRefused) as refusal:
        night(workspace, SECOND_NIGHT, programme=programme_text().replace("= 600_000", "= 1"))
    sentence = str(refusal.value)
    assert "because the budget has nothing left for them" in sentence
    assert "Correct the data" not in sentence
    enough = re.search(
        r"raise amount_minor in the programme's \[budget\] \((\d[\d_]*) reaches everybody", sentence
    )
    assert enough
    raised = programme_text().replace("= 600_000", f"= {enough[1]}")
    assert night(workspace, SECOND_NIGHT, programme=raised).manifest["budget"]["price_index"] == 0


def test_a_version_with_other_candidate_sources_is_published_on_its_first_night(workspace: Path) -> None:
    versions = registry.registry_folder(workspace)
    former = registry.open_current(versions)
    limits = CandidateLimits(own_history=2, family=60, family_items=40, popular=2, rising=60, launched=0)
    other = replace(former.manifest, limits=limits)
    version = registry.publish(versions, other, former.rhythm, former.affinity, former.churn, former.lifetime)
    registry.promote(versions, version)
    guard = night(workspace, SECOND_NIGHT).manifest["guard"]
    assert guard["candidate_drift"]["says"].endswith(f"the first night of {version} sets a new baseline")
    assert float(guard["candidate_drift"]["says"].split()[0]) > 0.25


def test_an_accepted_check_is_recorded_and_no_other_passes(workspace: Path) -> None:
    change(workspace, "purchases", lambda lines: without_last_days(lines, 3))
    with pytest.raises(GuardRefused, match="1 of 18 checks failed") as refusal:
        night(workspace, SECOND_NIGHT, accepted=["data_age"])
    assert "data_age" not in str(refusal.value)
    result = night(workspace, SECOND_NIGHT, accepted=["data_age", "recent_lines", "history"])
    accepted = {name: check["accepted"] for name, check in result.manifest["guard"].items()}
    assert [name for name in accepted if accepted[name]] == ["data_age", "recent_lines"]
    store = open_store(store_url_in(workspace))
    try:
        assert run_of(store, result.run_id).manifest["guard"]["data_age"]["accepted"]
    finally:
        store.close()


def test_a_refused_night_leaves_its_numbers_to_look_at(workspace: Path) -> None:
    change(workspace, "purchases", lambda lines: without_last_days(lines, 3))
    refused(workspace)
    folder = RunFolder.of(workspace, f"{SECOND_NIGHT}.1")
    assert not folder.is_finished
    seen = folder.sight("night.json")
    assert seen is not None
    assert not seen["guard"]["data_age"]["ok"]


def test_a_check_that_does_not_exist_cannot_be_accepted(workspace: Path) -> None:
    with pytest.raises(BadInput, match="--accept data_old is no check of the guard; the checks are data_age"):
        night(workspace, SECOND_NIGHT, accepted=["data_old"])
