"""What a shop without a holdout would report, beside the answer of the lot, so that everybody sees how far it is off."""

from typing import NamedTuple

import numpy as np

from engine.measurement.compared_arms import ComparedArms
from models.effects.lookalikes import few_enough, lookalikes
from models.effects.not_causal import NotCausal, before_after

_LEAST = 20


class MisleadingAnswer(NamedTuple):
    """The margin's difference a customer that no lot has made; `unlike` is how far apart matches still are, in deviations."""

    title: str
    answer: NotCausal
    unlike: float | None


def misleading_answers(arms: ComparedArms, *, from_the_beginning: bool) -> list[MisleadingAnswer]:
    """The treated before and after, and those of them whom an offer reached beside others who looked like them."""
    found, weeks = [], arms.weeks
    treated = arms.arms.treated
    known = treated & (arms.seen_week == 0)
    if from_the_beginning and arms.before.shape[1] >= weeks and known.sum() >= _LEAST:
        was = arms.before[known, -weeks:].sum(axis=1, dtype=np.float64)
        became = arms.margin[known].sum(axis=1)
        answer = before_after(was, became, arms.arms.household[known])
        found.append(MisleadingAnswer(f"{weeks} weeks after less {weeks} weeks before", answer, None))
    rows = np.flatnonzero(treated)
    rows = rows[few_enough(len(rows))]
    reached = arms.reached[rows]
    if arms.figures is not None and min(int(reached.sum()), int((~reached).sum())) >= _LEAST:
        matched = lookalikes(arms.margin[rows].sum(axis=1), reached, arms.figures[rows])
        unlike = float(np.abs(matched.after_matching).max())
        title = "Whom an offer reached, less others like them"
        found.append(MisleadingAnswer(title, matched.answer, unlike))
    return found
