"""An offer at another depth, from what was logged of it."""

import numpy as np
import pytest

from models.response.offer_otherwise import LoggedOffer, visits_minor
from models.response.price_response import PriceResponse
from models.response.visit_effects import AT_ONCE, COEFFICIENTS, KINDS, LATER, VisitEffects

PRIOR = PriceResponse.prior()
DEPTHS = [1000, 2000]


def offers() -> list[LoggedOffer]:
    """Milk of 2.00 with a margin of .60, kept to .35, at 10 and at 20 %, as `value` weighs it."""
    found = PRIOR.chances([0.4], [1.5], [3], [-1], DEPTHS)
    made = []
    for place, depth in enumerate(DEPTHS):
        chance, units = float(found.chance[0, place]), float(found.units[0, place])
        discount = chance * units * 200 * depth / 10_000
        own = 0.35 * (chance * units - 0.6) * 60 - discount
        made.append(LoggedOffer(depth, 0.4, 1.5, chance, units, own, discount, (depth / 50, 0.0, 4.0, 0.0)))
    return made


def test_an_offer_at_another_depth_is_what_the_night_would_have_logged() -> None:
    shallow, deep = offers()

    found = deep.at(1000)

    assert (found.p_buy_offer, found.units_offer) == pytest.approx((shallow.p_buy_offer, shallow.units_offer))
    assert (found.own_gain, found.discount) == pytest.approx((shallow.own_gain, shallow.discount))
    assert found.savings[KINDS.index("loved")] == pytest.approx(2.0)


def test_without_the_offer_nothing_is_gained_and_nothing_saved() -> None:
    deep = offers()[1].without()

    assert (deep.p_buy_offer, deep.units_offer, deep.own_gain, sum(deep.savings)) == (0.4, 1.5, 0.0, 0.0)


def test_an_item_that_nobody_buys_stays_so_at_any_depth() -> None:
    found = LoggedOffer(2000, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, (0.0,) * 4).at(1000)

    assert (found.p_buy_offer, found.own_gain, found.discount) == (0.0, 0.0, 0.0)


def test_visits_brought_are_those_of_all_savings_together_and_none_without_a_bundle() -> None:
    nearly = tuple(map(tuple, (np.eye(len(COEFFICIENTS)) * 1e-6).tolist()))
    effects = VisitEffects((0.5, 0.0, 0.0, 0.0, -0.1), nearly, 0.4, 0.1, 40.0)
    deep = offers()[1]

    assert visits_minor([deep], effects, 1_000.0) == pytest.approx(
        1_000 * 0.4 * (0.5 * 40 / (40 + 20) - 0.1 * (AT_ONCE + LATER))
    )
    assert visits_minor([deep.without()], effects, 1_000.0) == 0.0
