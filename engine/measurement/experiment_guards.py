"""What must not get worse in an experiment, judged so that it may be looked at every week: margin, churn, complaints, NPS.

Each guard has a band that holds at all weekly looks, all guards of an experiment together (Bonferroni). Once a band has left
zero on the wrong side, the guard is worse, whatever later looks say: of healthy experiments that happens to one in twenty.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.measurement.bucket_arms import ACTIVE_WEEKS
from engine.measurement.compared_arms import ComparedArms
from engine.measurement.experiment_effects import (
    LEVEL,
    Floats,
    figures_of,
    looks_at_margin,
    part_of,
    planned_error,
)
from models.effects.confidence_sequence import ConfidenceSequence
from models.effects.estimate import Estimate
from models.effects.treatment_effect import treatment_effect

ENOUGH_ANSWERS, ENOUGH_COMPLAINTS = 20, 10
# Spreads that settle where a band is narrowest; any positive number keeps it right.
_SPREAD = {"churn": 0.5, "complaints": 0.15, "nps": 0.75 / 0.1**0.5}
_WORSE = {"margin": -1, "churn": -1, "complaints": 1, "nps": -1}
WHAT = {
    "margin": "margin a customer",
    "churn": "share still active",
    "complaints": "share who complained",
    "nps": "NPS",
}


class GuardRow(NamedTuple):
    """One guard: state is ok, worse or look (too little is known to judge).

    `value` is by how much the arm differs from the other one at the last look, low and high hold at all looks; `since` is the
    week at whose end it was worse first.
    """

    name: str
    state: str
    value: float
    low: float
    high: float
    since: int | None
    lacks: str

    def as_facts(self) -> dict[str, Any]:
        """Plain JSON content; what is not known is None."""
        return {
            key: None if isinstance(value, float) and np.isnan(value) else value
            for key, value in self._asdict().items()
        }


def guards(arms: ComparedArms, names: Sequence[str], planned_weeks: int) -> list[GuardRow]:
    """Judge the guards that an experiment names, in their order."""
    return [_guard(arms, name, 1 - (1 - LEVEL) / len(names), planned_weeks) for name in names]


def worse(found: Sequence[GuardRow]) -> list[GuardRow]:
    """Those that got worse."""
    return [one for one in found if one.state == "worse"]


def _guard(arms: ComparedArms, name: str, level: float, planned_weeks: int) -> GuardRow:
    found, lacks = _looks(arms, name)
    if not found:
        return GuardRow(name, "look", float("nan"), float("nan"), float("nan"), None, lacks)
    if name == "margin":
        planned = planned_error(arms, planned_weeks) or max(one.standard_error for _, one in found)
    else:
        planned = _SPREAD[name] * float(np.sqrt((1 / arms.arms.customers).sum()))
    if planned <= 0:
        return GuardRow(name, "look", 0.0, 0.0, 0.0, None, "nothing was bought")
    errors = [one.standard_error for _, one in found]
    band = ConfidenceSequence(level, planned).band([one.value for _, one in found], errors)
    beyond = band[:, 0] > 0 if _WORSE[name] > 0 else band[:, 1] < 0
    since = int(np.flatnonzero(beyond)[0]) if beyond.any() else None
    low, high = (float(bound) for bound in band[-1])
    state = "ok" if since is None else "worse"
    return GuardRow(
        name, state, found[-1][1].value, low, high, None if since is None else found[since][0], ""
    )


def _looks(arms: ComparedArms, name: str) -> tuple[list[tuple[int, Estimate]], str]:
    """The difference at each week's end that tells something, and what is lacking where none does."""
    if name == "margin":
        return [(week + 1, one) for week, one in looks_at_margin(arms)], "too few customers"
    if name == "churn":
        weeks = list(range(ACTIVE_WEEKS - 1, arms.weeks))
        found = [(week + 1, _difference(arms.active[:, week].astype(np.float64), arms)) for week in weeks]
        return found, f"who is active is told by {ACTIVE_WEEKS} weeks, {arms.weeks} are over"
    if name == "complaints":
        weeks = [week for week in range(arms.weeks) if arms.complained[:, week].sum() >= ENOUGH_COMPLAINTS]
        found = [(week + 1, _difference(arms.complained[:, week].astype(np.float64), arms)) for week in weeks]
        complained = int(arms.complained[:, -1].sum())
        return found, f"{complained} complained in both arms; from {ENOUGH_COMPLAINTS} on it is judged"
    found = []
    for week in range(arms.weeks):
        answered = part_of(arms, ~np.isnan(arms.nps[:, week]))
        if len(answered.nps) and int(answered.arms.households.min()) >= ENOUGH_ANSWERS:
            found.append((week + 1, treatment_effect(answered.nps[:, week], answered.arms).difference))
    many = (~np.isnan(arms.nps[:, -1])).sum()
    return found, f"{many:,} answered in both arms; from {ENOUGH_ANSWERS} in each on it is judged"


def _difference(values: Floats, arms: ComparedArms) -> Estimate:
    return treatment_effect(values, arms.arms, figures_of(arms)).difference
