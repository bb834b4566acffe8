from datetime import UTC, date, datetime, time

import pytest

from engine.domain.offer_errors import BadRequest
from engine.domain.validity_window import LocalDays, length_days

BERLIN = LocalDays("Europe/Berlin")


def test_a_window_starts_at_the_first_local_midnight_at_or_after_the_moment() -> None:
    assert BERLIN.first_start(datetime(2024, 1, 9, 22, 59, tzinfo=UTC)) == datetime(
        2024, 1, 9, 23, tzinfo=UTC
    )
    assert BERLIN.first_start(datetime(2024, 1, 9, 23, tzinfo=UTC)) == datetime(2024, 1, 9, 23, tzinfo=UTC)
    assert BERLIN.first_start(datetime(2024, 1, 9, 23, 1, tzinfo=UTC)) == datetime(
        2024, 1, 10, 23, tzinfo=UTC
    )


def test_four_days_across_the_spring_change_are_an_hour_short() -> None:
    start = BERLIN.start_of(date(2024, 3, 29))
    assert (BERLIN.after(start, 4) - start).total_seconds() == (4 * 24 - 1) * 3600


def test_four_days_across_the_autumn_change_are_an_hour_long() -> None:
    start = BERLIN.start_of(date(2024, 10, 26))
    assert (BERLIN.after(start, 4) - start).total_seconds() == (4 * 24 + 1) * 3600


def test_a_date_that_a_country_skipped_is_not_counted() -> None:
    apia = LocalDays("Pacific/Apia")  # went from 29 to 31 December 2011
    assert apia.after(apia.start_of(date(2011, 12, 29)), 2) == apia.start_of(date(2012, 1, 1))


def test_a_midnight_that_the_clock_skips_is_the_first_moment_after_it() -> None:
    havana = LocalDays("America/Havana")  # 10 March 2024 began at 01:00
    assert havana.start_of(date(2024, 3, 10)) == datetime(2024, 3, 10, 5, tzinfo=UTC)
    assert havana.day_of(datetime(2024, 3, 10, 4, 59, tzinfo=UTC)) == date(2024, 3, 9)


def test_a_day_that_starts_at_four_contains_the_night_before() -> None:
    late = LocalDays("Europe/Berlin", time(4))
    assert late.day_of(datetime(2024, 1, 10, 2, 59, tzinfo=UTC)) == date(2024, 1, 9)
    assert late.day_of(datetime(2024, 1, 10, 3, tzinfo=UTC)) == date(2024, 1, 10)


@pytest.mark.parametrize(
    ("next_visit_days", "length"),
    [(0.5, 4), (3.0, 4), (3.1, 5), (4.5, 6), (6.0, 7), (30.0, 7), (float("nan"), 7), (float("inf"), 7)],
)
def test_a_window_holds_the_next_visit_with_a_day_to_spare(next_visit_days: float, length: int) -> None:
    assert length_days(next_visit_days, 0.0, 4, 7) == length


def test_the_hours_before_the_window_opens_do_not_count_towards_it() -> None:
    assert length_days(4.5, 0.5, 4, 7) == 5


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(BadRequest, match="with a time zone"):
        BERLIN.day_of(datetime(2024, 1, 10))  # noqa: DTZ001 - the point of the test


def test_an_unknown_time_zone_is_refused_by_name() -> None:
    with pytest.raises(BadRequest, match="'Europe/Bonn'"):
        LocalDays("Europe/Bonn").start_of(date(2024, 1, 10))
