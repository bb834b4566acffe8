"""Who may ask: scopes, server keys and what is kept of them.

A key is 256 random bits, so nobody can guess one or try them all, whatever the hash costs. That is why a plain
SHA-256 is kept and not a slow password hash: those make up for the little randomness in what people choose, and
would cost every request of a till a tenth of a second.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

PREFIX = "abk_"  # so that scanners for lost secrets find ours
_SECRET_BYTES = 32
_ID_BYTES = 6


class Scope(StrEnum):
    """What a key may do. No scope contains another one: a key has exactly those it was given."""

    APP = "app"  # read and choose offers, make tokens for phones, tell what was shown
    TILL = "till"  # validate, redeem and roll back
    ANALYST = "analyst"  # read events and runs
    DESK = "desk"  # give customers money, see and take back what was given
    STOCK = "stock"  # tell what is left of products
    ADMIN = "admin"  # hand out and erase a customer's data, recall products


@dataclass(frozen=True)
class AccessKey:
    """A server key as the store knows it: everything but the secret."""

    key_id: str
    name: str
    scopes: frozenset[Scope]
    lineage: str  # id of the first key of a row of rotations: who asks stays the same when the secret changes
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def works_at(self, moment: datetime) -> bool:
        """True unless it has expired or was revoked."""
        ends = [end for end in (self.expires_at, self.revoked_at) if end is not None]
        return all(moment < end for end in ends)


def new_secret() -> str:
    """A key as its owner keeps it; nothing of ours can show it again."""
    return PREFIX + secrets.token_urlsafe(_SECRET_BYTES)


def new_key_id() -> str:
    """A name for a key that tells nothing about its secret."""
    return f"k_{secrets.token_hex(_ID_BYTES)}"


def fingerprint(secret: str) -> bytes:
    """What the store keeps of a key: its SHA-256."""
    return hashlib.sha256(secret.encode()).digest()
