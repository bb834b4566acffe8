from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.sources.loading.local_day_sql import EPOCH, MICROSECOND, local_time

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Asia/Kathmandu",
)
FIRST = datetime(1971, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=129 * 365)).map(lambda later: FIRST + later)


def day_of(time: str) -> str:
    return f"CAST(make_timestamp({time}) AS DATE)"


def us(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(ZONES), st.lists(MOMENTS, min_size=1, max_size=20))
def test_the_local_day_is_that_of_the_zone(zone: str, moments: list[datetime]) -> None:
    day = day_of(local_time("moment", zone, us(min(moments)), us(max(moments))))
    with duckdb.connect() as con:
        values = ", ".join(f"(make_timestamptz({us(moment)}))" for moment in moments)
        found = con.execute(f"SELECT {day} FROM (VALUES {values}) AS t(moment)").fetchall()
    assert [row[0] for row in found] == [moment.astimezone(ZoneInfo(zone)).date() for moment in moments]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2024, 3, 30, 22, 59, 59, tzinfo=UTC), date(2024, 3, 30)),
        (datetime(2024, 3, 30, 23, 0, tzinfo=UTC), date(2024, 3, 31)),
        (datetime(2024, 3, 31, 21, 59, 59, tzinfo=UTC), date(2024, 3, 31)),
        (datetime(2024, 3, 31, 22, 0, tzinfo=UTC), date(2024, 4, 1)),
        (datetime(2024, 10, 27, 22, 59, 59, tzinfo=UTC), date(2024, 10, 27)),
        (datetime(2024, 10, 27, 23, 0, tzinfo=UTC), date(2024, 10, 28)),
    ],
)
def test_the_days_on_which_clocks_change_begin_and_end_at_local_midnight(
    moment: datetime, expected: date
) -> None:
    year = us(datetime(2024, 1, 1, tzinfo=UTC)), us(datetime(2024, 12, 31, tzinfo=UTC))
    day = day_of(local_time("moment", "Europe/Berlin", *year))
    with duckdb.connect() as con:
        assert con.execute(
            f"SELECT {day} FROM (SELECT make_timestamptz({us(moment)}) AS moment)"
        ).fetchall() == [(expected,)]
