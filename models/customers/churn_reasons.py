"""Why a customer may be leaving, in codes with numbers that a person understands.

The model's inputs are gathered into groups. What a group adds to the log-odds decides whether it is a reason; the
reason told is a fact of that group which holds of the customer, with its numbers. A group that pushes without such
a fact is not told.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from models.customers.churn import Churn, ChurnModel, ChurnScorer, OwnCycleSurvival
from models.customers.rhythm import Rhythm
from models.features.feature_matrix import FeatureMatrix
from models.tables import CUSTOMER_NO

# Less than a tenth of a unit of log-odds moves no chance by more than 2.5 points.
MIN_PUSH = 0.1
AT_MOST = 3
# Nobody asks why somebody may leave who most likely does not, and contributions cost more than the chance itself.
LIKELY_FROM = 0.3
FAMILIES_DROPPED = "families_dropped"
_LATE_FROM = 1.2
_LESS_FROM = 0.2
_SELDOM_BELOW = 4
_DEALS_FROM = 0.25


class ChurnReason(NamedTuple):
    """A code and its two numbers: what is usual of the customer, and what is now; of dropped families some names."""

    code: str
    usual: float
    now: float
    families: tuple[str, ...] = ()


class _Fact(NamedTuple):
    code: str
    usual: np.ndarray
    now: np.ndarray
    holds: np.ndarray


_GROUPS: dict[str, tuple[str, ...]] = {
    "silence": ("days_since_visit", "overdue_", "own_cycle_", "usual_gaps_silent"),
    "visits": ("visits_",),
    "spend": ("spend_",),
    "baskets": ("basket_", "items_a_visit"),
    "breadth": ("items_84d", "repeated_share", "new_share", "regular_families", "dropped_families"),
    "gaps": ("gap_",),
    "deals": ("discount_",),
}


def reasons_of(
    model: ChurnScorer, customers: FeatureMatrix, rhythm: Rhythm, dropped: Mapping[int, tuple[str, ...]]
) -> list[tuple[ChurnReason, ...]]:
    """Up to AT_MOST reasons of each customer, the weightiest first.

    Args:
        model: who told the chance. A model without contributions has the silence as its only reason.
        customers: the recipe's customer features.
        rhythm: says what is usual of each customer.
        dropped: names of dropped families by customer_no (`models.features.dropped_families`).
    """
    facts = _facts(customers, rhythm)
    names = list(_GROUPS)
    push = np.zeros((len(customers), len(names)))
    push[:, names.index("silence")] = 1.0
    if isinstance(model, ChurnModel):
        inputs, parts = model.contributions(customers)
        for place, group in enumerate(names):
            push[:, place] = parts[:, [name.startswith(_GROUPS[group]) for name in inputs]].sum(axis=1)
    told = [_told(facts, names, push[row], row) for row in range(len(customers))]
    families = [dropped.get(customer_no, ()) for customer_no in customers.keys[CUSTOMER_NO].tolist()]
    return [
        tuple(
            reason._replace(families=named) if reason.code == FAMILIES_DROPPED else reason
            for reason in reasons
        )
        for reasons, named in zip(told, families, strict=True)
    ]


def reasons_of_likely(
    churn: Churn, customers: FeatureMatrix, p_churn: np.ndarray, dropped: Mapping[int, tuple[str, ...]]
) -> dict[int, tuple[ChurnReason, ...]]:
    """The reasons, by customer_no, of customers whose `p_churn` is at least LIKELY_FROM.

    Args:
        churn: the version's models; those whom no fitted one is for have the silence as their only reason.
        customers: the recipe's customer features.
        p_churn: shape (n,), P(silent) for the horizon that `p_churn` is about.
        dropped: as for `reasons_of`.
    """
    fitted = churn.eligibility.mask(customers)
    days = churn.partial_days
    told: dict[int, tuple[ChurnReason, ...]] = {}
    for model, theirs in ((churn.silent[days], fitted), (OwnCycleSurvival(churn.rhythm, days), ~fitted)):
        likely = customers.take(theirs & (p_churn >= LIKELY_FROM))
        reasons = reasons_of(model, likely, churn.rhythm, dropped)
        told |= dict(zip(likely.keys[CUSTOMER_NO].tolist(), reasons, strict=True))
    return told


def _told(
    facts: dict[str, list[_Fact]], names: list[str], push: np.ndarray, row: int
) -> tuple[ChurnReason, ...]:
    told = []
    for place in np.argsort(-push, kind="stable"):
        if push[place] < MIN_PUSH:
            break
        holding = [fact for fact in facts[names[place]] if fact.holds[row]]
        if holding:
            fact = holding[0]
            told.append(ChurnReason(fact.code, float(fact.usual[row]), float(fact.now[row])))
    return tuple(told[:AT_MOST])


def _facts(customers: FeatureMatrix, rhythm: Rhythm) -> dict[str, list[_Fact]]:
    """What may be told of each group, the more telling first."""

    def known(name: str) -> np.ndarray:
        return np.nan_to_num(customers.column(name).astype(np.float64))

    def fact(code: str, usual: np.ndarray, now: np.ndarray, holds: Callable[[], np.ndarray]) -> _Fact:
        return _Fact(code, usual, now, holds())

    gap, silence = rhythm.visit_gap_days(customers), known("days_since_visit")
    before, lately = known("visits_29_56d"), known("visits_28d")
    rate, spent = known("spend_minor_a_28d"), known("spend_minor_28d")
    basket, last = known("basket_minor"), known("basket_minor_last_5")
    families, dropped = known("regular_families"), known("dropped_families")
    visits, longest, share = known("visits_84d"), known("gap_p90_days"), known("discount_share_84d")
    return {
        "silence": [fact("late", gap, silence, lambda: silence >= _LATE_FROM * gap)],
        "visits": [
            fact("comes_less", before, lately, lambda: lately < before),
            fact("comes_seldom", visits, visits, lambda: visits < _SELDOM_BELOW),
        ],
        "spend": [fact("spends_less", rate, spent, lambda: spent < (1 - _LESS_FROM) * rate)],
        "baskets": [fact("smaller_baskets", basket, last, lambda: last < (1 - _LESS_FROM) * basket)],
        "breadth": [fact(FAMILIES_DROPPED, families, dropped, lambda: dropped > 0)],
        "gaps": [fact("comes_irregularly", gap, longest, lambda: longest >= 2 * gap)],
        "deals": [fact("buys_deals", share, share, lambda: share >= _DEALS_FROM)],
    }
