"""What a policy said beforehand of its own weeks, held to what they brought."""

from collections.abc import Mapping
from dataclasses import dataclass

from training.simulator.scores.lived import Lived
from training.simulator.scores.policy_scores import by_week


@dataclass(frozen=True)
class Forecast:
    """The range in which a week's gain is expected to lie 95 times in a hundred.

    Attributes:
        low_minor, high_minor: margin a customer, over all customers, that the shop will have in that week more than if it
            had never made an offer.
    """

    low_minor: float
    high_minor: float


@dataclass(frozen=True)
class Coverage:
    """In how many weeks a forecast was told, and in how many of them the gain lay within it."""

    told: int
    covered: int


def coverage(forecasts: Mapping[int, Forecast], lived: Lived, without: Lived) -> Coverage:
    """Hold forecasts, by the number of their week, to what was lived with the policy and without offers."""
    if not forecasts:
        return Coverage(0, 0)
    gain = by_week(lived, without)["gain"]
    covered = sum(
        one.low_minor <= gain[week] <= one.high_minor for week, one in forecasts.items() if week in gain.index
    )
    return Coverage(len(forecasts), int(covered))
