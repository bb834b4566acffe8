from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.ground.errors import BadInput
from models.ground.moment import Moment, local_midnight, parse_moment


def test_a_date_alone_is_local_midnight() -> None:
    moment = parse_moment("2024-07-01", "Europe/Berlin")
    assert moment.as_of == datetime(2024, 6, 30, 22, tzinfo=UTC)
    assert moment.day == date(2024, 7, 1)


def test_a_time_with_zone_falls_on_the_shop_s_local_day() -> None:
    assert parse_moment("2024-06-30T22:00:00Z", "Europe/Berlin").day == date(2024, 7, 1)
    assert parse_moment("2024-06-30T21:59:59Z", "Europe/Berlin").day == date(2024, 6, 30)


def test_a_day_that_starts_at_one_o_clock_starts_there() -> None:
    midnight = local_midnight(date(2018, 11, 4), "America/Sao_Paulo")  # clocks went from 00:00 to 01:00
    before = midnight.as_of.astimezone(UTC) - timedelta(seconds=1)
    assert before.astimezone(ZoneInfo("America/Sao_Paulo")).date() == date(2018, 11, 3)
    assert midnight.day == date(2018, 11, 4)


def test_a_midnight_that_strikes_twice_starts_the_day_the_first_time() -> None:
    assert local_midnight(date(2024, 11, 3), "America/Havana").as_of.astimezone(UTC) == datetime(
        2024, 11, 3, 4, tzinfo=UTC
    )


@pytest.mark.parametrize("text", ["yesterday", "2024-13-01", "01.07.2024", ""])
def test_what_is_no_time_is_refused_with_the_option_s_name(text: str) -> None:
    with pytest.raises(BadInput, match="Expected --now as a date"):
        parse_moment(text, "UTC", "--now")


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(BadInput, match="--now must carry a time zone, got 2024-07-01T03:00:00;"):
        parse_moment("2024-07-01T03:00:00", "UTC", "--now")
    with pytest.raises(BadInput, match="must carry a time zone"):
        Moment(datetime(2024, 7, 1), "UTC")  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize(
    "text", ["0001-01-01", "0001-01-01T00:00:00+01:00", "9999-12-31", "2200-01-01T00:00:00Z"]
)
def test_a_moment_beyond_reason_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="Expected --now to be from 1970-01-01 to 2199-12-31, got"):
        parse_moment(text, "Europe/Berlin", "--now")
