"""A grant: money given to a customer without a condition, off what they still have to pay for a purchase.

Kinds that come later (points, gifts, statuses, messages) have a customer, a window, a reason, a budget line and a key
as these do, and a mechanic knows nothing of the ledger in which they stand; only what they hold is not money.

    left = given - used + returned - cancelled, never below nothing

What a purchase does not need of a grant stays for the next one, until the window ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from engine.domain.ids import grant_id
from engine.domain.offer_errors import Refused

MOST_MINOR = 10**9
LONGEST_KEY = 128
LONGEST_REASON = 500
LONGEST_NAME = 64  # of a budget line and a funder


class GrantKind(StrEnum):
    """What it is given for."""

    COMPENSATION = "compensation"  # service: something went wrong; for anybody, held out or not
    THANK_YOU = "thank_you"  # marketing: never for whom a holdout keeps without


class Booking(StrEnum):
    """What an entry of the ledger books."""

    GIVEN = "given"
    USED = "used"
    RETURNED = "returned"  # goods that it had paid for came back
    CANCELLED = "cancelled"


class GrantState(StrEnum):
    """What of a grant there is at a moment."""

    UPCOMING = "upcoming"
    OPEN = "open"
    USED = "used"  # all of it; what comes back opens it again
    ENDED = "ended"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Grant:
    """Money for a customer.

    Attributes:
        key: whoever gives it names it; the same key is the same grant.
        customer_id: who gets it.
        kind: what it is given for.
        amount_minor: how much, minor units of `currency`.
        currency: ISO code.
        reason: as the customer reads it.
        valid_from, valid_to: moments between which it can be used, half-open, starts of local days or the moment of giving.
        given_by: a key's id, an operator's command or a night's run id.
        given_at: when.
        budget_line: of which budget it is paid.
        funder: who pays it; None is the shop.

    """

    key: str
    customer_id: str
    kind: GrantKind
    amount_minor: int
    currency: str
    reason: str
    valid_from: datetime
    valid_to: datetime
    given_by: str
    given_at: datetime
    budget_line: str
    funder: str | None = None

    @property
    def id(self) -> str:
        """Its name for everybody but who gave it."""
        return grant_id(self.key)

    def is_as(self, other: "Grant") -> bool:
        """True if both promise the same; who says it again, and when, changes nothing."""
        return self == replace(other, given_by=self.given_by, given_at=self.given_at)


@dataclass(frozen=True)
class GrantEntry:
    """A line of the ledger; money in minor units, what is taken below nothing.

    Attributes:
        booking: what happened.
        change_minor: of the grant's money, not zero.
        left_minor: of the grant after it.
        at: when.
        redemption_no, line_no, line_id: the basket's line that it paid, or that came back; None for the rest.
        note: why it was cancelled.

    """

    booking: Booking
    change_minor: int
    left_minor: int
    at: datetime
    redemption_no: int | None = None
    line_no: int | None = None
    line_id: str | None = None
    note: str | None = None


def left_minor(entries: Sequence[GrantEntry]) -> int:
    """Return what is left of a grant by its entries, the oldest first."""
    return sum(entry.change_minor for entry in entries)


def used_minor(entries: Sequence[GrantEntry]) -> int:
    """Return what of a grant stands as used."""
    return -sum(one.change_minor for one in entries if one.booking in {Booking.USED, Booking.RETURNED})


def state_at(grant: Grant, entries: Sequence[GrantEntry], now: datetime) -> GrantState:
    """Return what of a grant there is at a moment."""
    if any(entry.booking is Booking.CANCELLED for entry in entries):
        return GrantState.CANCELLED
    if left_minor(entries) == 0:
        return GrantState.USED
    if now < grant.valid_from:
        return GrantState.UPCOMING
    return GrantState.OPEN if now < grant.valid_to else GrantState.ENDED


def check_grant(grant: Grant) -> None:
    """Refuse what cannot be given: grant_impossible, saying what was expected."""
    if not 0 < grant.amount_minor <= MOST_MINOR:
        raise _impossible(f"an amount of 1 to {MOST_MINOR} minor units", str(grant.amount_minor))
    if grant.valid_from >= grant.valid_to:
        raise _impossible("a window that ends after it begins", f"one that ends {grant.valid_to.isoformat()}")
    for named, text, longest in (
        ("key", grant.key, LONGEST_KEY),
        ("reason", grant.reason, LONGEST_REASON),
        ("budget line", grant.budget_line, LONGEST_NAME),
        ("funder", "the shop" if grant.funder is None else grant.funder, LONGEST_NAME),
    ):
        if not text.strip() or len(text) > longest or not text.isprintable():
            raise _impossible(f"a {named} of 1 to {longest} printable characters", repr(text[:longest]))


def _impossible(expected: str, came: str) -> Refused:
    return Refused("grant_impossible", f"A grant needs {expected}; {came} came, and nothing was given.")
