"""The local time of a moment as plain arithmetic: ten times quicker than asking for it line by line.

A zone's offset from UTC is constant between two changes of clocks, and a shop's history holds a few of them.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# No zone changes its clocks forth and back within this; each found change is then narrowed down to the second.
STEP = timedelta(days=7)


def local_time(moment: str, timezone: str, first_us: int, last_us: int) -> str:
    """SQL: the local time of the TIMESTAMPTZ expression `moment`, as microseconds since 1970 by the wall clock.

    Args:
        moment: an SQL expression.
        timezone: IANA name.
        first_us: earliest moment that may occur, in microseconds since 1970 (UTC).
        last_us: the latest one.
    """
    changes = _changes(ZoneInfo(timezone), EPOCH + first_us * MICROSECOND, EPOCH + last_us * MICROSECOND)
    epoch = f"epoch_us({moment})"
    cases = " ".join(f"WHEN {epoch} < {until} THEN {offset}" for until, offset in changes[:-1])
    offset = f"CASE {cases} ELSE {changes[-1][1]} END" if cases else str(changes[-1][1])
    return f"{epoch} + {offset}"


def _changes(zone: ZoneInfo, first: datetime, last: datetime) -> list[tuple[int, int]]:
    """Each offset in turn, in microseconds, with the moment up to which it holds."""
    found = []
    start = first
    while start <= last:
        end = start + STEP
        if _offset(zone, end) != _offset(zone, start):
            end = _next_change(zone, start, end)
            found.append(((end - EPOCH) // MICROSECOND, _offset(zone, start) // MICROSECOND))
        start = end
    return [*found, (0, _offset(zone, start) // MICROSECOND)]


def _next_change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if _offset(zone, middle) == _offset(zone, before):
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)
