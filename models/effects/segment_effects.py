"""Effects in several segments, without finding one by looking often enough.

Of twenty segments one is surely better by chance alone. P-values are adjusted so that among all segments hardly ever one is
called different that is not (Holm, Scandinavian Journal of Statistics 1979), intervals hold all together (Bonferroni), and
one question comes before all: whether the segments differ from each other at all (Cochran, Biometrics 1954).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from models.effects.estimate import Estimate


@dataclass(frozen=True)
class SegmentEffects:
    """Effects in segments that share no customer.

    Attributes:
        intervals: shape (segments, 2), which hold all truths together at the level.
        p_values: shape (segments,), of no effect, adjusted by Holm.
        false_discovery: shape (segments,), adjusted by Benjamini and Hochberg (1995): of the segments below .05 a
            twentieth has no effect; for looking around, not for deciding.
        differ: p-value of all effects being the same, 1 for a single one.
    """

    intervals: npt.NDArray[np.float64]
    p_values: npt.NDArray[np.float64]
    false_discovery: npt.NDArray[np.float64]
    differ: float


def segment_effects(effects: Sequence[Estimate], level: float) -> SegmentEffects:
    """Judge all segments of one division together; there is at least one."""
    p_values = np.array([one.p_value for one in effects])
    wide = 1 - (1 - level) / len(effects)
    return SegmentEffects(
        intervals=np.array([one.interval(wide) for one in effects]),
        p_values=holm(p_values),
        false_discovery=np.asarray(stats.false_discovery_control(p_values)),
        differ=_differ(effects),
    )


def holm(p_values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """P-values adjusted step by step, shape (n,), in the order that came."""
    order = np.argsort(p_values)
    raised = np.maximum.accumulate(p_values[order] * np.arange(len(order), 0, -1))
    adjusted = np.empty_like(raised)
    adjusted[order] = np.minimum(raised, 1.0)
    return adjusted


def _differ(effects: Sequence[Estimate]) -> float:
    known = [one for one in effects if one.standard_error > 0]
    if len(known) < 2:  # noqa: PLR2004 - one alone has nothing to differ from
        return 1.0
    value = np.array([one.value for one in known])
    precision = np.array([one.standard_error for one in known]) ** -2.0
    middle = float((precision * value).sum() / precision.sum())
    return float(stats.chi2.sf((precision * (value - middle) ** 2).sum(), len(known) - 1))
