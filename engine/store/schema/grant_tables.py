"""Money given to customers: what was promised, and every change of what is left of it.

    grants 1--n grant_entries     the ledger: rows are added, never changed and never removed
           1--1 grant_holds       money kept for one basket, until its session ends
    grant_views                   the part of the JSON that a login reads, one row for each stretch of time

An entry says what is left after it and has the next number of its grant. So the database decides: two tills that saw the
same money left write the same number, which only one of them can, and nothing is taken below zero.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from engine.store.schema.column_types import Key, metadata
from engine.store.schema.customer_data import (
    CUSTOMER,
    Erasure,
    Lasts,
    cleared,
    of_customer,
    part_of,
    renewed,
)

grants = Table(
    "grants",
    metadata,
    Column("grant_no", Key, primary_key=True),
    Column("grant_id", String(64), nullable=False, info=renewed("g")),
    Column("grant_key", String(128), nullable=False, info=renewed("g")),  # as whoever gave it names it
    Column("customer_id", Text, nullable=False, info=CUSTOMER),
    Column("kind", String(16), nullable=False),  # what it is, and so in what its amount is counted
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("reason", Text, nullable=False, info=cleared("")),  # as the customer reads it
    Column("valid_from_us", BigInteger, nullable=False),
    Column("valid_to_us", BigInteger, nullable=False),  # first moment after the end
    Column("budget_line", String(64), nullable=False),
    Column("funder", String(64)),  # null: the shop
    Column("given_by", Text, nullable=False),  # id of a key, an operator's command, a night's run
    Column("given_us", BigInteger, nullable=False),
    UniqueConstraint("grant_id"),
    UniqueConstraint("grant_key"),
    CheckConstraint("amount_minor > 0", name="amount"),
    CheckConstraint("valid_from_us < valid_to_us", name="window"),
    info=of_customer(erased=Erasure.RENAMED, lasts=Lasts.FOR_GOOD),
)
Index("ix_grants_customer_id", grants.c.customer_id)
Index("ix_grants_budget_line", grants.c.budget_line, grants.c.given_us)

grant_entries = Table(
    "grant_entries",
    metadata,
    Column("grant_no", Key, ForeignKey("grants.grant_no"), primary_key=True, autoincrement=False),
    Column("entry_no", Integer, primary_key=True, autoincrement=False),  # 1, 2, ... of its grant
    Column("booking", String(16), nullable=False),
    Column("change_minor", BigInteger, nullable=False),
    Column("left_minor", BigInteger, nullable=False),  # after it
    Column("at_us", BigInteger, nullable=False),
    Column("redemption_no", Key, ForeignKey("redemptions.redemption_no")),  # of what was used or returned
    Column("line_no", Integer),
    Column("line_id", Text),
    Column("note", Text, info=cleared()),  # why it was cancelled
    # A line's part is used once and comes back once.
    UniqueConstraint("grant_no", "redemption_no", "line_no", "booking"),
    CheckConstraint(
        "booking = 'given' OR booking = 'used' OR booking = 'returned' OR booking = 'cancelled'",
        name="booking",
    ),
    CheckConstraint("(change_minor > 0) = (booking = 'given' OR booking = 'returned')", name="change"),
    CheckConstraint("change_minor <> 0 AND left_minor >= 0", name="left"),
    CheckConstraint(
        "(redemption_no IS NOT NULL) = (booking = 'used' OR booking = 'returned')", name="purchase"
    ),
    info=part_of("grants"),
)
Index("ix_grant_entries_redemption_no", grant_entries.c.redemption_no)
Index("ix_grant_entries_at_us", grant_entries.c.at_us)

grant_holds = Table(
    "grant_holds",
    metadata,
    # A grant is held for one basket at most, as an offer is.
    Column(
        "grant_no",
        Key,
        ForeignKey("grants.grant_no", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("session_no", Key, ForeignKey("sessions.session_no", ondelete="CASCADE"), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    CheckConstraint("amount_minor > 0", name="amount"),
    info=part_of("sessions"),
)
Index("ix_grant_holds_session_no", grant_holds.c.session_no)

# As of favourites: of a customer's rows a login reads the one that ends first after the present moment. The rows follow
# each other without a gap; one in which no grant can be used has an empty body.
grant_views = Table(
    "grant_views",
    metadata,
    Column("customer_id", Text, primary_key=True, info=CUSTOMER),
    Column("valid_to_us", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    info=of_customer(erased=Erasure.REMOVED, lasts=Lasts.FOR_GOOD, exported=False),
)
