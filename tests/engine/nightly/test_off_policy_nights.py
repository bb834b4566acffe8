"""What another policy would have brought, from what nights logged; and when they do not say it."""

import shutil
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.cli import main
from engine.nightly.choosing.bucket_plan import plan_bucket
from engine.nightly.choosing.drawn_actions import NOTHING_GIVEN, Action, DrawnActions, drawn_actions
from engine.nightly.choosing.policies import named_policy
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.off_policy import LoggedActions, add_night, off_policy, planned_actions, target_of, valued
from engine.nightly.shelf.assortment import build_assortment
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.nights.run_records import all_runs
from models.ground.errors import BadInput
from models.sources import open_data
from tests.engine.nightly.bucket import candidates, customers, items, night
from tests.engine.nightly.choosing.test_plans_of_a_night import P_BUY, policy
from tests.engine.nightly.shop_nights import FIRST_NIGHT, change, silent

MILK: Action = (("milk", 1000), ("bread", 1000))
TEA: Action = (("tea", 1000), ("bread", 1000))
USES = {MILK: 1.0, TEA: 1.0, NOTHING_GIVEN: 0.0}


def rows(target: dict[Action, float], logged: dict[Action, float], customers_: int = 600) -> LoggedActions:
    """A night on which milk is used by 6 of 10, tea by 2, and bread by 4; two visits with a bundle, one without."""
    dice = np.random.default_rng(11)
    found = LoggedActions()
    actions = list(logged)
    for number in range(customers_):
        given = actions[int(dice.choice(len(actions), p=list(logged.values())))]
        first = {MILK: 0.6, TEA: 0.2, NOTHING_GIVEN: 0.0}[given]
        found.customer.append(f"c{number}")
        found.night.append("2024-03-31.1")
        found.given.append(given)
        found.uses.append(tuple((dice.random(len(given)) < [first, 0.4][: len(given)]).astype(float)))
        found.visits.append(2.0 if given else 1.0)
        found.logged.append(DrawnActions(logged, USES, 7))
        found.target.append(DrawnActions(target, USES, 7))
    return found


def test_a_policy_is_valued_by_whole_bundles_slot_by_slot_and_with_the_scores() -> None:
    found, refused = valued(rows({MILK: 1.0}, {MILK: 0.4, TEA: 0.4, NOTHING_GIVEN: 0.2}))

    assert refused == {}
    for name in ("uses_by_slot", "uses", "uses_doubly_robust"):
        low, high = found[name].value.interval(0.999)
        assert low < 1.0 < high
    assert found["visits"].value.value == pytest.approx(2.0)
    assert found["visits"].logged.value < 2.0


def test_what_no_lot_could_have_shown_is_refused_by_every_estimate_in_a_sentence() -> None:
    found, refused = valued(rows({(("coffee", 1000), ("jam", 500)): 1.0}, {MILK: 1.0}))

    assert found == {}
    assert set(refused) == {"uses_by_slot", "uses", "uses_doubly_robust", "visits"}
    assert refused["uses"].startswith(
        "expected logged nights that could have shown at least 99% of what the policy would"
    )


def test_a_slot_that_was_shown_is_told_where_the_whole_bundle_was_not() -> None:
    other: Action = (("milk", 1000), ("jam", 500))
    logged = {MILK: 0.5, (("tea", 1000), ("jam", 500)): 0.5}

    def with_jam(one: LoggedActions) -> LoggedActions:
        one.given = [given if given == MILK else (("tea", 1000), ("jam", 500)) for given in one.given]
        one.logged = [DrawnActions(logged, USES, 7)] * len(one.given)
        one.target = [DrawnActions({other: 1.0}, USES, 7)] * len(one.given)
        return one

    found, refused = valued(with_jam(rows({MILK: 1.0}, {MILK: 0.5, TEA: 0.5})))

    assert list(found) == ["uses_by_slot"]
    assert "could have shown" in refused["uses"]


def test_all_that_a_lot_could_have_given_is_named_with_its_chance() -> None:
    tonight = night()
    assortment = build_assortment(items([200] * 6), tonight.programme)
    learning = policy(
        lot=np.array([0]),
        plan_share=np.array([[0.5, 0.5]]),
        exposed=np.array([True]),
        p_exposed=np.array([0.2]),
    )
    plan = plan_bucket(
        tonight,
        assortment,
        customers(1),
        candidates(P_BUY),
        consent=pd.Series([None], dtype=object),
        open_customers=(),
        policy=learning,
        every_plan=True,
    )

    (one,) = drawn_actions(plan, assortment, 0).values()

    depths = sorted({action[0][1] for action in one.chances if action})
    assert depths == [1000, 2000]
    assert one.chances[NOTHING_GIVEN] == pytest.approx(0.8)
    # each depth was drawn with a chance of a half
    assert [chance for action, chance in one.chances.items() if action] == pytest.approx([0.1 / 2**6] * 2)
    assert max(one.expected_uses.values()) == pytest.approx(sum(P_BUY))


@pytest.mark.long
def test_a_logged_night_is_planned_again_as_it_was(shop_after_a_night: Path) -> None:
    folder = RunFolder.of(shop_after_a_night, f"{FIRST_NIGHT}.1")

    could = planned_actions(shop_after_a_night, folder, named_policy("depth_rule"), None, 1, silent)

    slots = pd.concat([pd.read_parquet(file) for file in folder.slot_files()]).sort_values(
        ["customer_id", "slot"]
    )
    assert set(slots["customer_id"]) <= set(could)
    for name, theirs in slots.groupby("customer_id"):
        given = tuple(zip(theirs["item_id"], theirs["discount_bp"], strict=True))
        assert could[str(name)].chances == {given: 1.0}


@pytest.mark.long
def test_a_night_that_left_nothing_to_lots_cannot_value_another_policy(
    shop_after_a_night: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    workspace = Path(shutil.copytree(shop_after_a_night, tmp_path / "workspace"))
    told = []
    for asked in (["--policy", "no_offers"], ["--policy", "value"], []):
        monkeypatch.setattr(
            "sys.argv", ["abonement", "off-policy", "--workspace", str(workspace), "--jobs", "1", *asked]
        )
        with pytest.raises(SystemExit) as leaving:
            main()
        told.append((leaving.value.code, capsys.readouterr().err))

    assert [code for code, _ in told] == [2, 2, 2]
    assert all(said.count("\n") == 1 for _, said in told)
    assert told[0][1].startswith(
        ("These nights cannot tell what the policy would bring", "No window of these nights has ended")
    )
    assert "was told of no response" in told[1][1]
    assert told[2][1].startswith("Expected --policy NAME or --programme FILE")


@pytest.mark.long
def test_what_came_of_a_night_is_counted_within_each_customers_window(
    shop_after_a_night: Path, tmp_path: Path
) -> None:
    workspace = Path(shutil.copytree(shop_after_a_night, tmp_path / "workspace"))
    change(workspace, "purchases", _five_more_weeks)
    bought = pd.read_parquet(workspace / "shop" / "purchases.parquet")
    folder = RunFolder.of(workspace, f"{FIRST_NIGHT}.1")
    could = planned_actions(workspace, folder, named_policy("depth_rule"), None, 1, silent)
    found = LoggedActions()

    with closing(open_store(store_url_in(workspace))) as store:
        (run,) = all_runs(store)
        add_night(found, folder, run, store, open_data(workspace), could, could)
        target = target_of(named_policy("depth_rule"), None)
        with pytest.raises(
            BadInput, match=r"cannot tell what the policy would bring: expected nights worth at least 100"
        ):
            off_policy(workspace, [run], store, open_data(workspace), target, jobs=1, progress=silent)

    assert len(found.customer) == len(could) > 40
    starts = pd.Timestamp(FIRST_NIGHT, tz="UTC")
    for name, visits, given in zip(found.customer, found.visits, found.given, strict=True):
        ends = starts + pd.Timedelta(days=could[name].days)
        theirs = bought[
            (bought["customer_id"] == name) & bought["purchased_at"].between(starts, ends, inclusive="left")
        ]
        assert visits == theirs["purchased_at"].dt.date.nunique()
        assert could[name].chances == {given: 1.0}
    assert sum(found.visits) > 0


def _five_more_weeks(purchases: pd.DataFrame) -> pd.DataFrame:
    """The last five weeks once more, five weeks later."""
    late = purchases[purchases["purchased_at"] >= purchases["purchased_at"].max() - pd.Timedelta(days=34)]
    again = late.assign(
        basket_id="later-" + late["basket_id"], purchased_at=late["purchased_at"] + pd.Timedelta(days=35)
    )
    return pd.concat([purchases, again], ignore_index=True)
