"""Nights that ask the lost back, paid from a line of the budget of its own."""

import shutil
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from engine.commands.night_summary import night_summary
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.run import NightResult
from engine.nightly.verify import verify
from engine.programme import programme_text
from engine.settings import store_url_in
from engine.store import open_store
from engine.watch.run_page import write_report
from tests.engine.nightly.shop_nights import FIRST_NIGHT, SECOND_NIGHT, change, night, silent

pytestmark = (
    pytest.mark.long
)  # nights of their own; what rules take is a quick law in tests/laws/test_rule_laws.py

LOST = [f"c{number:03d}" for number in range(6, 12)]
NOBODY_HELD_OUT = programme_text().replace("share = 0.10", "share = 0.0")
ACCEPTED = ("model_shop", "history", "known_customers", "expected_cost", "mean_depth", "p_churn_drift")


def rules(amount_minor: int) -> str:
    return f'\n[rules]\nlost = "win_back"\n[rules.win_back]\nseen_days = 364\namount_minor = {amount_minor}\nperiod = "week"\n'


@pytest.fixture(scope="module")
def workspace(opened_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six customers came last more than 90 days ago."""
    made = Path(shutil.copytree(opened_shop, tmp_path_factory.mktemp("back") / "workspace"))
    change(
        made,
        "purchases",
        lambda lines: lines[
            ~(
                lines["customer_id"].isin(LOST)
                & (lines["purchased_at"] >= pd.Timestamp("2023-12-30", tz="UTC"))
            )
        ],
    )
    night(made, FIRST_NIGHT, programme=NOBODY_HELD_OUT, rules=rules(70), accepted=ACCEPTED)
    return made


def table(workspace: Path, kind: str, day: str = FIRST_NIGHT) -> pd.DataFrame:
    files = sorted((workspace / "runs" / f"{day}.1" / kind).glob("*.parquet"))
    return pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)


def test_the_lost_are_asked_though_eligibility_lets_them_go_and_only_what_the_line_pays(
    workspace: Path,
) -> None:
    outcomes = table(workspace, "outcomes").set_index("customer_id")["outcome"]
    assert set(table(workspace, "ruled")["customer_id"]) == set(LOST)
    assert set(outcomes.reindex(LOST)) == {"bundle", "line_budget"}
    assert "budget" not in set(outcomes.drop(LOST))
    manifest = RunFolder.of(workspace, f"{FIRST_NIGHT}.1").manifest()
    line = manifest["budget"]["lines"]["win_back"]
    slots = table(workspace, "slots")
    spent = slots.loc[slots["customer_id"].isin(LOST), "expected_cost_milli"].sum()
    assert 0 < spent == line["planned_milli"] <= line["allowance_milli"] < line["wanted_milli"]
    assert manifest["budget"]["planned_milli"] == slots["expected_cost_milli"].sum() - spent


def test_the_line_stands_in_the_summary_and_on_the_page(workspace: Path) -> None:
    manifest = RunFolder.of(workspace, f"{FIRST_NIGHT}.1").manifest()
    summary = night_summary(NightResult(f"{FIRST_NIGHT}.1", manifest, 2, 0), "USD", 90)
    assert "line       win_back: expected cost 0." in summary
    assert "Line win back: " in write_report(workspace, f"{FIRST_NIGHT}.1").read_text(encoding="utf-8")


def test_what_a_line_has_promised_binds_the_next_night_and_not_the_budget(workspace: Path) -> None:
    night(workspace, SECOND_NIGHT, programme=NOBODY_HELD_OUT, rules=rules(70), accepted=ACCEPTED)
    first, then = (
        RunFolder.of(workspace, f"{day}.1").manifest()["budget"] for day in (FIRST_NIGHT, SECOND_NIGHT)
    )
    slots = table(workspace, "slots")
    ends = pd.Timestamp(SECOND_NIGHT, tz="UTC") - pd.Timedelta(
        days=6
    )  # the Monday of the second night's week
    still = slots[slots["valid_to"] > ends]
    paid = still["customer_id"].isin(LOST)
    assert then["lines"]["win_back"]["committed_milli"] == still.loc[paid, "expected_cost_milli"].sum()
    assert first["lines"]["win_back"]["committed_milli"] == 0
    assert then["committed_milli"] <= still.loc[~paid, "expected_cost_milli"].sum()


def test_a_night_with_a_line_is_proved(workspace: Path) -> None:
    with closing(open_store(store_url_in(workspace))) as store:
        proof = verify(workspace, f"{FIRST_NIGHT}.1", store, jobs=1, progress=silent)
    assert proof.stored == proof.bundles
