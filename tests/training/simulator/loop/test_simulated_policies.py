"""Each policy on four candidates of two customers; the oracle's own choice is tested with the oracle."""

import numpy as np

from engine.nightly.choosing.offer_options import Options
from engine.nightly.choosing.policy import ask
from engine.nightly.choosing.policy_fingerprint import fingerprint
from tests.training.simulator.conftest import SMALL, changed
from training.simulator.loop.simulated_policies import POLICIES, random_bundles, top_affinities
from training.simulator.oracle.oracle import Oracle
from training.simulator.world.world import World
from training.simulator.world.world_files import load_world


def options(order: list[int] | None = None) -> Options:
    rows = np.array([0, 1, 2, 3] if order is None else order)
    return Options(
        seed=4,
        depths_bp=np.array([1000, 1500, 2000]),
        customer_id=np.array(["anna", "ben"], dtype=object),
        customer=np.array([0, 0, 1, 1])[rows],
        item_id=np.array(["milk", "bread", "milk", "eggs"], dtype=object)[rows],
        item_no=np.array([0, 1, 0, 2])[rows],
        p_buy=np.array([0.5, 0.25, 0.75, 0.125])[rows],
        p_repeat=np.full(4, np.nan),
        expected_units=np.ones(4),
        buys=np.array([3, 0, 5, 1])[rows],
        sources=np.ones(4, dtype=np.uint8),
        p_churn=np.full(4, 0.1),
        price_minor=np.full(4, 200),
        vat_bp=np.zeros(4),
        allowed=np.ones((4, 3), dtype=np.bool_),
        discount_minor=np.full((4, 3), 20),
        expected_cost_milli=np.ones((4, 3), dtype=np.int64),
        removed_by=np.zeros(4, dtype=np.uint8),
    )


def test_top_affinities_offers_the_likeliest_at_fifteen_percent_and_at_no_other_depth() -> None:
    value = ask(top_affinities, options()).value
    assert value[:, 1].tolist() == [0.5, 0.25, 0.75, 0.125]
    assert np.isneginf(value[:, [0, 2]]).all()


def test_random_bundles_draw_one_depth_for_each_candidate_and_say_how_likely_it_was() -> None:
    choice = ask(random_bundles(0), options())
    assert (np.isfinite(choice.value).sum(axis=1) == 1).all()
    assert np.allclose(choice.propensity, 1 / 3)


def test_random_bundles_do_not_depend_on_the_order_of_candidates() -> None:
    order = [2, 0, 3, 1]
    assert np.array_equal(
        ask(random_bundles(0), options(order)).value, ask(random_bundles(0), options()).value[order]
    )


def test_random_bundles_differ_from_night_to_night() -> None:
    assert not np.array_equal(
        ask(random_bundles(0), options()).value, ask(random_bundles(1), options()).value
    )


def test_a_night_can_tell_all_policies_and_what_an_oracle_knows_apart() -> None:
    world = World.new(changed(load_world("calibrated"), SMALL), 20, seed=3)
    policies = [POLICIES[name](0, Oracle(world, days_left=49)) for name in POLICIES]
    for policy in policies:
        policy.require_inputs()
    later = POLICIES["oracle"](0, Oracle(world, days_left=42))
    world.live(1)
    tomorrow = POLICIES["oracle"](0, Oracle(world, days_left=49))
    assert len({fingerprint(policy) for policy in (*policies, later, tomorrow)}) == len(POLICIES) + 2
