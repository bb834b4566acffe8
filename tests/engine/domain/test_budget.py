from datetime import UTC, datetime

import pytest

from engine.domain.budget import BudgetPeriod, allowance_milli, amount_for, period_around, remaining_nights
from engine.domain.offer_errors import BadRequest
from engine.domain.validity_window import LocalDays

DAYS = LocalDays("UTC")
MONDAY = datetime(2017, 12, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        (BudgetPeriod.DAY, datetime(2017, 12, 6, tzinfo=UTC), datetime(2017, 12, 7, tzinfo=UTC)),
        (BudgetPeriod.WEEK, datetime(2017, 12, 4, tzinfo=UTC), datetime(2017, 12, 11, tzinfo=UTC)),
        (BudgetPeriod.MONTH, datetime(2017, 12, 1, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_period_contains_the_moment_and_ends_before_the_next(
    period: BudgetPeriod, start: datetime, end: datetime
) -> None:
    assert period_around(datetime(2017, 12, 6, 17, tzinfo=UTC), period, DAYS) == (start, end)
    assert period_around(end, period, DAYS)[0] == end


@pytest.mark.parametrize(
    ("day", "period", "nights"),
    [
        (4, BudgetPeriod.WEEK, 7),
        (9, BudgetPeriod.WEEK, 2),
        (10, BudgetPeriod.WEEK, 1),
        (4, BudgetPeriod.DAY, 1),
        (4, BudgetPeriod.MONTH, 28),
    ],
)
def test_tonight_counts_among_the_nights_that_remain(day: int, period: BudgetPeriod, nights: int) -> None:
    assert remaining_nights(MONDAY.replace(day=day), period, DAYS) == nights


def test_a_night_may_plan_its_share_of_what_is_left() -> None:
    assert allowance_milli(amount_minor=700, committed_milli=140_000, nights=4) == 140_000


def test_an_overspent_period_leaves_nothing() -> None:
    assert allowance_milli(amount_minor=1, committed_milli=1001, nights=1) == 0


def test_a_period_without_nights_is_refused() -> None:
    with pytest.raises(BadRequest, match="got 0"):
        allowance_milli(100, 0, 0)


def test_the_amount_for_a_night_is_the_least_that_lets_it_plan_what_it_wants() -> None:
    enough = amount_for(wanted_milli=140_001, committed_milli=140_000, nights=4)
    assert allowance_milli(enough, 140_000, 4) >= 140_001
    assert allowance_milli(enough - 1, 140_000, 4) < 140_001
