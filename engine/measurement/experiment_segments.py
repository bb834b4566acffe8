"""What the offers do to different customers: divisions as the last night before the experiment saw them, judged together."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.measurement.compared_arms import ComparedArms
from engine.measurement.experiment_effects import LEVEL, margin_effect, part_of
from models.effects.estimate import Estimate
from models.effects.segment_effects import segment_effects

ENOUGH = 20  # households in each arm; below it one of them would decide
# From a division's name to each customer's segment by customer id; for a division by a number, the number.
Divisions = Mapping[str, "pd.Series[Any]"]
THIRDS = ("low", "middle", "high")


class SegmentRow(NamedTuple):
    """The margin's difference in one segment; bounds hold for all segments of its division together, money in minor units."""

    division: str
    segment: str
    customers: int
    value: float
    low: float
    high: float
    p_value: float  # adjusted, so that hardly ever one of the division is called different that is not
    division_differs_p: float


def in_segments(arms: ComparedArms, divisions: Divisions) -> list[SegmentRow]:
    """Every division's segments with enough households in both arms; a number divides into thirds."""
    rows = []
    for division, of_customer in divisions.items():
        placed = of_customer.reindex(arms.customer_id)
        segments = _thirds(placed) if pd.api.types.is_numeric_dtype(placed) else placed
        rows += _division(arms, division, np.asarray(segments, dtype=object))
    return rows


def _division(arms: ComparedArms, division: str, segments: npt.NDArray[np.object_]) -> list[SegmentRow]:
    names, customers, effects = [], [], []
    for segment in _in_order({one for one in segments if isinstance(one, str)}):
        rows = segments == segment
        mine = part_of(arms, rows)
        if int(mine.arms.households.min()) >= ENOUGH:
            names.append(segment)
            customers.append(int(rows.sum()))
            effects.append(margin_effect(mine))
    return _judged(division, names, customers, effects)


def _judged(
    division: str, names: Sequence[str], customers: Sequence[int], effects: Sequence[Estimate]
) -> list[SegmentRow]:
    if not effects:
        return []
    judged = segment_effects(effects, LEVEL)
    return [
        SegmentRow(division, name, count, one.value, float(low), float(high), float(p_value), judged.differ)
        for name, count, one, (low, high), p_value in zip(
            names, customers, effects, judged.intervals, judged.p_values, strict=True
        )
    ]


def _in_order(segments: set[str]) -> list[str]:
    return [one for one in THIRDS if one in segments] if segments <= set(THIRDS) else sorted(segments)


def _thirds(values: "pd.Series[Any]") -> "pd.Series[Any]":
    cuts = values.quantile([1 / 3, 2 / 3]).to_numpy()
    place = np.searchsorted(cuts, values.to_numpy(np.float64))
    named = pd.Series(np.array(THIRDS, dtype=object)[np.minimum(place, 2)], index=values.index)
    return named.where(values.notna())
