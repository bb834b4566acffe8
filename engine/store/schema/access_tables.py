"""The tables of access: keys, remembered answers, the audit trail, events and erased customers."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, String, Table, Text

from engine.store.schema.column_types import Key, metadata
from engine.store.schema.customer_data import (
    CUSTOMER,
    ENDS_WITH_CUSTOMER,
    INTERNAL,
    Clock,
    Erasure,
    Lasts,
    Until,
    cleared,
    of_customer,
    of_nobody,
    renewed,
)

access_keys = Table(
    "access_keys",
    metadata,
    Column("key_id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("fingerprint", LargeBinary(32), nullable=False, unique=True),  # SHA-256 of the secret
    Column("scopes", Text, nullable=False),  # separated by spaces
    Column("lineage", String(32), nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger),
    Column("revoked_us", BigInteger),
    Column("last_used_us", BigInteger),
    info=of_nobody("keys of systems", lasts=Lasts.FOR_GOOD),
)

# What a write answered, so that a till which lost the answer gets it again and nothing happens twice.
remembered_answers = Table(
    "remembered_answers",
    metadata,
    # lineage of the key, with the customer for their own token
    Column("caller", Text, primary_key=True, info=ENDS_WITH_CUSTOMER),
    Column("idempotency_key", Text, primary_key=True),
    Column("request_hash", LargeBinary(32), nullable=False, info=INTERNAL),
    Column("customer_id", Text, info=CUSTOMER),  # whose data the body holds
    Column("created_us", BigInteger, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False, info=INTERNAL),
    info=of_customer(erased=Erasure.REMOVED, lasts=Until("created_us", Clock.REAL)),
)
Index("ix_remembered_answers_created", remembered_answers.c.created_us)
Index("ix_remembered_answers_customer", remembered_answers.c.customer_id)

audit = Table(
    "audit",
    metadata,
    Column("audit_no", Key, primary_key=True, autoincrement=True),
    Column("at_us", BigInteger, nullable=False),  # the real clock, also where the shop's clock is fixed
    Column("actor", Text, nullable=False),  # id of a key, or the command that an operator ran
    Column("action", String(32), nullable=False),
    Column("customer_id", Text, info=CUSTOMER),
    Column("subject", Text, info=cleared()),  # an offer, a redemption, a key: what was written
    Column("request_id", String(64), nullable=False),
    info=of_customer(erased=Erasure.RENAMED, lasts=Lasts.FOR_GOOD),
)
Index("ix_audit_customer", audit.c.customer_id)

events = Table(
    "events",
    metadata,
    Column("event_no", Key, primary_key=True, autoincrement=True),
    # the customer with the app's own id, or ours
    Column("event_id", Text, nullable=False, unique=True, info=renewed("e")),
    Column("kind", String(32), nullable=False),
    Column("at_us", BigInteger, nullable=False),  # the shop's clock when it reached us
    Column("told_us", BigInteger, info=cleared()),  # when it happened, as the app's clock says
    Column("customer_id", Text, info=CUSTOMER),
    Column("run_id", String(32)),
    Column("bundle_id", String(64), info=cleared()),
    Column("offer_id", String(64), info=cleared()),
    Column("item_id", Text),
    Column("details", Text, nullable=False, info=cleared("{}")),  # JSON object
    # Place in the feed, given to committed rows only: `event_no` is drawn before a transaction ends, so on
    # PostgreSQL a smaller one may appear after a larger one, and a reader who went on from there would miss it.
    Column("feed_no", BigInteger, unique=True, info=INTERNAL),
    sqlite_autoincrement=True,
    info=of_customer(erased=Erasure.COUNTED, lasts=Lasts.UNTIL_TOLD),
)
Index("ix_events_customer", events.c.customer_id)
Index(
    "ix_events_unplaced",
    events.c.event_no,
    sqlite_where=events.c.feed_no.is_(None),
    postgresql_where=events.c.feed_no.is_(None),
)

# A customer to be erased: every reader respects it at once; the row forgets who it was once nothing of them is left.
erasures = Table(
    "erasures",
    metadata,
    Column("erasure_no", Key, primary_key=True, autoincrement=True),
    Column("customer_id", Text, unique=True, info=CUSTOMER),  # null once the workspace is done too
    Column("pseudonym", String(40), nullable=False),  # under which their money stays in the ledger
    Column("asked_us", BigInteger, nullable=False),
    Column("done_us", BigInteger),
    CheckConstraint("(customer_id IS NULL) = (done_us IS NOT NULL)", name="forgets"),
    info=of_customer(erased=Erasure.TOMBSTONE, lasts=Lasts.FOR_GOOD, exported=False),
)
