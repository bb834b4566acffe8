from datetime import date

import pytest

from engine.domain.legal_age import age_years, flags_of_age


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(2000, 3, 1), date(2018, 2, 28), 17),
        (date(2000, 3, 1), date(2018, 3, 1), 18),
        (date(2000, 2, 29), date(2018, 2, 28), 17),
        (date(2000, 2, 29), date(2018, 3, 1), 18),
        (date(2018, 3, 2), date(2018, 3, 1), None),
        (date(1900, 1, 1), date(2018, 3, 1), None),
        (None, date(2018, 3, 1), None),
    ],
)
def test_an_age_is_whole_years_or_not_known(born: date | None, day: date, years: int | None) -> None:
    assert age_years(born, day) == years


def test_who_is_old_enough_for_one_thing_may_be_too_young_for_another() -> None:
    ages = {"alcohol": 18, "tobacco": 21}
    assert flags_of_age(date(2000, 1, 1), date(2019, 1, 1), ages) == {"alcohol"}
    assert flags_of_age(None, date(2019, 1, 1), ages) == frozenset()
