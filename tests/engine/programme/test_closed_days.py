"""Days on which nobody can buy: dates, weekdays and a country's public holidays."""

from datetime import date

import pytest

from engine.domain.offer_errors import BadProgramme
from engine.programme import is_closed, parse_programme, programme_text

SHIPPED = 'closed_days = ["12-25"]'


@pytest.mark.parametrize(
    ("written", "closed", "open_"),
    [
        ("12-25", "2031-12-25", "2031-12-26"),
        ("02-29", "2028-02-29", "2027-03-01"),
        ("2026-07-31", "2026-07-31", "2027-07-31"),
        ("sunday", "2026-08-02", "2026-08-03"),
        ("holidays:DE", "2026-04-06", "2026-04-07"),  # Easter Monday
        ("holidays:DE-BY", "2026-06-04", "2026-06-05"),  # Corpus Christi
        ("holidays:US", "2026-11-26", "2026-11-27"),  # Thanksgiving
    ],
)
def test_a_closed_day_is_known_by_date_weekday_or_country(written: str, closed: str, open_: str) -> None:
    programme = parse_programme(
        programme_text().replace(SHIPPED, f'closed_days = ["01-06", "{written}"]'), "p"
    )
    days = programme.guard.closed_days
    assert is_closed(date.fromisoformat(closed), days)
    assert not is_closed(date.fromisoformat(open_), days)


def test_a_part_of_a_country_has_holidays_that_the_country_has_not() -> None:
    assert not is_closed(date(2026, 6, 4), ["holidays:DE"])


@pytest.mark.parametrize(
    "written",
    [
        "12-32",
        "02-30",
        "2026-02-29",
        "0000-01-01",
        "Sunday",
        "sundays",
        "holidays",
        "holidays:XX",
        "holidays:DE-ZZ",
        "easter",
    ],
)
def test_a_day_that_is_none_is_refused_with_what_was_expected(written: str) -> None:
    text = programme_text().replace(SHIPPED, f'closed_days = ["{written}"]')
    with pytest.raises(
        BadProgramme, match=f"guard.closed_days = '{written}': expected a list of days: \"12-25\""
    ):
        parse_programme(text, "p")
