"""What Pareto/NBD has to beat in the rehearsal: everybody at the shop's mean rate, and everybody at their own.

Both are corners of the same model, in which nobody ever ends: rates that do not differ, and rates that differ as widely
as the exponential distribution. So whoever stands in keeps expectations, intervals and file as they are.
"""

from collections.abc import Callable

from models.customers.lifetime import ParetoNbd, VisitHistory

# In so many weeks nobody ends, and so many weeks' worth of the shop's rate outweighs what a customer did.
NEVER_S, NEVER_BETA = 1e-6, 1e6
STIFF = 1e4
SELDOM_A_WEEK = 1e-6

VisitsFit = Callable[[VisitHistory], ParetoNbd]


def mean_rate(history: VisitHistory) -> ParetoNbd:
    """Everybody comes back as often as the average customer did."""
    return ParetoNbd(STIFF, STIFF / _a_week(history), NEVER_S, NEVER_BETA)


def own_rate(history: VisitHistory) -> ParetoNbd:
    """Everybody goes on as they did, (repeats + 1) / (weeks known + the usual gap)."""
    return ParetoNbd(1.0, 1.0 / _a_week(history), NEVER_S, NEVER_BETA)


def _a_week(history: VisitHistory) -> float:
    return max(float(history.repeats.sum() / max(history.age_weeks.sum(), 1.0)), SELDOM_A_WEEK)
