"""Whole nights under [rotation]: what rests, what returns, what is logged of it, and that it can be proved."""

import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from engine.commands.night_summary import night_summary
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.run import NightResult
from engine.nightly.verify import verify
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.nights.run_records import withdraw_run
from engine.watch.run_page import write_report
from tests.engine.nightly.shop_nights import FIRST_NIGHT, SECOND_NIGHT, night, silent, with_rotation

RULES = with_rotation(
    "item_bundles = 1\nstaple_gap_days = 6.0\nreturning = 2\nfamilies = 3\nstaples_share = 0.4\n"
)
HALF_HELD_OUT = RULES.replace("share = 0.10", "share = 0.5")


@pytest.fixture(scope="module")
def workspace(opened_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Path(shutil.copytree(opened_shop, tmp_path_factory.mktemp("rotation") / "workspace"))
    for day in (FIRST_NIGHT, SECOND_NIGHT):
        night(made, day, programme=HALF_HELD_OUT, accepted=("expected_cost", "mean_depth"))
    return made


def table(workspace: Path, day: str, kind: str) -> pd.DataFrame:
    files = sorted((workspace / "runs" / f"{day}.1" / kind).glob("*.parquet"))
    return pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)


@pytest.mark.parametrize("kind", ["slots", "shadow"])
def test_of_the_last_bundle_at_most_two_items_return_served_or_not(workspace: Path, kind: str) -> None:
    first, then = (table(workspace, day, kind) for day in (FIRST_NIGHT, SECOND_NIGHT))
    assert first.groupby("customer_id")["reason_family"].nunique().min() >= 3
    assert then.groupby("customer_id")["reason_family"].nunique().min() >= 3
    again = then.merge(first[["customer_id", "item_id"]], on=["customer_id", "item_id"])
    assert len(then) > 0
    assert again.groupby("customer_id").size().max() <= 2
    gap = again.loc[again["reason"] == "due_now", "reason_number"]
    assert gap.max() <= 6


def test_the_log_names_the_rule(workspace: Path) -> None:
    rules = set(table(workspace, SECOND_NIGHT, "slots")["runner_up_rule"].dropna())
    assert {"item_rests"} <= rules


def test_no_item_stands_in_more_bundles_than_its_share_and_its_price_is_told(workspace: Path) -> None:
    slots = table(workspace, SECOND_NIGHT, "slots")
    most = slots["item_id"].value_counts().max()
    assert most <= 0.4 * slots["customer_id"].nunique()
    told = RunFolder.of(workspace, f"{SECOND_NIGHT}.1").manifest()["budget"]["staples"][""]
    assert told
    assert all(one["share"] <= 0.4 < one["share_before"] for one in told)


def test_what_it_costs_stands_in_the_manifest_the_page_and_the_summary(workspace: Path) -> None:
    manifest = RunFolder.of(workspace, f"{SECOND_NIGHT}.1").manifest()
    cost = manifest["rotation"]
    assert cost["uses_kept_milli"] < cost["uses_milli"]
    assert cost["places"]["item_rests"] > 0
    assert cost["taken_milli"]["item_rests"] <= cost["uses_milli"]
    assert cost["staples"] == len(manifest["budget"]["staples"][""])
    assert "places taken: item_rests" in night_summary(
        NightResult(f"{SECOND_NIGHT}.1", manifest, 2, 0), "USD", 90
    )
    page = write_report(workspace, f"{SECOND_NIGHT}.1").read_text(encoding="utf-8")
    assert "of expected uses given up for variety" in page


def test_a_night_under_rotation_is_proved_with_what_it_remembered(workspace: Path) -> None:
    with closing(open_store(store_url_in(workspace))) as store:
        proof = verify(workspace, f"{SECOND_NIGHT}.1", store, jobs=1, progress=silent)
    assert proof.stored == proof.bundles
    assert "snapshot/rotation/bucket=0000.parquet" in RunFolder.of(workspace, f"{SECOND_NIGHT}.1").digests()


def test_a_night_that_was_withdrawn_at_once_is_not_remembered(opened_shop: Path, tmp_path: Path) -> None:
    workspace = Path(shutil.copytree(opened_shop, tmp_path / "workspace"))
    night(workspace, FIRST_NIGHT, programme=RULES)
    with closing(open_store(store_url_in(workspace))) as store:
        withdraw_run(store, f"{FIRST_NIGHT}.1", now=datetime(2024, 4, 8, 1, tzinfo=UTC))
    night(workspace, SECOND_NIGHT, programme=RULES, accepted=("expected_cost", "mean_depth"))
    remembered = pd.read_parquet(
        workspace / "runs" / f"{SECOND_NIGHT}.1" / "snapshot" / "rotation" / "bucket=0000.parquet"
    )
    assert remembered["shadow"].all()
