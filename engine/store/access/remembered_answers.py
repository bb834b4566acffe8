"""What writes answered: the same request again gets the same answer, and nothing happens twice.

The answer is kept in the transaction of the write itself. Either both are there after a crash or neither is.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, select, update

from engine.store.database.store import insert_unless_there
from engine.store.schema import moment_us
from engine.store.schema.access_tables import remembered_answers as answers

_CLAIMED = 0  # no HTTP status: the write is under way in this very transaction


class Claim(NamedTuple):
    """Which write this is: who asks, the key they gave it, and the hash of method, path and body."""

    caller: str
    idempotency_key: str
    request_hash: bytes


class Kept(NamedTuple):
    """What a write answered."""

    request_hash: bytes
    status: int
    body: bytes


def claim(connection: Connection, claim: Claim, *, now: datetime) -> Kept | None:
    """Take the key for this transaction, or return what was answered under it before.

    On PostgreSQL a second transaction with the same key waits here for the end of the first.
    """
    row = {
        "caller": claim.caller,
        "idempotency_key": claim.idempotency_key,
        "request_hash": claim.request_hash,
        "created_us": moment_us(now),
        "status": _CLAIMED,
        "body": b"",
    }
    if insert_unless_there(connection, answers, row):
        return None
    kept = connection.execute(
        select(answers.c.request_hash, answers.c.status, answers.c.body).where(_one(claim))
    ).one()
    return Kept(*kept)


def keep_answer(
    connection: Connection, claim: Claim, status: int, body: bytes, *, customer_id: str | None
) -> None:
    """Keep the answer of the write that holds the claim."""
    connection.execute(
        update(answers).where(_one(claim)).values(status=status, body=body, customer_id=customer_id)
    )


def _one(claim: Claim) -> ColumnElement[bool]:
    return and_(answers.c.caller == claim.caller, answers.c.idempotency_key == claim.idempotency_key)
