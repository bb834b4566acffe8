"""What a policy could have done with each customer of a night, and by which chance: for weighing one policy's log by another.

An action is a bundle, by items and depths in the order of its places, or nothing. What a policy leaves to lots (exposure, plan,
depth) gives several; at a known shadow price nothing else is random.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from engine.domain.arms import Arm
from engine.nightly.choosing.assignment import chances_of
from engine.nightly.choosing.bucket_plan import BucketPlan
from engine.nightly.shelf.assortment import Assortment
from models.tables import CUSTOMER_ID, CUSTOMER_NO, ITEM_NO, P_BUY

Place = tuple[str, int]  # item_id and depth in basis points
Action = tuple[Place, ...]  # empty for nothing
NOTHING_GIVEN: Action = ()


@dataclass(frozen=True)
class DrawnActions:
    """What could have become of one customer.

    Attributes:
        chances: by action, above 0; below 1 in all where a depth was drawn, whose others are not named.
        expected_uses: by action, offers that are bought by the scores without the offer's help.
        days: for which a bundle would be valid.
    """

    chances: Mapping[Action, float]
    expected_uses: Mapping[Action, float]
    days: int


def drawn_actions(
    plan: BucketPlan, assortment: Assortment, shadow_price_index: int
) -> dict[str, DrawnActions]:
    """By customer, of everybody who could have had a bundle; the holdout has none, whatever the policy.

    Args:
        plan: made with `every_plan`, so that plans which a lot passed by are in it.
        assortment: of the night.
        shadow_price_index: that was found.
    """
    people = plan.customers[plan.customers["asked"] & plan.customers["p_exposed"].notna()]
    people = people[people["arm"] != Arm.HOLDOUT.value]
    levels = chances_of(plan, shadow_price_index)
    levels = levels[levels["p_plan"] > 0]
    bundles = _bundles(plan.slots, assortment)
    plans: dict[int, list[tuple[int, float]]] = {}
    for number, level, chance in zip(levels[CUSTOMER_NO], levels["level"], levels["p_plan"], strict=True):
        plans.setdefault(int(number), []).append((int(level), float(chance)))
    found = {}
    for number, name, p_exposed, days in zip(
        people[CUSTOMER_NO], people[CUSTOMER_ID], people["p_exposed"], people["valid_days"], strict=True
    ):
        chances: dict[Action, float] = {}
        uses: dict[Action, float] = {NOTHING_GIVEN: 0.0}
        given = 0.0
        for level, chance in plans.get(int(number), ()):
            action, depths, expected = bundles[int(number), level]
            given += float(p_exposed) * chance
            chances[action] = chances.get(action, 0.0) + float(p_exposed) * chance * depths
            uses[action] = expected
        chances[NOTHING_GIVEN] = 1 - min(given, 1.0)
        named = {action: chance for action, chance in chances.items() if chance > _NEVER}
        found[str(name)] = DrawnActions(named, uses, int(days))
    return found


_NEVER = 1e-9  # a chance that rounding leaves


def _bundles(
    slots: pd.DataFrame, assortment: Assortment
) -> dict[tuple[int, int], tuple[Action, float, float]]:
    """By customer and level: the action, P(its depths | its items), expected uses."""
    ordered = slots.sort_values([CUSTOMER_NO, "level", "slot"], kind="stable")
    items = assortment.item_id[ordered[ITEM_NO].to_numpy()].tolist()
    depths = assortment.depths_bp[ordered["depth"].to_numpy()].tolist()
    found: dict[tuple[int, int], tuple[Action, float, float]] = {}
    for number, level, item, depth, propensity, p_buy in zip(
        ordered[CUSTOMER_NO],
        ordered["level"],
        items,
        depths,
        ordered["propensity"],
        ordered[P_BUY],
        strict=True,
    ):
        key = int(number), int(level)
        action, chance, uses = found.get(key, (NOTHING_GIVEN, 1.0, 0.0))
        found[key] = (*action, (str(item), int(depth))), chance * float(propensity), uses + float(p_buy)
    return found
