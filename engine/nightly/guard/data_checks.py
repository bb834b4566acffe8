"""Checks of the data: are they fresh, whole, and of the usual size and money?"""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from engine.nightly.guard.guard_check import CHANCE, STANDARD_ERRORS, GuardCheck, nothing_before
from engine.nightly.guard.night_measures import Measures
from engine.nightly.guard.tonight import Tonight
from engine.programme import GuardLimits, is_closed
from models.ground.currencies import written
from models.versions.shop_likeness import DAYS, Likeness

WEEKS_BEFORE = 4
# A line so many times as dear as the mean of all others is looked at alone, by the load that names it.
ODD_LINE = 20


def data_age(tonight: Tonight, limits: GuardLimits) -> GuardCheck:
    """A feed that is late makes every customer look as if they had stopped coming.

    Where few buy, the limit is widened by the pause between two customers that chance exceeds once in a thousand.
    """
    newest = tonight.measures.likeness.newest_purchase
    if newest is None:
        return GuardCheck("data_age", None, "nothing was bought before the night")
    last = datetime.fromisoformat(newest)
    hours = (tonight.as_of - last).total_seconds() / 3600
    local = last.astimezone(tonight.as_of.tzinfo).date()
    days = [local + timedelta(days=ahead) for ahead in range(1, int(hours / 24) + 1)]
    hours -= 24 * sum(is_closed(day, limits.closed_days) for day in days)
    shoppers = sum(tonight.measures.likeness.shoppers.values())
    pause = math.log(1 / (1 - CHANCE)) * 24 * DAYS / shoppers if shoppers else 0.0
    says = f"newest purchase {last:%Y-%m-%d %H:%M}, night as of {tonight.as_of.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return GuardCheck("data_age", round(hours, 2), says, at_most=round(limits.max_data_age_hours + pause, 1))


def recent_lines(likeness: Likeness, limits: GuardLimits) -> GuardCheck:
    """The day furthest from its usual, as a ratio to the mean of the same weekday of the four weeks before.

    The factor allowed is widened by three standard errors of the logarithm of a ratio of two Poisson counts of
    customers, sqrt(1/a + 1/b).
    """
    days = sorted(likeness.lines)
    worst: tuple[float, float, GuardCheck] | None = None
    for place in range(len(days) - limits.recent_days, len(days)):
        if is_closed(date.fromisoformat(days[place]), limits.closed_days):
            continue
        before = [days[place - 7 * week] for week in range(1, WEEKS_BEFORE + 1) if place >= 7 * week]
        before = [
            day
            for day in before
            if not is_closed(date.fromisoformat(day), limits.closed_days)
            and any(likeness.lines[first] for first in days if first <= day)
        ]
        usual = sum(likeness.lines[day] for day in before) / max(len(before), 1)
        people = sum(likeness.shoppers[day] for day in before)
        if usual == 0:
            continue
        lines = likeness.lines[days[place]]
        error = math.sqrt(len(before) / people + 1 / people)
        factor = limits.max_day_factor * math.exp(STANDARD_ERRORS * error)
        ratio = lines / usual
        # A day without anybody is chance where this few are usual: P(0) of a Poisson count is exp(-mean).
        chance = lines == 0 and math.exp(-people / len(before)) > 1 - CHANCE
        strain = -math.inf if chance else (abs(math.log(ratio)) if ratio > 0 else math.inf) - math.log(factor)
        check = GuardCheck(
            "recent_lines",
            round(ratio, 4),
            f"{days[place]} has {lines:,} lines, usual on that weekday are {usual:,.0f}",
            0.0 if chance else round(1 / factor, 4),
            round(factor, 4),
        )
        if worst is None or strain > worst[0]:
            worst = (strain, ratio, check)
    return worst[2] if worst else GuardCheck("recent_lines", None, "no earlier week to compare with")


def history(tonight: Tonight, limits: GuardLimits) -> GuardCheck:
    """Days that were complete before must hold the same lines now: catches files loaded twice or cut."""
    if tonight.reference is None:
        return nothing_before("history")
    whose, before = tonight.reference
    now = tonight.measures.likeness.lines
    shared = {day: lines for day, lines in before.settled_lines.items() if day in now}
    total = sum(shared.values())
    if total == 0:
        return GuardCheck(
            "history", None, f"tonight's {len(now)} days and those of {whose} have none in common"
        )
    change = sum(abs(now[day] - lines) for day, lines in shared.items()) / total
    says = (
        f"{min(shared)} to {max(shared)} hold {sum(now[day] for day in shared):,} lines, "
        f"{total:,} when {whose} looked"
    )
    return GuardCheck("history", round(change, 4), says, at_most=limits.max_history_change)


def paid_level(tonight: Tonight, limits: GuardLimits) -> GuardCheck:
    """Money a line by two ratios, the more strained one: settled days now and then, last days and weeks before.

    Settled days are the same lines twice. The last days are few customers' purchases: their limit is widened by
    three standard errors of the logarithm of a ratio of means whose spread is as large as the mean.
    """
    now = tonight.measures.likeness
    days = sorted(now.lines)
    last, weeks = days[-limits.recent_days :], days[: -limits.recent_days]
    people = [sum(now.shoppers[day] for day in some) for some in (last, weeks)]
    sides = []
    if min(people):
        factor = limits.max_price_factor * math.exp(
            STANDARD_ERRORS * math.sqrt(1 / people[0] + 1 / people[1])
        )
        usual = _money_a_line(now, weeks)
        sides.append((_money_a_line(now, last), usual, factor, last, "the weeks before"))
    if tonight.reference is not None:
        whose, before = tonight.reference
        shared = [day for day in before.settled_lines if before.lines[day] and now.lines.get(day)]
        if shared:
            then = _money_a_line(before, shared)
            sides.append(
                (_money_a_line(now, shared), then, limits.max_price_factor, shared, f"what {whose} saw")
            )
    strained = [
        (
            abs(math.log(amount / usual)) - math.log(factor),
            GuardCheck(
                "paid_level",
                round(amount / usual, 4),
                f"a line of {which[0]} to {which[-1]} brought {written(amount, tonight.currency)} "
                f"{tonight.currency}, {written(usual, tonight.currency)} in {than}",
                round(1 / factor, 4),
                round(factor, 4),
            ),
        )
        for amount, usual, factor, which, than in sides
        if amount > 0 and usual > 0
    ]
    if not strained:
        return GuardCheck("paid_level", None, "no money to compare")
    return max(strained, key=lambda side: side[0])[1]


def _money_a_line(likeness: Likeness, days: Sequence[str]) -> float:
    """Of those days together, without the one line that outweighs them: a mistyped price is no wrong currency unit."""
    lines = sum(likeness.lines[day] for day in days)
    paid = sum(likeness.paid_minor[day] for day in days)
    largest = max((likeness.largest_minor.get(day, 0) for day in days), default=0)
    if paid > largest > ODD_LINE * (paid - largest) / max(lines - 1, 1):
        lines, paid = lines - 1, paid - largest
    return paid / lines if lines else 0.0


def unknown_products(measures: Measures, limits: GuardLimits) -> GuardCheck:
    """Lines that were set aside at the load because the products table lacks their product."""
    share = measures.unknown_product_share
    says = f"{share:.2%} of the loaded lines are of products that the products table does not know"
    return GuardCheck("unknown_products", share, says, at_most=limits.max_unknown_product_share)
