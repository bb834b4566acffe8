from datetime import UTC, datetime, timedelta

import pytest

from engine.domain.till.basket_pricing import WhyNot
from engine.domain.till.velocity_caps import Caps, Use

NOON = datetime(2017, 12, 5, 12, tzinfo=UTC)
CAPS = Caps(redemptions_a_day=3, units_a_day=10, tills=2, within=timedelta(hours=1))
FIRST, SECOND, THIRD = ("330", "1"), ("330", "2"), ("331", "1")


def use(till: tuple[str, str] | None, minutes_ago: int, *, today: bool = True, units: int = 1) -> Use:
    return Use(till, NOON - timedelta(minutes=minutes_ago), today, units * 1000)


@pytest.mark.parametrize(
    ("uses", "till", "expected"),
    [
        ([], FIRST, None),
        ([use(FIRST, 5), use(SECOND, 4)], THIRD, WhyNot.TOO_MANY_TILLS),
        ([use(FIRST, 5), use(SECOND, 4)], SECOND, None),
        ([use(FIRST, 60), use(SECOND, 4)], THIRD, None),
        ([use(FIRST, 5), use(SECOND, 4)], None, None),
        ([use(None, 5), use(SECOND, 4)], THIRD, None),
        ([use(FIRST, 1)] * 3, FIRST, WhyNot.TOO_MANY_REDEMPTIONS),
        ([use(FIRST, 1, today=False)] * 3, FIRST, None),
    ],
)
def test_a_card_is_stopped(uses: list[Use], till: tuple[str, str] | None, expected: WhyNot | None) -> None:
    assert CAPS.blocked(uses, till, NOON) is expected


def test_units_left_are_those_of_today() -> None:
    uses = [use(FIRST, 1, units=4), use(FIRST, 900, today=False, units=9)]
    assert CAPS.units_left_milli(uses) == 6_000


def test_units_left_are_never_below_zero() -> None:
    assert CAPS.units_left_milli([use(FIRST, 1, units=11)]) == 0
