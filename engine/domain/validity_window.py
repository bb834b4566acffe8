"""Local days and the validity windows made of them.

A local day starts at the programme's hour by the shop's clock, so it has 23 or 25 hours when the clock changes
and does not exist at all where a country skipped a date. Windows are half-open `[valid_from, valid_to)` and
last a whole number of days that exist. Moments go in with any zone and come out in UTC.
"""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.domain.offer_errors import BadRequest

# A visit expected at noon of the last day may well come a day late; the window should still be open.
MARGIN_DAYS = 1.0
_DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadRequest(f"expected an IANA time zone such as Europe/Berlin, got {name!r}") from error


@dataclass(frozen=True)
class LocalDays:
    """The shop's days: an IANA time zone and the wall-clock time at which a day starts."""

    timezone: str
    starts_at: time = time(0)

    def start_of(self, day: date) -> datetime:
        """Return the moment a day starts.

        A start that the clock repeats is the first of the two; one that the clock skips moves by the gap,
        so that a skipped date starts where the following one does.
        """
        local = datetime.combine(day, self.starts_at, tzinfo=_zone(self.timezone))
        return local.astimezone(UTC)

    def day_of(self, moment: datetime) -> date:
        """Return the local day that contains a moment."""
        day = self._local(moment).date() + _DAY
        while self.start_of(day) > moment:
            day -= _DAY
        return day

    def next_start(self, moment: datetime) -> datetime:
        """Return the first day start after a moment."""
        return self.start_of(self.day_of(moment) + _DAY)

    def first_start(self, moment: datetime) -> datetime:
        """Return the first day start at or after a moment."""
        start = self.start_of(self.day_of(moment))
        return start if start == moment else self.next_start(moment)

    def after(self, start: datetime, days: int) -> datetime:
        """Return the day start that lies `days` existing local days after a day start."""
        for _ in range(days):
            start = self.next_start(start)
        return start

    def between(self, start: datetime, end: datetime) -> int:
        """Count the day starts in `[start, end)`."""
        count, moment = 0, self.first_start(start)
        while moment < end:
            count, moment = count + 1, self.next_start(moment)
        return count

    def _local(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise BadRequest(
                f"expected a moment with a time zone, got {moment.isoformat()}; add Z or an offset"
            )
        return moment.astimezone(_zone(self.timezone))


def length_days(next_visit_days: float, lead_days: float, min_days: int, max_days: int) -> int:
    """Choose how many days a bundle is valid, so that the customer's next visit lies inside.

    Args:
        next_visit_days: expected days from `as_of` to the next visit; infinite or NaN where nothing is known.
        lead_days: days from `as_of` to the start of the window.
        min_days: shortest window.
        max_days: longest window, also taken where nothing is known.

    """
    if not math.isfinite(next_visit_days):
        return max_days
    return min(max(math.ceil(next_visit_days - lead_days + MARGIN_DAYS), min_days), max_days)
