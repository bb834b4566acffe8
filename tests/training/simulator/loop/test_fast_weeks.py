"""The fast loop: a night's own code on counted chances, the same dice, no store, no model."""

from dataclasses import replace

import numpy as np
import pytest

from engine.nightly.choosing.offer_options import Context
from engine.nightly.choosing.policy import Policy, Valuation, depth_rule, no_offers
from tests.training.simulator.conftest import changed
from tests.training.simulator.loop.taught import Counting
from training.simulator.loop.best_known import Rule
from training.simulator.loop.fast_weeks import FastShop
from training.simulator.loop.learner import Learner
from training.simulator.loop.recorded_weeks import AFTER_WEEKS
from training.simulator.loop.simulated_policies import POLICIES
from training.simulator.oracle.oracle import Oracle
from training.simulator.scores.forecasts import Coverage, Forecast, coverage
from training.simulator.world.offers_and_lines import beyond_minor
from training.simulator.world.world_files import load_world

HOUSEHOLDS, WEEKS = 80, 2


def always(policy: Policy):  # noqa: ANN201 - a policy of every night
    return lambda _night, _oracle: policy


@pytest.fixture(scope="module")
def shop() -> FastShop:
    small = {"assortment": {"families": 20, "products_per_family": 6.0}}
    return FastShop.open(changed(load_world("calibrated"), small), HOUSEHOLDS, seed=1)


def test_no_offers_live_the_same_weeks_as_nobody_asked(shop: FastShop) -> None:
    lived, without = shop.live(always(no_offers), WEEKS), shop.without(WEEKS)

    assert lived.weeks == WEEKS + AFTER_WEEKS
    assert lived.lines.equals(without.lines)
    assert len(lived.offers) == 0


def test_a_bundle_keeps_the_programmes_sizes_depths_and_exclusions(shop: FastShop) -> None:
    offers = shop.live(always(depth_rule), 1).offers
    bundle, flags = shop.programme.bundle, np.array(shop.world.shop.flags)

    places = offers.groupby("household").size()
    assert bundle.min_items <= places.min() <= places.max() <= bundle.max_items
    assert set(offers["discount_bp"]) <= set(shop.programme.depths.bp)
    assert not any("alcohol" in flags[product] for product in offers["product"])
    assert not offers.duplicated(["household", "product"]).any()


def test_nobody_is_offered_what_the_chain_sells_as_cheaply(shop: FastShop) -> None:
    """As at a real night, which is told of the week that begins."""
    offers = shop.live(always(depth_rule), 1).offers
    price, promo = shop.world.shop.price_minor, shop.world.week().promo_minor
    product = offers["product"].to_numpy()

    more = beyond_minor(price[product], offers["discount_bp"].to_numpy(), promo[product])
    assert (more > 0).all()
    assert (promo[product] > 0).any()


def test_an_offer_is_used_once_and_while_it_is_valid(shop: FastShop) -> None:
    lived = shop.live(always(depth_rule), WEEKS)
    used = lived.lines[lived.lines["offer_no"] >= 0].merge(
        lived.offers, on="offer_no", suffixes=("", "_offered")
    )

    assert len(used) > 0
    assert not used.duplicated("offer_no").any()
    assert (used["household"] == used["household_offered"]).all()
    assert (used["product"] == used["product_offered"]).all()
    assert ((used["first_day"] <= used["day"]) & (used["day"] < used["end_day"])).all()


def test_nothing_that_a_policy_does_changes_the_shop_of_the_next_one(shop: FastShop) -> None:
    before = shop.without(1)
    shop.live(POLICIES["random_bundles"], 1)

    assert shop.without(1).lines.equals(before.lines)


def test_a_policy_lives_the_same_weeks_twice(shop: FastShop) -> None:
    first, second = (shop.live(POLICIES["random_bundles"], WEEKS) for _ in range(2))

    assert first.lines.equals(second.lines)
    assert first.offers.equals(second.offers)


def test_a_policy_that_learns_is_told_every_week_and_held_to_its_forecasts(shop: FastShop) -> None:
    learner, heard = Counting(), dict[int, Forecast]()
    lived = shop.live(learner, WEEKS, heard=heard)

    assert isinstance(learner, Learner)
    assert learner.memory().facts == {"weeks": WEEKS}
    assert learner.memory().arrays["uses"].sum() == (lived.lines["personal_minor"] > 0).sum()
    assert list(heard) == [1]
    assert coverage(heard, lived, shop.without(WEEKS)) == Coverage(1, 1)
    assert coverage({1: Forecast(-2e6, -1e6)}, lived, shop.without(WEEKS)) == Coverage(1, 0)


def test_a_rule_offers_on_its_nights_and_to_those_whose_turn_it_is(shop: FastShop) -> None:
    second = shop.live(Rule("top_affinities", rhythm="every_second"), WEEKS).offers
    halves = shop.live(Rule("top_affinities", rhythm="halves"), WEEKS).offers

    assert set(second["first_day"]) == {0}
    assert (halves["household"] % 2 == halves["first_day"] // 7 % 2).all()
    assert set(halves["first_day"]) == {0, 7}


def test_the_oracle_takes_part(shop: FastShop) -> None:
    asked: list[Oracle] = []

    def policy(night: int, oracle: Oracle) -> Policy:
        asked.append(oracle)
        return POLICIES["oracle"](night, oracle)

    shop.live(policy, WEEKS)
    assert [one.days_left for one in asked] == [(WEEKS + AFTER_WEEKS) * 7, (WEEKS + AFTER_WEEKS - 1) * 7]
    assert asked[0].lessons is asked[1].lessons is not None


def test_a_night_tells_a_policy_of_its_customers_and_their_offers_of_late(shop: FastShop) -> None:
    told: list[tuple[float, int, int, float]] = []

    def value(options: Context, **parameters: float) -> Valuation:
        known = (options.visits_per_week, options.margin_per_visit_minor, options.overdue)
        seen, used = int(options.offers_seen.sum()), int(options.offers_used.sum())
        told.append((float(np.median(known[0])), seen, used, float(np.nanmedian(known[2]))))
        assert np.nanmedian(known[1]) > 0
        made: Valuation = depth_rule.value(options, **parameters)
        return made

    facts = {"visits_per_week", "margin_per_visit_minor", "overdue", "offers_seen", "offers_used"}
    shop.live(always(replace(depth_rule, value=value, needs=depth_rule.needs | facts)), WEEKS)
    (first, second) = told
    assert 0.2 < first[0] < 7
    assert first[1:3] == (0, 0)
    assert second[1] > second[2] > 0
    assert 0 < first[3] < 5
