from pathlib import Path

import numpy as np
import pandas as pd

from engine.domain.bundle import Kind, OfferState
from engine.nightly.choosing.allocation import NOTHING
from engine.nightly.choosing.assignment import Assigned, assign_bucket, bundles_of
from engine.nightly.choosing.bucket_plan import BucketPlan, plan_bucket
from engine.nightly.choosing.policy import Policy, depth_rule, no_offers
from engine.nightly.shelf.assortment import build_assortment
from engine.programme import Programme
from engine.wording.language_files import load_sentences
from models.tables import OUTCOMES, SLOT_LOG
from tests.engine.nightly.bucket import candidates, customers, items, night, programme

P_BUY = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]
SHELF_PRICES = [299, 200, 200, 200, 200, 200]


def planned(
    rules: Programme | None = None,
    *,
    consent: bool | None = None,
    open_customers: frozenset[str] = frozenset(),
    paused: str = "nobody",
    arm: str = "treated",
    policy: Policy = depth_rule,
    p_buy: list[float] | None = None,
    **person: object,
) -> BucketPlan:
    tonight = night(rules)
    return plan_bucket(
        tonight,
        build_assortment(items(SHELF_PRICES), tonight.programme),
        customers(**person),
        candidates(P_BUY if p_buy is None else p_buy),
        consent=pd.Series([consent], index=[0], dtype=object),
        open_customers=open_customers,
        paused={why: {"c0"} if why == paused else set() for why in ("complaint", "moved")},
        arms={"c0": arm},
        policy=policy,
    )


def settled(plan: BucketPlan, shadow_price_index: int = 0) -> Assigned:
    tonight = night()
    assortment = build_assortment(items(SHELF_PRICES), tonight.programme)
    return assign_bucket(plan, tonight, assortment, shadow_price_index, load_sentences("en"))


def outcome(plan: BucketPlan, shadow_price_index: int = 0) -> str:
    return str(settled(plan, shadow_price_index).customers["outcome"][0])


def test_every_customer_without_a_bundle_is_told_apart() -> None:
    assert outcome(planned(arm="holdout")) == "holdout"
    assert outcome(planned(consent=False)) == "no_consent"
    assert outcome(planned(days_since_visit=57.0)) == "not_seen"
    assert outcome(planned(paused="complaint")) == "open_complaint"
    assert outcome(planned(paused="moved")) == "moved"
    assert outcome(planned(open_customers=frozenset({"c0"}))) == "has_open_bundle"
    assert outcome(planned(p_buy=P_BUY[:4])) == "too_few_items"
    assert outcome(planned(policy=no_offers)) == "no_value"
    assert outcome(planned(), NOTHING) == "budget"
    assert outcome(planned()) == "bundle"


def test_the_programme_says_what_contacts_stop() -> None:
    only_moved = programme(('pauses_offers = ["complaint", "moved"]', 'pauses_offers = ["moved"]'))
    assert outcome(planned(only_moved, paused="complaint")) == "bundle"
    assert outcome(planned(only_moved, paused="moved")) == "moved"


def test_a_customer_without_a_bundle_has_no_slots_and_costs_nothing() -> None:
    plan = planned(open_customers=frozenset({"c0"}))
    assert (len(plan.slots), plan.cost_milli.max(), len(settled(plan).slots)) == (0, 0, 0)


def test_a_slot_is_logged_with_all_that_led_to_it() -> None:
    slots = settled(planned()).slots
    assert tuple(slots.columns) == SLOT_LOG.names
    first = slots.iloc[0]
    assert (first["item_id"], first["kind"], first["discount_bp"], first["offer_price_minor"]) == (
        "a",
        "preferred",
        1000,
        269,
    )
    assert (first["expected_cost_milli"], first["value"], first["margin_assumed"]) == (27_000, 0.9, True)
    assert (first["reason"], first["reason_text"]) == ("due_now", "You usually buy it every 6 days")
    assert first["value_parts"] == '{"uses": 0.9, "depth_share": 1.0}'
    assert (first["valid_from"], first["valid_to"]) == (
        pd.Timestamp("2017-12-04", tz="UTC"),
        pd.Timestamp("2017-12-09", tz="UTC"),
    )


def test_an_outcome_carries_the_scores_and_the_candidates_considered() -> None:
    why = "came 1 time in the last 84 days"
    made = settled(planned(p_churn=0.4, p_churn_long=0.25, p_partial=0.5, churn_reasons=why)).customers
    assert tuple(made.columns) == OUTCOMES.names
    scores = made[["p_churn", "p_churn_long", "p_partial", "churn_reasons"]].iloc[0].tolist()
    assert (*scores, str(made["next_visit"][0])[:10]) == (0.4, 0.25, 0.5, why, "2017-12-08")
    assert made["considered_own_history"].tolist() == [6]


def test_what_is_not_known_of_leaving_is_missing() -> None:
    made = settled(planned(p_churn=np.nan, p_churn_long=np.nan, p_partial=np.nan)).customers
    assert made[["p_churn", "p_churn_long", "p_partial", "churn_reasons"]].isna().all(axis=None)


def test_an_unknown_next_visit_has_no_date_and_the_longest_window() -> None:
    plan = planned(next_visit_days=float("nan"))
    assert (plan.customers["next_visit"].isna()[0], plan.customers["valid_days"][0]) == (np.True_, 7)


def test_a_plan_comes_back_from_disk_as_it_was(tmp_path: Path) -> None:
    plan = planned()
    plan.save(tmp_path / "bucket=0000")
    plan.save(tmp_path / "bucket=0000")
    loaded = BucketPlan.load(tmp_path / "bucket=0000")
    pd.testing.assert_frame_equal(settled(plan).slots, settled(loaded).slots)
    pd.testing.assert_frame_equal(settled(plan).customers, settled(loaded).customers)
    assert loaded.cost_milli.tolist() == plan.cost_milli.tolist()
    assert [path.name for path in tmp_path.iterdir()] == ["bucket=0000"]


def test_slots_become_a_bundle_to_publish() -> None:
    (bundle,) = bundles_of(settled(planned()).slots, programme().activation)
    assert (bundle.customer_id, bundle.run_id, bundle.slots_total, len(bundle.offers)) == (
        "c0",
        "2017-12-04.1",
        6,
        6,
    )
    assert {type(bundle.offers[0].item.price_minor), type(bundle.offers[0].expected_cost_milli)} == {int}
    assert (bundle.offers[0].kind, bundle.offers[0].state) == (Kind.PREFERRED, OfferState.ACTIVATED)


def test_where_customers_choose_more_is_offered_than_can_be_active() -> None:
    choosing = programme(('mode = "automatic"', 'mode = "choose"'), ("slots = 6 ", "slots = 2 "))
    (bundle,) = bundles_of(settled(planned()).slots, choosing.activation)
    assert (bundle.slots_total, len(bundle.offers)) == (2, 6)
    assert {offer.state for offer in bundle.offers} == {OfferState.OFFERED}


def test_an_empty_bucket_gives_an_empty_night() -> None:
    tonight = night()
    plan = plan_bucket(
        tonight,
        build_assortment(items(SHELF_PRICES), tonight.programme),
        customers(0),
        candidates([]),
        consent=pd.Series(dtype=object),
        open_customers=(),
        policy=depth_rule,
    )
    made = settled(plan)
    assert (
        len(made.slots),
        len(made.customers),
        list(bundles_of(made.slots, tonight.programme.activation)),
    ) == (0, 0, [])
