import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.claim_rules import parts_of_dearest
from engine.nightly.choosing.bucket_plan import BucketPlan, plan_bucket
from engine.nightly.choosing.policy import depth_rule
from engine.nightly.choosing.pool_cost import counting_places, parts_of_pools
from engine.nightly.choosing.staples_exchanged import at_item_prices
from engine.nightly.shelf.assortment import build_assortment
from engine.nightly.shelf.offered_before import nothing_offered
from engine.nightly.shelf.rotation import rotation_rules
from engine.programme import Programme
from tests.engine.nightly.bucket import candidates, customers, items, night, programme

P_BUY = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]
# Pools of five or six, of which three count for a day of two; no item in more than half of all pools but one.
CLAIM = (
    ("[activation]", "[claim]\nshown = 3\n\n[activation]"),
    ("slots = 6 ", "slots = 3 "),
    ("min_days = 4", "min_days = 1"),
    ("max_days = 7", "max_days = 1"),
)
STAPLES = ("returning = 3 ", "staples_share = 0.5 ")


def planned(rules: Programme, count: int = 1) -> BucketPlan:
    tonight, catalogue = night(rules), items([200.0] * len(P_BUY))
    assortment = build_assortment(catalogue, rules)
    people = customers(count)
    theirs = [candidates(P_BUY).assign(customer_no=np.int32(number)) for number in range(count)]
    rotation = rotation_rules(rules.rotation, nothing_offered(), assortment, catalogue)
    return plan_bucket(
        tonight,
        assortment,
        people,
        pd.concat(theirs, ignore_index=True),
        consent=pd.Series([None] * count, index=range(count), dtype=object),
        open_customers=(),
        variety=rotation.variety,
        policy=depth_rule,
    )


def costs(plan: BucketPlan) -> tuple[list[int], list[int]]:
    """Of each pool what its level costs, and what its three dearest offers cost by themselves."""
    by_pool = plan.slots.groupby(["customer_no", "level"])
    parts = by_pool["expected_cost_milli"].sum()
    alone = by_pool["alone_milli"].agg(lambda one: one.nlargest(3).sum())
    level = plan.levels.set_index(["customer_no", "level"])["cost_milli"].reindex(parts.index)
    assert (parts == level).all()
    return level.tolist(), alone.tolist()


def test_a_pool_costs_its_dearest_offers_and_a_bundle_all_of_them() -> None:
    pool, whole = planned(programme(*CLAIM)), planned(programme())
    planned_milli, dearest = costs(pool)
    assert all(least <= cost < least + 6 for cost, least in zip(planned_milli, dearest, strict=True))
    assert pool.cost_milli[0] == planned_milli[-1] < whole.cost_milli[0]
    assert "alone_milli" not in whole.slots


def test_a_pool_of_several_days_costs_what_can_be_claimed_on_all_of_them() -> None:
    days = np.array([1, 2, 3, 4, 5])
    rules = programme(*CLAIM, ("shown = 3\n", "shown = 3\ndays = 1\n"))
    assert counting_places(rules, days) is not None
    assert np.asarray(counting_places(rules, days)).tolist() == [3, 6, 9, 12, 15]
    assert counting_places(programme(), days) is None


def test_a_pool_costs_its_dearest_offers_also_after_staples_were_exchanged() -> None:
    plan = planned(programme(*CLAIM, STAPLES), count=4)
    price = np.zeros(len(P_BUY), dtype=np.int64)
    price[0] = 4_000
    exchanged = at_item_prices(plan, price, 5)
    assert not (exchanged.slots["item_no"] == 0).any()
    planned_milli, dearest = costs(exchanged)
    assert all(least <= cost < least + 6 for cost, least in zip(planned_milli, dearest, strict=True))


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.lists(st.integers(0, 10**6), min_size=1, max_size=18), st.integers(1, 18)), max_size=4
    )
)
def test_many_pools_are_parted_as_each_by_itself(pools: list[tuple[list[int], int]]) -> None:
    flat = [(number, cost, count) for number, (costs, count) in enumerate(pools) for cost in costs]
    pool, cost, counting = (np.array([row[place] for row in flat], dtype=np.int64) for place in range(3))
    expected = [part for costs, count in pools for part in parts_of_dearest(costs, count)]
    assert parts_of_pools(pool, cost, counting).tolist() == expected
