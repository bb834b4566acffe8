from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.ground.moment import Moment, local_midnight
from training.fitting.splits import rolling_cuts

LONG_AGO = date(2000, 1, 1)


def days(cuts: list[Moment]) -> list[str]:
    return [cut.day.isoformat() for cut in cuts]


def test_the_latest_window_ends_where_the_unknown_begins() -> None:
    as_of = local_midnight(date(2017, 12, 4), "UTC")
    cuts = rolling_cuts(as_of, window_days=7, step_days=7, count=3, first_day=LONG_AGO)
    assert days(cuts) == ["2017-11-27", "2017-11-20", "2017-11-13"]


def test_of_a_day_half_known_nothing_is_predicted() -> None:
    noon = Moment(datetime(2017, 12, 4, 12, tzinfo=UTC), "UTC")
    cuts = rolling_cuts(noon, window_days=7, step_days=7, count=1, first_day=LONG_AGO)
    assert cuts == [local_midnight(date(2017, 11, 27), "UTC")]


def test_there_are_as_many_cuts_as_the_history_allows() -> None:
    as_of = local_midnight(date(2017, 12, 4), "UTC")
    found = [
        days(rolling_cuts(as_of, window_days=28, step_days=14, count=9, first_day=first))
        for first in (date(2017, 10, 23), date(2017, 10, 24), date(2017, 11, 7))
    ]
    assert found == [["2017-11-06", "2017-10-23"], ["2017-11-06"], []]


def test_cuts_are_local_midnights_also_where_the_clocks_change() -> None:
    as_of = local_midnight(date(2024, 4, 7), "Europe/Berlin")
    cuts = rolling_cuts(as_of, window_days=7, step_days=7, count=2, first_day=LONG_AGO)
    assert [cut.as_of.astimezone(UTC) for cut in cuts] == [
        datetime(2024, 3, 30, 23, tzinfo=UTC),  # the night before the clocks go forward
        datetime(2024, 3, 23, 23, tzinfo=UTC),
    ]
    assert as_of.as_of.astimezone(UTC) == datetime(2024, 4, 6, 22, tzinfo=UTC)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2025, 1, 1)), st.integers(1, 60), st.integers(1, 30))  # noqa: DTZ001
def test_no_window_reaches_beyond_the_known(at: datetime, window_days: int, step_days: int) -> None:
    as_of = Moment(at.replace(tzinfo=UTC), "America/New_York")
    for cut in rolling_cuts(as_of, window_days=window_days, step_days=step_days, count=4, first_day=LONG_AGO):
        assert local_midnight(cut.day + timedelta(days=window_days), "America/New_York").as_of <= as_of.as_of
