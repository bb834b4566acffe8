"""The rules and the shop's days as the last published night left them."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from engine.domain.arms import Arm, arm_of, salt_of
from engine.domain.budget import MILLI, period_around
from engine.domain.offer_errors import Refused
from engine.domain.validity_window import LocalDays
from engine.programme import Programme, parse_programme
from engine.store import Store
from engine.store.nights.published_products import published_shop


@dataclass(frozen=True)
class PublishedRules:
    """What every use case of the day follows."""

    run_no: int  # whose shelf of products it is
    run_id: str
    as_of: datetime
    currency: str
    item_level: str
    programme: Programme
    days: LocalDays

    def arm_of(self, customer_id: str) -> Arm:
        """Return the customer's arm; ids that nobody knows have one too."""
        return arm_of(customer_id, _arms_salt(self.programme.seed), self.programme.holdout.share)

    def favourite_line(self, moment: datetime) -> tuple[datetime, int]:
        """Return when the favourite's budget period around a moment began, and its thousandths of a minor unit."""
        budget = self.programme.favourite.budget
        starts, _ = period_around(moment, budget.period, self.days)
        return starts, budget.amount_minor * MILLI


def rules_now(store: Store) -> PublishedRules:
    """Return the shop of the current run; the parsed programme is kept between calls.

    Raises:
        Refused: no_current_run, no night has been published yet.
        StoreUnreachable: the database does not answer.

    """
    shelf = published_shop(store)
    if shelf is None:
        raise Refused("no_current_run", "No night has been published yet.")
    programme = _parsed(shelf.programme)
    return PublishedRules(
        shelf.run_no,
        shelf.run_id,
        shelf.as_of,
        shelf.currency,
        shelf.item_level,
        programme,
        programme.local_days(shelf.timezone),
    )


@lru_cache(maxsize=8)
def _arms_salt(seed: int) -> bytes:
    return salt_of(seed, "arms")


@lru_cache(maxsize=8)
def _parsed(text: str) -> Programme:
    return parse_programme(text, "the programme of the current run")
