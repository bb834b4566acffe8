"""A report as plain JSON content and as rows of a file."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from engine.measurement.experiment_effects import LEVEL, BoughtAnyway, Measured
from engine.measurement.experiment_report import ExperimentReport
from engine.measurement.misleading_answers import MisleadingAnswer


def report_rows(report: ExperimentReport) -> pd.DataFrame:
    """Every figure as a row, for --csv: name, unit, treated, control, difference, low, high, p_value, n, per_reached, ..."""
    return pd.DataFrame([row_facts(one) | {"n": sum(report.customers)} for one in report.rows])


def row_facts(one: Measured) -> dict[str, Any]:
    """A figure as plain JSON content."""
    low, high = one.difference.interval(LEVEL)
    reached = one.per_reached
    per_low, per_high = (None, None) if reached is None else map(_finite, reached.interval(LEVEL))
    return {
        "metric": one.name,
        "unit": one.unit,
        "treated": one.treated.value,
        "control": one.control.value,
        "difference": one.difference.value,
        "low": low,
        "high": high,
        "standard_error": one.difference.standard_error,
        "p_value": one.difference.p_value,
        "variance_left": one.variance_left,
        "per_reached": None if reached is None else _finite(reached.value),
        "per_reached_low": per_low,
        "per_reached_high": per_high,
        "left_out": None if one.left_out is None else one.left_out.value,
    }


def anyway_facts(found: BoughtAnyway | None) -> Mapping[str, Any] | None:
    """The share of the discount on what is bought anyway, as plain JSON content; bounds are None where nothing bounds it."""
    if found is None:
        return None
    return {
        name: None
        if one is None
        else dict(zip(("share", "low", "high"), map(_finite, (one.value, *one.interval(LEVEL))), strict=True))
        for name, one in (
            ("whole", found.whole),
            ("without_first_week", found.later),
            ("first_week", found.first_week),
        )
    }


def misleading_facts(one: MisleadingAnswer) -> dict[str, Any]:
    """A misleading answer with why it is one, as plain JSON content."""
    low, high = one.answer.difference.interval(LEVEL)
    value = one.answer.difference.value
    return {
        "title": one.title,
        "value": value,
        "low": low,
        "high": high,
        "unlike": one.unlike,
        "why": one.answer.why,
    }


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None
