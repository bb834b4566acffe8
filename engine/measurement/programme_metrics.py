"""Metrics of a period, for everybody and for each segment: bucket by bucket, so that memory stays bounded."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from engine.measurement.metric_definitions import METRICS, Totals
from engine.measurement.period_totals import MeasuredPeriod, answers_in, customers_in, totals_of
from models.features.catalogue import Catalogue
from models.features.habits import Margins
from models.ground.errors import BadInput
from models.sources import Data
from models.tables import CUSTOMER_ID, CUSTOMER_NO

EVERYBODY = "everybody"
COLUMNS = ("segment", "metric", "value", "unit", "undefined", "customers")
# From a bucket's number to its customers' segments: customer_id, segment.
Segments = Callable[[int], pd.DataFrame]


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
        COLUMNS: value is None where a metric is not defined, and `undefined` then says why; customers is the number
        of those who bought in the period.

    Raises:
        BadInput: the period is empty, or the history does not reach back far enough to compare.
    """
    if period.days < 1:
        raise BadInput(
            f"--to {period.ends.day} is not after --from {period.starts.day}; expected a later day, which itself "
            "does not count."
        )
    answers = answers_in(None if data.answers is None else pd.read_parquet(data.answers), period)
    groups: dict[str, Totals] = {}
    for bucket in range(data.buckets):
        for segment, totals in _bucket(data, catalogue, margins, period, segments, answers, bucket).items():
            groups[segment] = groups[segment] + totals if segment in groups else totals
    named = sorted(segment for segment in groups if segment != EVERYBODY)
    rows = [row for segment in (EVERYBODY, *named) for row in _rows(segment, groups[segment])]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _bucket(
    data: Data,
    catalogue: Catalogue,
    margins: Margins,
    period: MeasuredPeriod,
    segments: Segments | None,
    answers: pd.DataFrame,
    bucket: int,
) -> dict[str, Totals]:
    people = pd.read_parquet(data.customers(bucket), columns=[CUSTOMER_NO, CUSTOMER_ID])
    customers = customers_in(data.purchases(bucket), catalogue, margins, period).merge(
        people, on=CUSTOMER_NO, how="left", validate="one_to_one"
    )
    own = answers[answers[CUSTOMER_ID].isin(people[CUSTOMER_ID])]
    groups = {EVERYBODY: totals_of(customers, own)}
    if segments is None:
        return groups
    placed = segments(bucket)
    of_customer = placed.set_index(CUSTOMER_ID)["segment"]
    who, said = customers[CUSTOMER_ID].map(of_customer), own[CUSTOMER_ID].map(of_customer)
    for segment in sorted(placed["segment"].dropna().unique()):
        groups[str(segment)] = totals_of(customers[who == segment], own[said == segment])
    return groups


def _rows(segment: str, totals: Totals) -> list[tuple[Any, ...]]:
    rows = []
    for metric in METRICS:
        value = metric.of(totals)
        why = metric.undefined if value is None else None
        rows.append((segment, metric.name, value, metric.unit, why, totals.came))
    return rows
