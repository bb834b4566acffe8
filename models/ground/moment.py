"""A moment up to which history is known, and the local day it falls on."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from models.ground.errors import BadInput

# What we reckon with at all: purchases are loaded, arguments read and the store's moments shown within these. Every
# zone's local day of them is a date, and every format that we write has room for them.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2199, 12, 31, tzinfo=UTC)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Moment:
    """A moment up to which history is known, and the shop's time zone in which its day is reckoned."""

    as_of: datetime
    timezone: str

    def __post_init__(self) -> None:
        """Refuse a time without zone."""
        if self.as_of.tzinfo is None:
            raise BadInput(
                f"A moment must carry a time zone, got {self.as_of.isoformat()}; add an offset or Z."
            )

    @property
    def day(self) -> date:
        """The local day of the moment."""
        return self.as_of.astimezone(ZoneInfo(self.timezone)).date()


def local_midnight(day: date, timezone: str) -> Moment:
    """The moment at which a local day starts by the wall clock."""
    return Moment(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone)), timezone)


def parse_moment(text: str, timezone: str, option: str = "--as-of") -> Moment:
    """Read an argument: a date alone is local midnight in the shop's zone, a time must carry a zone.

    Raises:
        BadInput: it is neither, or not from 1970 to 2199; the message names the option.
    """
    try:
        if _DATE.fullmatch(text):
            moment = local_midnight(date.fromisoformat(text), timezone).as_of
        else:
            moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            f"Expected {option} as a date (2017-12-04) or a time with zone (2017-12-04T03:00:00Z), got {text!r}."
        ) from None
    if moment.tzinfo is None:
        raise BadInput(f"{option} must carry a time zone, got {text}; add an offset or Z.")
    if not EARLIEST <= moment <= LATEST:
        raise BadInput(f"Expected {option} to be from {EARLIEST.date()} to {LATEST.date()}, got {text}.")
    return Moment(moment, timezone)
