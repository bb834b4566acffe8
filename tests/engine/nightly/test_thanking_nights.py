"""Nights that thank some customers instead of discounts, and make good what was settled, each from a line of its own."""

import json
import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from engine.cli import app
from engine.commands.night_summary import night_summary
from engine.domain.contacts import Channel, Contact, Found
from engine.domain.grants import GrantKind
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.run import NightResult
from engine.nightly.verify import verify
from engine.settings import store_url_in
from engine.store import Store, open_store
from engine.store.choices.contact_log import record_contacts
from engine.store.grants.kept_grants import KeptGrant, grants_of
from tests.engine.nightly.shop_nights import FIRST_NIGHT, SECOND_NIGHT, night, silent

pytestmark = (
    pytest.mark.long
)  # nights of their own; what rules take is a quick law in tests/laws/test_rule_laws.py

NOW = datetime(2024, 4, 8, 1, tzinfo=UTC)
SETTLED = "c003"
RULES = """
[rules]
client = "thank_you"

[rules.thank_you]
each_minor = 300
every_days = 56
valid_days = 14
says = "Thank you for coming so often."
amount_minor = 2_700
period = "week"

[rules.compensation]
each_minor = 500
within_days = 14
valid_days = 28
says = "We are sorry for the sour milk."
amount_minor = 1_000
period = "week"
"""


@pytest.fixture(scope="module")
def workspace(opened_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Path(shutil.copytree(opened_shop, tmp_path_factory.mktemp("thanks") / "workspace"))
    with closing(open_store(store_url_in(made))) as store:
        for day, found in ((20, Found.COMPLAINT), (25, Found.COMPLAINT_SETTLED)):
            at = datetime(2024, 3, day, 12, tzinfo=UTC)
            record_contacts(store, [Contact(SETTLED, at, found, Channel.CALL, "Olga")], now=at)
    night(made, FIRST_NIGHT, rules=RULES)
    return made


def table(workspace: Path, kind: str, run: str = f"{FIRST_NIGHT}.1") -> pd.DataFrame:
    files = sorted((workspace / "runs" / run / kind).glob("*.parquet"))
    return pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)


def given(store: Store, kind: GrantKind, names: "pd.Series[str]") -> dict[str, list[KeptGrant]]:
    with store.reading() as connection:
        held = {name: grants_of(connection, name, NOW) for name in names}
    mine = {name: [one for one in kept if one.grant.kind is kind] for name, kept in held.items()}
    return {name: kept for name, kept in mine.items() if kept}


def test_regular_customers_are_thanked_by_turns_as_far_as_the_line_pays_and_who_is_held_out_never(
    workspace: Path,
) -> None:
    outcomes = table(workspace, "outcomes")
    assert not set(outcomes.loc[outcomes["outcome"] == "thank_you", "customer_id"]) & set(
        table(workspace, "slots")["customer_id"]
    )
    held = set(outcomes.loc[outcomes["arm"] == "holdout", "customer_id"])
    line = RunFolder.of(workspace, f"{FIRST_NIGHT}.1").manifest()["budget"]["lines"]["thank_you"]
    with closing(open_store(store_url_in(workspace))) as store:
        thanked = given(store, GrantKind.THANK_YOU, outcomes["customer_id"])
    # 31 March is a Sunday: the last night of its week may plan all of it
    assert len(thanked) == line["given"] == 9 < line["due"]
    assert line["planned_milli"] == 2_700_000 <= line["allowance_milli"]
    assert held
    assert not held & set(thanked)
    grant = next(iter(thanked.values()))[0].grant
    assert (grant.amount_minor, grant.reason, grant.budget_line) == (
        300,
        "Thank you for coming so often.",
        "rules.thank_you",
    )
    assert grant.valid_from == datetime(2024, 3, 31, tzinfo=UTC)
    assert grant.valid_to == datetime(2024, 4, 14, tzinfo=UTC)


def test_a_settled_complaint_is_made_good_once(workspace: Path) -> None:
    with closing(open_store(store_url_in(workspace))) as store:
        (kept,) = given(store, GrantKind.COMPENSATION, pd.Series([SETTLED]))[SETTLED]
    assert (kept.grant.amount_minor, kept.grant.given_by) == (500, f"{FIRST_NIGHT}.1")


def test_it_stands_in_the_summary_and_show_says_so(workspace: Path) -> None:
    folder = RunFolder.of(workspace, f"{FIRST_NIGHT}.1")
    summary = night_summary(NightResult(folder.run_id, folder.manifest(), 2, 0), "USD", 90)
    assert "line       thank_you: expected cost 27.00 of 27.00 USD" in summary
    assert "given to 9 of " in summary
    gifts = pd.read_parquet(folder.grants)
    thanked = gifts.loc[gifts["kind"] == "thank_you", "customer_id"].iloc[0]
    asked = ["show", "--workspace", str(workspace), "--now", FIRST_NIGHT, "--customer", thanked]
    shown = CliRunner().invoke(app, asked).output
    assert (
        f"Customer {thanked} has no bundle: a rule of the programme's [rules] gives them a thank-you" in shown
    )
    assert "rule: client: thank_you, given that night" in shown


def test_a_night_that_thanks_is_proved(workspace: Path) -> None:
    with closing(open_store(store_url_in(workspace))) as store:
        proof = verify(workspace, f"{FIRST_NIGHT}.1", store, jobs=1, progress=silent)
    assert proof.stored == proof.bundles


def test_a_repeated_night_gives_nobody_twice_and_a_rollback_takes_back_what_is_unused(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ABONEMENT_CLOCK", "fixed:2024-04-01T08:00:00Z")
    made = Path(shutil.copytree(workspace, tmp_path / "workspace"))
    night(made, FIRST_NIGHT, rules=RULES)
    everybody = table(made, "outcomes")["customer_id"]
    with closing(open_store(store_url_in(made))) as store:
        thanked = given(store, GrantKind.THANK_YOU, everybody)
    assert {len(kept) for kept in thanked.values()} == {1}
    assert len(thanked) == 9
    told = CliRunner().invoke(
        app, ["runs", "rollback", f"{FIRST_NIGHT}.2", "--workspace", str(made), "--json"]
    )
    assert json.loads(told.output)["grants_taken_back"] == 10
    with closing(open_store(store_url_in(made))) as store:
        assert {
            one.state_at(NOW).value
            for kept in given(store, GrantKind.THANK_YOU, everybody).values()
            for one in kept
        } == {"cancelled"}
    night(made, FIRST_NIGHT, rules=RULES)
    with closing(open_store(store_url_in(made))) as store:
        again = given(store, GrantKind.THANK_YOU, everybody)
    assert sum(one.left_minor > 0 for kept in again.values() for one in kept) == 9


def test_who_was_thanked_waits_and_the_others_come_first(workspace: Path) -> None:
    night(workspace, SECOND_NIGHT, rules=RULES, accepted=("expected_cost", "mean_depth"))
    before, after = (
        pd.read_parquet(RunFolder.of(workspace, f"{day}.1").grants) for day in (FIRST_NIGHT, SECOND_NIGHT)
    )
    assert len(after[after["kind"] == "thank_you"])
    assert not set(after["customer_id"]) & set(before["customer_id"])
    assert not (after["kind"] == "compensation").any()
