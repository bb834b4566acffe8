"""On which days purchases can have happened: declared in tables.toml, or read off the shop's own days.

A till with an empty battery says 1980. Such a day makes the shop decades older, and with it every customer's rate of
coming. Undeclared, a day is taken for impossible only at an end of the history: after the day of the load, or where
few lines on few days lie further away from all others than any pause that the shop has made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from models.sources.reading.declaration import Declaration
from models.tables.row_checks import IMPLAUSIBLE_DAY, UNDECLARED_DAY

# Shorter pauses are a season, a renovation, a first delivery that came early.
LEAST_GAP = timedelta(days=365)
# A shop that has paused before may pause so many times as long before a day of it is doubted.
OWN_PAUSES = 3
# More lines or more days than this are a part of the history and no slip.
FEW_LINES, FEW_DAYS = 0.01, 0.02
# With fewer lines no day is far from "the others".
ENOUGH_LINES = 100
# A shop that opened again this recently may have few days since; one whose clock runs ahead is a day ahead at most.
REOPENED_WITHIN = timedelta(days=31)
CLOCK_AHEAD = timedelta(days=1)


@dataclass(frozen=True)
class Bound:
    """A day beyond which lines are set aside, the reason they get, and in words why."""

    day: date
    reason: str
    why: str


@dataclass(frozen=True)
class PlausibleDays:
    """From the first day to the last, both included; None: any."""

    first: Bound | None
    last: Bound | None

    def outside(self, day: str) -> str:
        """SQL: the reason for which a line of the DATE `day` is set aside, null where it is not."""
        sides = ((self.first, "<"), (self.last, ">"))
        cases = " ".join(
            f"WHEN {day} {sign} DATE '{bound.day}' THEN '{bound.reason}'" for bound, sign in sides if bound
        )
        return f"CASE {cases} END" if cases else "NULL"


def plausible_days(lines: Mapping[date, int], declaration: Declaration, today: date | None) -> PlausibleDays:
    """Between which days lines are kept.

    Args:
        lines: how many lines each day has.
        declaration: its first_day and last_day stand above every rule.
        today: the shop's day on which it loads; None: the end of the history is not doubted.
    """
    first = last = None
    if declaration.last_day:
        last = Bound(
            date.fromisoformat(declaration.last_day),
            UNDECLARED_DAY,
            f"after last_day = {declaration.last_day} of tables.toml",
        )
    elif today:
        last = Bound(today + CLOCK_AHEAD, IMPLAUSIBLE_DAY, f"after the day of this load, {today}")
    if declaration.first_day:
        first = Bound(
            date.fromisoformat(declaration.first_day),
            UNDECLARED_DAY,
            f"before first_day = {declaration.first_day} of tables.toml",
        )
    possible = {day: n for day, n in lines.items() if not last or day <= last.day}
    history = _history(possible)
    if history is None:
        return PlausibleDays(first, last)
    begins, ends = history
    if not first and min(possible) < begins:
        first = Bound(begins, IMPLAUSIBLE_DAY, f"years before the shop's other days, {begins} to {ends}")
    newest = max(possible)
    if today and not declaration.last_day and ends < newest < today - REOPENED_WITHIN:
        last = Bound(ends, IMPLAUSIBLE_DAY, f"years after the shop's other days, {begins} to {ends}")
    return PlausibleDays(first, last)


def _history(lines: Mapping[date, int]) -> tuple[date, date] | None:
    """First and last day of what is no slip; None where there are too few lines to tell."""
    total = sum(lines.values())
    if total < ENOUGH_LINES:
        return None
    parts = _parts(sorted(lines))
    large = [
        at
        for at, part in enumerate(parts)
        if sum(lines[day] for day in part) > FEW_LINES * total or len(part) > max(1.0, FEW_DAYS * len(lines))
    ]
    if not large:
        return None
    low, high = large[0], large[-1]
    days = [day for at in large for day in parts[at]]
    own = max((later - day for day, later in pairwise(days)), default=timedelta(0))
    pause = max(LEAST_GAP, OWN_PAUSES * own)
    while low > 0 and parts[low][0] - parts[low - 1][-1] <= pause:
        low -= 1
    while high + 1 < len(parts) and parts[high + 1][0] - parts[high][-1] <= pause:
        high += 1
    return parts[low][0], parts[high][-1]


def _parts(days: Sequence[date]) -> list[list[date]]:
    """Days in order, cut at every pause longer than LEAST_GAP."""
    parts: list[list[date]] = []
    for day in days:
        if parts and day - parts[-1][-1] <= LEAST_GAP:
            parts[-1].append(day)
        else:
            parts.append([day])
    return parts
