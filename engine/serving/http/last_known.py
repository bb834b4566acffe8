"""The bundles that this process handed out last, for the minutes in which the store is away.

Never asked while the store answers, so a choice made through another worker is visible at once. What another process
has taken away since, by a roll-back or an erasure, must not come back here: once a second the server looks what has
ended, and whatever was shown before that is forgotten. What ended during an outage, or while the look failed and logins
did not, is unknown once the store answers again: from then on nothing is shown from here until the next look.
"""

import json
from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime

from engine.day.offers_at_login import LoginOffers

# 20 MB of bundles at 2 kB each.
_MOST_CUSTOMERS = 10_000
_LONGEST_SECONDS = 3600


class LastKnown:
    """Offers by customer, those asked for longest ago dropped first."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, tuple[LoginOffers, datetime]] = OrderedDict()
        self.endings: Hashable = None  # as of the last look; None before the first
        self._missed = False  # a read or a look has failed since the last look that did not
        self._doubtful = False  # and a read has been answered after that

    def ended(self, endings: Hashable) -> None:
        """Forget everybody if anything that customers had been shown has ended since the last look."""
        self._missed = self._doubtful = False
        if endings != self.endings:
            self.endings = endings
            self._seen.clear()

    def missed(self) -> None:
        """Note that the store did not answer a read, or the look what has ended."""
        self._missed = True

    def remember(
        self, customer_id: str, offers: LoginOffers, now: datetime, *, read_at: Hashable = None
    ) -> None:
        """Keep what a customer was just shown, unless something ended after `read_at`, the endings before the read."""
        self._doubtful = self._missed
        if read_at != self.endings:
            return
        self._seen[customer_id] = (offers, now)
        self._seen.move_to_end(customer_id)
        if len(self._seen) > _MOST_CUSTOMERS:
            self._seen.popitem(last=False)

    def forget(self, customer_id: str) -> None:
        """Drop an erased customer."""
        self._seen.pop(customer_id, None)

    def offers(self, customer_id: str, now: datetime) -> LoginOffers | None:
        """What they were shown within the last hour and is still valid, with its age at this moment; else None."""
        seen = self._seen.get(customer_id)
        if self._doubtful or seen is None or seen[0].age_seconds is None:
            return None
        offers, at = seen
        passed = int((now - at).total_seconds())
        if not 0 <= passed < _LONGEST_SECONDS or _something_ended(offers.body, now):
            return None
        return offers._replace(age_seconds=seen[0].age_seconds + passed)


def _something_ended(body: bytes, now: datetime) -> bool:
    view = json.loads(body)
    parts = [part for part in (view["bundle"], view.get("favourite")) if part]
    return any(datetime.fromisoformat(part["valid_to"]) <= now for part in parts)
