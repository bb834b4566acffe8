"""Who may use the manager's console: people of the shop, each with one role.

Roles stand in a row and each may do all that the ones before it may, so that a page needs one word: the least role.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LONGEST_NAME = 64
# Short ones are guessed; of very long ones the hash costs the server more than they add.
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256


class Role(StrEnum):
    """What a person may do, the least first."""

    VIEWER = "viewer"  # nights, rules, models, proof: no customer
    SERVICE_DESK = "service_desk"  # and look customers up
    EDITOR = "editor"  # and withdraw a product, stop all offers, draft rules
    APPROVER = "approver"  # and publish, roll back, let offers go on, approve rules
    ADMIN = "admin"  # and hand out or erase a customer's data

    def covers(self, least: "Role") -> bool:
        """True if this role may do what needs at least the other one."""
        order = list(Role)
        return order.index(self) >= order.index(least)


@dataclass(frozen=True)
class ConsoleUser:
    """A person as the store knows them: everything but the password's hash."""

    user_id: str
    name: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None


def login_name(text: str) -> str:
    """The one spelling of a name, so that Anna and anna are one person and no two look alike."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def wrong_with_name(name: str) -> str | None:
    """What is wrong with a name as `login_name` spells it, in half a sentence; None where nothing is."""
    if not 0 < len(name) <= LONGEST_NAME:
        return f"has {len(name)} characters, expected 1 to {LONGEST_NAME}"
    if not name.isprintable():
        return "has a character that nobody can see"
    return None


def wrong_with_password(password: str, name: str) -> str | None:
    """What is wrong with a new password, in half a sentence without it; None where nothing is."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return f"has {len(password)} characters, expected {SHORTEST_PASSWORD} to {LONGEST_PASSWORD}"
    if login_name(password) == name or len(set(password)) == 1:
        return "is the name, or one character again and again; choose another one"
    return None
