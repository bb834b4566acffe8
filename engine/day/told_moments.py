"""When something happened, as a phone or a till tells it: a moment that can have been."""

from datetime import datetime, timedelta

from engine.domain.offer_errors import Refused
from models.ground.moment import EARLIEST

# A clock may be set to another zone or to tomorrow's date; what is further ahead was not looked at by anybody.
_AHEAD = timedelta(days=1)


def check_told(at: datetime, now: datetime, where: str) -> None:
    """Refuse what cannot have happened yet, or not since anybody could tell us.

    Args:
        at: what was told, with its zone.
        now: the shop's clock.
        where: the argument's name, for the sentence.

    Raises:
        Refused: invalid_request.

    """
    if not EARLIEST <= at <= now + _AHEAD:
        raise Refused(
            "invalid_request", f"{where}: expected from {EARLIEST.date()} to a day ahead of the shop's clock"
        )
