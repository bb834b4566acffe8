"""A policy's plans, laid out and priced: what each customer may get, at which price of the budget."""

import numpy as np
import numpy.typing as npt
import pytest

from engine.nightly.choosing.allocation import NOTHING
from engine.nightly.choosing.bundling import NO_ROW, Sizes
from engine.nightly.choosing.offer_options import Context
from engine.nightly.choosing.plan_policy import PlanPolicy, Weighed
from engine.nightly.choosing.plans import PricedPlans, lay_out
from engine.nightly.choosing.policy import Policy, Valuation, depth_rule
from models.ground.errors import BadInput
from models.response.knowledge import NOTHING_KNOWN, Knowledge
from tests.engine.nightly.bucket import options

PRICES = [200, 300, 100, 200, 400, 250]
P_BUY = [0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
SIZES = Sizes(min_items=2, max_items=3, min_new=0, max_new=0)


def at(context: Context, depth: int, value: npt.NDArray[np.float64]) -> Valuation:
    values = np.full(context.allowed.shape, -np.inf)
    values[:, depth] = value
    return Valuation(values, np.full(values.shape, 0.5), {"chance": values})


def due_or_dear(context: Context, _: Knowledge) -> dict[str, Valuation]:
    return {
        "due": at(context, 0, context.p_buy),
        "dear": at(context, 2, context.discount_minor[:, 2].astype(np.float64)),
        "nobody": at(context, 0, np.full(len(context), -np.inf)),
    }


WORTH = Weighed.without_lots(np.array([[40.0, 50.0, 70.0]]))


def policy(**changes: object) -> PlanPolicy:
    weighed = Weighed(**(vars(WORTH) | changes))
    needs = frozenset({"allowed", "p_buy", "discount_minor"})
    return PlanPolicy("due_or_dear", due_or_dear, needs, weigh=lambda *_: weighed)


def laid(chosen: Policy, **changes: object) -> tuple[Context, PricedPlans]:
    context = options(PRICES, P_BUY)
    plans = lay_out(chosen, context, NOTHING_KNOWN, sizes=SIZES, name_no=np.arange(6), **changes)  # type: ignore[arg-type]
    return context, plans


def test_every_plan_fills_the_places_by_its_own_values() -> None:
    context, plans = laid(policy())
    due, dear, nobody = plans.laid_out
    assert plans.names == ("due", "dear", "nobody")
    assert context.item_id[due.rows[0]].tolist() == ["a", "b", "c"]
    assert context.item_id[dear.rows[0]].tolist() == ["e", "b", "f"]
    assert (due.depth[0].tolist(), dear.depth[0].tolist(), nobody.rows[0].tolist()) == (
        [0, 0, 0],
        [2, 2, 2],
        [NO_ROW] * 3,
    )
    assert dear.of(context.discount_minor)[0].tolist() == [80, 60, 50]
    assert (dear.propensity[0].tolist(), due.parts["chance"][0].tolist()) == ([0.5] * 3, [0.6, 0.5, 0.4])


def test_the_budget_leaves_the_plan_that_is_worth_most_beyond_its_price() -> None:
    _, plans = laid(policy())
    # .6 x 20 + .5 x 30 + .4 x 10 minor units; .2 x 80 + .5 x 60 + .1 x 50
    assert plans.cost_milli[0].tolist() == [0, 31_000, 51_000, 0]
    taken = [plans.taken(price)[0] for price in (0, 3000, NOTHING)]
    assert taken == [1, -1, -1]
    cheap = next(price for price in range(NOTHING) if plans.taken(price)[0] == 0)
    assert plans.taken(cheap - 1)[0] == 1
    rows, depth = plans.bundles(plans.taken(cheap))
    assert (rows[0].tolist(), depth[0].tolist()) == ([0, 1, 2], [0, 0, 0])


def test_a_plan_that_is_not_surely_above_nothing_does_not_compete() -> None:
    _, plans = laid(policy(lower=np.array([[1.0, -1.0, 60.0]])))
    assert plans.taken(0).tolist() == [0]


def test_a_lot_takes_its_plan_whatever_it_is_worth_as_long_as_anybody_gets_anything() -> None:
    _, plans = laid(policy(lot=np.array([0]), value=np.array([[-5.0, 50.0, 70.0]])))
    assert [plans.taken(price)[0] for price in (0, NOTHING - 1, NOTHING)] == [0, 0, -1]
    _, impossible = laid(policy(lot=np.array([2])))
    assert impossible.taken(0).tolist() == [-1]


def test_a_mark_deepens_no_offer_of_a_plan() -> None:
    marked = options(PRICES, P_BUY, customer_columns={"marked": True})
    plans = lay_out(policy(), marked, NOTHING_KNOWN, sizes=SIZES, name_no=np.arange(6))
    # "dear" is at 20 % only
    assert [plan.exists[0] for plan in plans.laid_out] == [True, False, False]
    assert plans.taken(0).tolist() == [0]


def test_the_plans_of_a_policy_of_offers_are_its_depth_caps() -> None:
    _, plans = laid(depth_rule)
    assert plans.names == ("up_to_1000_bp", "up_to_1500_bp", "up_to_2000_bp")
    assert plans.weighed.exposed.tolist() == [True]
    assert plans.weighed.value[0].tolist() == pytest.approx([1.5, 1.5, 1.5])
    _, deepest = laid(depth_rule, every_cap=False)
    assert deepest.names == ("up_to_2000_bp",)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"value": np.zeros((1, 2))}, r"a value of shape \(1, 2\); expected \(1, 3\)"),
        ({"lower": np.full((1, 3), np.nan)}, "a lower that is no number"),
        ({"plan_share": np.full((1, 3), 0.5)}, "a sum of plan_share outside 0 to 1"),
        ({"parts": {"visits": np.full((1, 3), np.nan)}}, "a part 'visits' that is not finite"),
        ({"p_exposed": np.array([1.5])}, "a p_exposed outside 0 to 1"),
        ({"lot": np.array([3])}, "forces a plan that is none of its 3"),
    ],
)
def test_a_policy_that_weighs_wrongly_is_refused_in_one_sentence(
    changes: dict[str, npt.NDArray[np.float64]], why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        laid(policy(**changes))


def test_a_policy_without_plans_and_one_that_calls_a_plan_none_are_refused() -> None:
    def proposes(plans: dict[str, Valuation]) -> PlanPolicy:
        return PlanPolicy("odd", lambda *_: plans, frozenset(), weigh=lambda *_: WORTH)

    with pytest.raises(BadInput, match="proposes no plan; expected at least one"):
        laid(proposes({}))
    with pytest.raises(BadInput, match="proposes 'none'"):
        laid(proposes({"none": Valuation(np.zeros((6, 3)), np.ones((6, 3)))}))
