"""One number of a night against its limits, and the names of all checks.

Limits hold for a large shop; for a small one they are widened by what chance alone does to so few customers:
three standard errors, or the 99.9 % point of the index's own distribution. A check that has nothing to compare
with says so and passes.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from models.ground.errors import BadInput

CHECKS: Mapping[str, str] = {
    "data_age": "hours from the newest purchase to the night",
    "recent_lines": "lines of the last days against the same weekday of the weeks before",
    "history": "lines of settled days against what was seen before",
    "paid_level": "money a line against what was seen before, and of the last days against the weeks before",
    "unknown_products": "share of lines whose product is not in the products table",
    "known_items": "share of the items in use before that are still in use",
    "price_level": "median price of the same items against before",
    "price_jumps": "share of the same items whose price moved more than fivefold",
    "known_customers": "share of the last run's customers who were scored again",
    "model_shop": "share of the baskets known to the model that are in the data",
    "holdout_leakage": "held-out customers who had an offer or redeemed one lately",
    "arms_redrawn": "customers who are not in the arm that was drawn",
    "empty_bundles": "share of the customers who should have a bundle and have none",
    "mean_depth": "mean depth against the earlier runs, basis points",
    "expected_cost": "expected cost of a bundle against the earlier runs",
    "p_buy_drift": "population stability index of P(buy) against the earlier runs",
    "p_churn_drift": "population stability index of P(silent) against the earlier runs",
    "candidate_drift": "population stability index of the candidates' sources against the earlier runs",
}
STANDARD_ERRORS = 3.0
CHANCE = 0.999


@dataclass(frozen=True)
class GuardCheck:
    """One number against its limits; without a number there was nothing to judge, and `says` why.

    `remedy` is what to do where it fails, if that is neither to correct the data nor the model.
    """

    name: str
    value: float | None
    says: str
    at_least: float | None = None
    at_most: float | None = None
    accepted: bool = False
    remedy: str | None = None

    @property
    def ok(self) -> bool:
        """True within the limits, or where there is nothing to judge."""
        if self.value is None:
            return True
        low = -math.inf if self.at_least is None else self.at_least
        high = math.inf if self.at_most is None else self.at_most
        return low <= self.value <= high

    @property
    def limit(self) -> str:
        """Both limits in words."""
        parts = [
            f"{word} {number(limit)}"
            for word, limit in (("at least", self.at_least), ("at most", self.at_most))
            if limit is not None
        ]
        return ", ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON content for the manifest."""
        limit = {"at_least": self.at_least, "at_most": self.at_most}
        return {
            "value": self.value,
            "limit": {name: bound for name, bound in limit.items() if bound is not None},
            "ok": self.ok,
            "accepted": self.accepted,
            "says": self.says,
        }


def nothing_before(name: str) -> GuardCheck:
    """The verdict of a check that has no earlier look at the shop to compare with."""
    return GuardCheck(name, None, "no earlier run, and the model did not record its shop")


def slack(share: float, count: int) -> float:
    """Three standard errors of a share of so many."""
    return STANDARD_ERRORS * math.sqrt(share * (1 - share) / max(count, 1))


def require_known(names: Collection[str]) -> None:
    """Refuse names that are no check; raises BadInput."""
    unknown = sorted(set(names) - set(CHECKS))
    if unknown:
        raise BadInput(
            f"--accept {', '.join(unknown)} is no check of the guard; the checks are {', '.join(CHECKS)}."
        )


def number(value: float | None) -> str:
    """Three significant digits, at most four after the point, without an exponent."""
    if value is None:
        return "nothing to judge"
    if value == 0 or abs(value) >= 100:  # noqa: PLR2004 - three digits are before the point
        return f"{value:,.0f}"
    return f"{value:.{min(4, max(0, 2 - math.floor(math.log10(abs(value)))))}f}"
