"""What a call, a message or a talk found out about a customer, and how long it counts. Pure rules.

A finding counts from the moment of the contact on: *moved* until somebody finds them coming back, a *complaint* until
it is settled, and any contact keeps them off the list of those to be contacted for a while.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MAX_NOTE = 500  # characters: a reason, not a file


class Found(StrEnum):
    """What a contact found out."""

    BOUGHT_ELSEWHERE = "bought_elsewhere"
    MOVED = "moved"
    COMPLAINT = "complaint"
    COMPLAINT_SETTLED = "complaint_settled"
    COMING_BACK = "coming_back"
    OTHER_REASON = "other_reason"  # in the note's words
    NOT_REACHED = "not_reached"


class Channel(StrEnum):
    """How somebody was reached."""

    CALL = "call"
    MESSAGE = "message"
    SHOP = "shop"


@dataclass(frozen=True)
class Contact:
    """One contact.

    Attributes:
        customer_id: with whom.
        at: when.
        found: what it found out.
        channel: how.
        by: who held it.
        note: at most MAX_NOTE characters.
        quiet_until: not to be listed again before; None leaves it to the programme's quiet days.
    """

    customer_id: str
    at: datetime
    found: Found
    channel: Channel
    by: str
    note: str = ""
    quiet_until: datetime | None = None


@dataclass(frozen=True)
class ContactState:
    """What a customer's contacts say of them at a moment."""

    moved: bool
    complaint: bool
    quiet: bool
    last: Contact


def last_settled(contacts: Iterable[Contact], at: datetime) -> tuple[datetime | None, datetime] | None:
    """When the complaint that was settled last was made, as far as a contact says, and when it was settled.

    None where none was settled before `at`, or one is open.
    """
    made: datetime | None = None
    settled: tuple[datetime | None, datetime] | None = None
    for contact in sorted((one for one in contacts if one.at < at), key=lambda one: one.at):
        if contact.found is Found.COMPLAINT:
            made, settled = made or contact.at, None
        elif contact.found is Found.COMPLAINT_SETTLED:
            made, settled = None, (made, contact.at)
    return settled


def contact_state(contacts: Iterable[Contact], at: datetime, quiet_days: int) -> ContactState | None:
    """Sum up one customer's contacts before `at`; None without any."""
    known = sorted((contact for contact in contacts if contact.at < at), key=lambda contact: contact.at)
    if not known:
        return None
    moved = complaint = quiet = False
    for contact in known:
        match contact.found:
            case Found.MOVED:
                moved = True
            case Found.COMING_BACK:
                moved = False
            case Found.COMPLAINT:
                complaint = True
            case Found.COMPLAINT_SETTLED:
                complaint = False
            case _:
                pass
        ends = contact.quiet_until or contact.at + timedelta(days=quiet_days)
        quiet = quiet or at < ends
    return ContactState(moved, complaint, quiet, known[-1])
