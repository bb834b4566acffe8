"""What was measured of a period, kept so that pages and reports need not measure it again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, delete, insert, select

from engine.store.database.store import Store
from engine.store.schema import moment, moment_us
from engine.store.schema.measurement_tables import summaries


@dataclass(frozen=True)
class Summary:
    """One segment's metrics in the local days `[starts, ends)`; a value is None where it is not defined."""

    starts: date
    ends: date
    segment_by: str
    segment: str
    measured_at: datetime
    load_id: str
    metrics: Mapping[str, float | None]


def keep_summaries(store: Store, found: tuple[Summary, ...]) -> None:
    """Write what was measured at once; a period that was measured before by the same segments is replaced."""
    with store.writing() as connection:
        for one in found:
            connection.execute(
                delete(summaries).where(
                    and_(
                        summaries.c.starts == one.starts,
                        summaries.c.ends == one.ends,
                        summaries.c.segment_by == one.segment_by,
                    )
                )
            )
        for one in found:
            connection.execute(
                insert(summaries).values(
                    starts=one.starts,
                    ends=one.ends,
                    segment_by=one.segment_by,
                    segment=one.segment,
                    measured_us=moment_us(one.measured_at),
                    load_id=one.load_id,
                    metrics=json.dumps(dict(one.metrics), sort_keys=True),
                )
            )


def summaries_of(store: Store, starts: date, ends: date) -> tuple[Summary, ...]:
    """Everything measured of a period, by `segment_by` and segment."""
    query = (
        select(summaries)
        .where(summaries.c.starts == starts, summaries.c.ends == ends)
        .order_by(summaries.c.segment_by, summaries.c.segment)
    )
    with store.reading() as connection:
        return tuple(
            Summary(
                row.starts,
                row.ends,
                row.segment_by,
                row.segment,
                moment(row.measured_us),
                row.load_id,
                json.loads(row.metrics),
            )
            for row in connection.execute(query)
        )
