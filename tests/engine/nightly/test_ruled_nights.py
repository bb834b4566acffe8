"""Whole nights under [rules]: who gets nothing or nothing deep, what is told of it, and that it can be proved."""

import json
import shutil
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from engine.cli import app
from engine.commands.night_summary import night_summary
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.run import NightResult
from engine.nightly.verify import verify
from engine.programme import programme_text
from engine.settings import store_url_in
from engine.store import open_store
from engine.watch.run_page import write_report
from tests.engine.nightly.shop_nights import FIRST_NIGHT, change, night, silent

pytestmark = (
    pytest.mark.long
)  # nights of their own; what rules take is a quick law in tests/laws/test_rule_laws.py

NOBODY_HELD_OUT = programme_text().replace("share = 0.10", "share = 0.0")
RULES = '\n[rules]\nloyalty_true = "none"\nclient = "at_most 1500"\nat_height = "at_most 1000"\n'


@pytest.fixture(scope="module")
def workspace(opened_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Path(shutil.copytree(opened_shop, tmp_path_factory.mktemp("rules") / "workspace"))
    night(made, FIRST_NIGHT, programme=NOBODY_HELD_OUT, rules=RULES)
    return made


def table(workspace: Path, kind: str) -> pd.DataFrame:
    files = sorted((workspace / "runs" / f"{FIRST_NIGHT}.1" / kind).glob("*.parquet"))
    return pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)


def test_who_is_ruled_out_gets_no_bundle_and_the_log_says_by_which_rule(workspace: Path) -> None:
    loyal = set(table(workspace, "people").query("loyalty == 'true'")["customer_id"])
    assert loyal
    outcomes = table(workspace, "outcomes").set_index("customer_id")["outcome"]
    assert set(outcomes[outcomes == "ruled_out"].index) == loyal & set(outcomes.index)
    ruled = table(workspace, "ruled").set_index("customer_id")
    assert set(ruled.loc[sorted(loyal), "rule"]) == {"loyalty_true"}
    assert ruled.loc[sorted(loyal), "matched"].str.startswith("loyalty_true").all()


def test_the_shallowest_depth_counts_and_no_offer_is_deeper(workspace: Path) -> None:
    ruled = table(workspace, "ruled")
    slots = table(workspace, "slots").merge(ruled, on="customer_id")
    assert len(slots) > 0
    assert (slots["discount_bp"] <= slots["at_most_bp"]).all()
    both = ruled[ruled["matched"].str.contains("at_height,client")]
    assert set(both["at_most_bp"]) <= {1000.0}


def test_what_a_rule_removed_stands_in_the_manifest_the_summary_and_the_page(workspace: Path) -> None:
    manifest = RunFolder.of(workspace, f"{FIRST_NIGHT}.1").manifest()
    told = manifest["rules"]
    assert list(told) == ["at_height", "client", "loyalty_true"]
    gone = told["loyalty_true"]
    assert gone["customers"] >= gone["bundles"] > 0
    assert gone["uses_milli"] > gone["uses_kept_milli"] == 0
    capped = told["client"]
    assert capped["cost_kept_milli"] <= capped["cost_milli"]
    summary = night_summary(NightResult(f"{FIRST_NIGHT}.1", manifest, 2, 0), "USD", 90)
    assert "rule       loyalty_true: none, " in summary
    assert "rule       client: at most 15 %, " in summary
    page = write_report(workspace, f"{FIRST_NIGHT}.1").read_text(encoding="utf-8")
    assert "expected uses removed by the rule loyalty_true: none" in page


def test_show_says_which_rule_left_a_customer_without_and_which_capped_their_depth(workspace: Path) -> None:
    outcomes = table(workspace, "outcomes")
    ruled = table(workspace, "ruled").set_index("customer_id")
    out = outcomes.loc[outcomes["outcome"] == "ruled_out", "customer_id"].iloc[0]
    capped = next(
        name for name in outcomes.loc[outcomes["outcome"] == "bundle", "customer_id"] if name in ruled.index
    )
    asked = ["--workspace", str(workspace), "--now", FIRST_NIGHT, "--customer", out, "--customer", capped]
    shown = CliRunner().invoke(app, ["show", *asked])
    assert f"Customer {out} has no bundle: a rule of the programme's [rules] gives them none" in shown.output
    assert "rule: loyalty_true: none" in shown.output
    facts = json.loads(CliRunner().invoke(app, ["show", *asked, "--json"]).output)["customers"]
    assert facts[1]["rule"]["at_most_bp"] in (1000, 1500)


def test_a_night_under_rules_is_proved(workspace: Path) -> None:
    with closing(open_store(store_url_in(workspace))) as store:
        proof = verify(workspace, f"{FIRST_NIGHT}.1", store, jobs=1, progress=silent)
    assert proof.stored == proof.bundles


@pytest.mark.long
def test_who_is_ruled_out_leaves_the_household_its_bundle(
    opened_shop: Path, tmp_path: Path, workspace: Path
) -> None:
    outcomes = table(workspace, "outcomes").set_index("customer_id")["outcome"]
    pairs = list(
        zip(
            sorted(outcomes[outcomes == "ruled_out"].index),
            sorted(outcomes[outcomes == "bundle"].index),
            strict=False,
        )
    )
    household = {name: f"h{number}" for number, pair in enumerate(pairs) for name in pair}
    made = Path(shutil.copytree(opened_shop, tmp_path / "workspace"))
    change(made, "customers", lambda people: people.assign(household_id=people["customer_id"].map(household)))
    night(made, FIRST_NIGHT, programme=NOBODY_HELD_OUT, rules=RULES)
    then = table(made, "outcomes").set_index("customer_id")["outcome"]
    assert [(then[out], then[other]) for out, other in pairs] == [("ruled_out", "bundle")] * len(pairs)
