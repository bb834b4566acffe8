"""The policy `value`: a bundle only where it is surely worth its price, and lots where it may be."""

from dataclasses import replace

import numpy as np
import pytest

from engine.nightly.choosing.bundling import Sizes
from engine.nightly.choosing.offer_options import Context
from engine.nightly.choosing.plan_policy import BEST
from engine.nightly.choosing.plans import PricedPlans, lay_out
from engine.nightly.choosing.value_evening import ValueEvening
from engine.nightly.choosing.value_policy import plan_names, value
from models.ground.errors import BadInput
from models.response.exposure import MOST_SHARE, Exposure
from models.response.knowledge import NOTHING_KNOWN, Knowledge
from models.response.price_response import PriceResponse
from models.response.visit_effects import COEFFICIENTS, KINDS, VisitEffects
from tests.engine.nightly.bucket import options

SIZES = Sizes(min_items=2, max_items=3, min_new=0, max_new=1)
PRICES = [200, 300, 100, 200, 400, 250]
P_BUY = [0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
UNSURE = VisitEffects.prior(800.0)


def sure(plausible: float) -> VisitEffects:
    nearly = tuple(map(tuple, (np.eye(len(COEFFICIENTS)) * 1e-6).tolist()))
    return VisitEffects((plausible, 0.0, 0.0, 0.0, 0.0), nearly, 0.8, 0.01, 800.0)


def customer(**changes: object) -> Context:
    """One who comes twice a week and leaves 20.00 each time; six items that they know."""
    context = options(PRICES, P_BUY)
    known = {
        "visits_per_week": np.array([2.0]),
        "margin_per_visit_minor": np.array([2_000.0]),
        "overdue": np.full(len(context), 0.5),
        "buys": np.full(len(context), 4),
        "margin_minor": np.array([price * 3 // 10 for price in PRICES]),
        "window_days": np.array([7]),
    }
    return replace(context, **(known | changes))  # type: ignore[arg-type]


def night(context: Context, visits: VisitEffects, exposure: Exposure, **parameters: float) -> PricedPlans:
    knowledge = Knowledge.of(PriceResponse.prior(), visits, exposure)
    policy = value.with_parameters(parameters)
    return lay_out(policy, context, knowledge, sizes=SIZES, name_no=np.arange(len(context)))


def test_nobody_gets_a_bundle_where_offers_surely_bring_nobody() -> None:
    plans = night(customer(), sure(0.0), Exposure.first(0.5, 1_000.0))

    assert plans.taken(0).tolist() == [-1]
    assert plans.weighed.lot.tolist() == [BEST]
    assert (plans.weighed.value < 0).all()


def test_a_bundle_that_surely_pays_is_given_to_nearly_all() -> None:
    plans = night(customer(), sure(0.8), replace(Exposure.first(0.1, 0.0), most=MOST_SHARE))

    best = plans.taken(0)[0]
    assert plans.weighed.lower[0, best] > 0
    assert plans.weighed.p_exposed.tolist() == [MOST_SHARE]
    assert plans.names == plan_names()


def test_whose_visits_are_worth_little_gets_none_where_others_do() -> None:
    poor = night(customer(margin_per_visit_minor=np.array([20.0])), sure(0.8), Exposure.first(0.1, 0.0))

    assert poor.taken(0).tolist() == [-1]


def test_another_seed_of_the_programme_moves_nobodys_lot() -> None:
    words = Exposure.first(0.25, 1_000.0, "first")
    exposed = [
        night(
            replace(customer(), customer_id=np.array([f"c{name}"], dtype=object), seed=seed), UNSURE, words
        ).weighed.exposed.tolist()
        for name in range(40)
        for seed in (1, 2)
    ]

    assert exposed[::2] == exposed[1::2]
    assert [True] in exposed


def test_a_family_is_judged_by_its_own_response() -> None:
    prior = PriceResponse.prior()
    coffee = PriceResponse(
        replace(prior.incidence, family=(1.0,), family_error=(0.1,)),
        replace(prior.units, family=(1.0,), family_error=(0.1,)),
        replace(prior.kept, family=(0.9,), family_sd=(0.1,)),
        families=("coffee",),
    )
    knowledge = Knowledge.of(coffee, UNSURE, Exposure.first(0.25, 1_000.0))
    gains = []
    for family in ("coffee", "tea"):
        context = customer(response_family=np.array([family] * len(PRICES), dtype=object))
        plans = lay_out(value, context, knowledge, sizes=SIZES, name_no=np.arange(len(context)))
        gains.append(plans.weighed.parts["own_gain"].max())

    assert gains[0] > gains[1]


def test_what_may_pay_is_tried_by_lot_at_the_share_for_learning() -> None:
    plans = night(customer(), UNSURE, Exposure.first(0.25, 1_000.0))

    weighed = plans.weighed
    assert weighed.p_exposed.tolist() == [0.25]
    assert weighed.lot[0] != BEST
    assert weighed.plan_share.sum() == pytest.approx(1.0)
    assert weighed.plan_share[0, weighed.lot[0]] == 0.25  # of each kind of saving


def test_whoever_went_without_comes_first_once_the_lots_are_turned() -> None:
    def exposed(paid_days: int) -> list[bool]:
        paying = replace(Exposure.first(0.6, 0.0, "first", longest_weeks=4), most=0.6, paid_days=paid_days)
        return [
            night(
                replace(customer(), customer_id=np.array([f"c{name}"], dtype=object)), sure(0.8), paying
            ).weighed.exposed.tolist()[0]
            for name in range(30)
        ]

    before, after = exposed(27), exposed(28)

    assert not all(before)
    assert all(one or other for one, other in zip(before, after, strict=True))


def test_nothing_is_tried_once_the_sum_for_learning_is_spent() -> None:
    plans = night(customer(), UNSURE, Exposure.first(0.25, 0.0))

    assert plans.weighed.p_exposed.tolist() == [0.0]
    assert plans.weighed.exposed.tolist() == [False]


def test_a_known_item_that_will_hardly_be_used_is_in_no_bundle() -> None:
    unlikely = np.array([0.6, 0.5, 0.4, 0.3, 0.2, 0.001])

    plans = night(customer(p_buy=unlikely), sure(0.8), Exposure.first(0.1, 0.0))

    assert all(5 not in plan.rows for plan in plans.laid_out)


def test_a_favourite_is_loved_however_seldom_its_family_is_bought() -> None:
    context = customer(
        buys=np.array([9, 9, 3, 0, 1, 1]),
        response_family=np.array(["milk", "milk", "oil", "oil", "salt", "salt"], dtype=object),
    )

    evening = ValueEvening(context, PriceResponse.prior(), UNSURE, least_chance=0.02)

    loved = evening.savings[:, 0, KINDS.index("loved")] / context.discount_minor[:, 0]
    assert loved.tolist() == pytest.approx([9 / 19, 9 / 19, 3 / 4, 0.0, 1 / 3, 1 / 3])


def test_its_worth_is_the_sum_of_its_parts() -> None:
    weighed = night(customer(), sure(0.4), Exposure.first(0.1, 0.0)).weighed

    assert weighed.value == pytest.approx(weighed.parts["own_gain"] + weighed.parts["visits"])


def test_without_a_response_it_says_what_to_do() -> None:
    with pytest.raises(BadInput, match="fit --response"):
        lay_out(value, customer(), NOTHING_KNOWN, sizes=SIZES, name_no=np.arange(6))


def test_its_places_tell_their_parts_of_its_worth_in_money() -> None:
    effects = replace(sure(0.4), mean=(0.4, 0.1, 0.2, 0.0, -0.05))
    plans = night(customer(), effects, Exposure.first(0.1, 0.0))

    for level, plan in enumerate(plans.laid_out):
        for part in ("own_gain", "visits"):
            assert plan.total(plan.parts[part])[0] == pytest.approx(
                plans.weighed.parts[part][0, level], abs=1e-4
            )
        filled = plan.filled[0]
        without = np.array(P_BUY)[plan.rows[0][filled]]
        assert (plan.parts["p_buy_offer"][0][filled] > without).all()
        assert (plan.parts["deviation"][0][filled] > 0).all()
