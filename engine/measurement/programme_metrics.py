"""Metrics of a period, for everybody and for each segment: bucket by bucket, so that memory stays bounded."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from engine.measurement.metric_definitions import METRICS, Totals
from engine.measurement.metric_intervals import ENOUGH, Draws, draws_of, interval
from engine.measurement.period_totals import (
    MeasuredPeriod,
    added_by,
    added_by_answers,
    answers_in,
    customers_in,
    totals_of,
)
from models.features.catalogue import Catalogue
from models.features.habits import Margins
from models.ground.errors import BadInput
from models.sources import Data
from models.tables import CUSTOMER_ID, CUSTOMER_NO

EVERYBODY = "everybody"
COLUMNS = ("segment", "metric", "value", "unit", "undefined", "customers", "n", "low", "high")
# From a bucket's number to its customers' segments: customer_id, segment.
Segments = Callable[[int], pd.DataFrame]
Group = tuple[Totals, Draws]


def programme_metrics(
    data: Data, catalogue: Catalogue, margins: Margins, period: MeasuredPeriod, segments: Segments | None
) -> pd.DataFrame:
    """Every metric for everybody, and for each segment where customers have one.

    Args:
        data: the load.
        catalogue: its items.
        margins: what they earn.
        period: which days.
        segments: each bucket's customers with their segment, those of the start of the period; None for none.

    Returns:
        COLUMNS: value is None where a metric is not defined or rests on fewer than ENOUGH, and `undefined` then says
        why; customers is the number of those who bought in the period, n how many customers or answers the metric rests
        on, low to high holds the true figure in 95 of 100 such groups.

    Raises:
        BadInput: the period is empty, or the history does not reach back far enough to compare.
    """
    if period.days < 1:
        raise BadInput(
            f"--to {period.ends.day} is not after --from {period.starts.day}; expected a later day, which itself "
            "does not count."
        )
    answers = answers_in(None if data.answers is None else pd.read_parquet(data.answers), period)
    groups: dict[str, Group] = {}
    for bucket in range(data.buckets):
        for segment, (totals, draws) in _bucket(
            data, catalogue, margins, period, segments, answers, bucket
        ).items():
            known = groups.get(segment)
            groups[segment] = (totals, draws) if known is None else (known[0] + totals, known[1] + draws)
    named = sorted(segment for segment in groups if segment != EVERYBODY)
    rows = [row for segment in (EVERYBODY, *named) for row in _rows(segment, *groups[segment])]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _bucket(
    data: Data,
    catalogue: Catalogue,
    margins: Margins,
    period: MeasuredPeriod,
    segments: Segments | None,
    answers: pd.DataFrame,
    bucket: int,
) -> dict[str, Group]:
    people = pd.read_parquet(data.customers(bucket), columns=[CUSTOMER_NO, CUSTOMER_ID])
    customers = customers_in(data.purchases(bucket), catalogue, margins, period).merge(
        people, on=CUSTOMER_NO, how="left", validate="one_to_one"
    )
    customers = customers.sort_values(CUSTOMER_NO)  # the draws must not depend on what DuckDB returned first
    own = answers[answers[CUSTOMER_ID].isin(people[CUSTOMER_ID])]
    groups = {EVERYBODY: _group(customers, own, bucket)}
    if segments is None:
        return groups
    placed = segments(bucket)
    of_customer = placed.set_index(CUSTOMER_ID)["segment"]
    who, said = customers[CUSTOMER_ID].map(of_customer), own[CUSTOMER_ID].map(of_customer)
    for segment in sorted(placed["segment"].dropna().unique()):
        groups[str(segment)] = _group(customers[who == segment], own[said == segment], bucket)
    return groups


def _group(customers: pd.DataFrame, answers: pd.DataFrame, bucket: int) -> Group:
    drawn = draws_of(added_by(customers), added_by_answers(answers), np.random.default_rng(bucket))
    return totals_of(customers, answers), drawn


def _rows(segment: str, totals: Totals, draws: Draws) -> list[tuple[Any, ...]]:
    rows = []
    for metric in METRICS:
        value, n = metric.of(totals), metric.counted(totals)
        why = metric.undefined if value is None else None
        if value is not None and n < ENOUGH:
            value, why = None, f"it rests on {n}, a ratio needs {ENOUGH}"
        low, high = (None if value is None else interval(metric, totals, draws)) or (None, None)
        rows.append((segment, metric.name, value, metric.unit, why, totals.came, n, low, high))
    return rows
