"""What a night publishes: runs, their bundles and offers, and the ready-made JSON of each bundle.

    runs 1--n bundles 1--n offers      what was promised; never rewritten, only marked
              bundles 1--1 views       the part of the JSON that a login reads

`bundle_no = run_no * BUNDLES_PER_RUN + position`: a run is one range of the primary key, so rows arrive in key
order (the fast way in both databases) and a whole run is found without an index of its own.

Nothing is rewritten when a run is published, replaced or rolled back. A bundle counts if its run is published,
or if somebody touched it before its run was replaced or withdrawn: see `counts`.
"""

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    not_,
    or_,
    true,
)

from engine.store.schema.column_types import Key, metadata
from engine.store.schema.customer_data import (
    CUSTOMER,
    Erasure,
    Lasts,
    of_customer,
    of_nobody,
    part_of,
    renewed,
)

BUNDLES_PER_RUN = 2**32

UNNAMED = (
    ""  # the programme of a shop that runs one and gives it no name, and of every run of earlier versions
)
STAGED = "staged"  # written by a night, seen by nobody
PUBLISHED = "published"  # offered
SUPERSEDED = "superseded"  # replaced by a later attempt for the same date
WITHDRAWN = "withdrawn"  # rolled back

runs = Table(
    "runs",
    metadata,
    Column("run_no", Integer, primary_key=True, autoincrement=False),
    Column("run_id", String(32), nullable=False),  # 2017-12-04.1, 2017-12-04.weekly.1
    Column("night", Date, nullable=False),  # local day of as_of
    Column("attempt", Integer, nullable=False),  # of all programmes of that night
    Column("as_of_us", BigInteger, nullable=False),  # the data's cut
    Column("timezone", String(64), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", String(16), nullable=False),
    # 1, 2, ... in the order of publishing: the current run is the published one with the largest.
    Column("publish_no", Integer),
    Column("created_us", BigInteger, nullable=False),
    Column("published_us", BigInteger),
    Column("ended_us", BigInteger),  # when superseded or withdrawn
    Column("bundles", Integer, nullable=False),
    Column("offers", Integer, nullable=False),
    Column("manifest", Text, nullable=False),  # JSON, as the night wrote it
    Column("ids", String(8)),  # "numbers" where 007 is 7; null in runs of earlier versions
    Column("programme", String(16), nullable=False, server_default=UNNAMED),
    UniqueConstraint("run_id"),
    UniqueConstraint("night", "attempt"),
    UniqueConstraint("publish_no"),
    CheckConstraint("state IN ('staged', 'published', 'superseded', 'withdrawn')", name="state"),
    info=of_nobody("the history of nights", lasts=Lasts.FOR_GOOD),
)

# A login finds its bundle by the unique key: a second index in the random order of customers, on the views, made
# staging a million bundles half as slow again.
bundles = Table(
    "bundles",
    metadata,
    Column("bundle_no", Key, primary_key=True, autoincrement=False),
    Column("run_no", Integer, ForeignKey("runs.run_no"), nullable=False),
    Column("customer_id", Text, nullable=False, info=CUSTOMER),
    Column("bundle_id", String(64), nullable=False, info=renewed("b")),
    Column("arm", String(16), nullable=False),
    Column("valid_from_us", BigInteger, nullable=False),
    Column("valid_to_us", BigInteger, nullable=False),  # first moment after the end
    Column("slots_total", Integer, nullable=False),
    Column("slots_used", Integer, nullable=False),
    Column("expected_cost_milli", BigInteger, nullable=False),
    Column("touched_us", BigInteger),  # first activation by the customer, reservation or redemption
    Column("line", String(16)),  # of the budget, such as "win_back"; null is the programme's [budget]
    UniqueConstraint("customer_id", "run_no"),
    CheckConstraint("valid_from_us < valid_to_us", name="window"),
    CheckConstraint("slots_used BETWEEN 0 AND slots_total", name="slots"),
    info=of_customer(
        erased=Erasure.REMOVED, unless_given="redemption_lines.bundle_no", lasts=Lasts.UNTIL_PRUNED
    ),
)
# Only touched bundles stand in it: free for a night that writes, and publishing finds in a moment who has redeemed
# while it was staging.
Index(
    "ix_bundles_touched",
    bundles.c.run_no,
    sqlite_where=bundles.c.touched_us.is_not(None),
    postgresql_where=bundles.c.touched_us.is_not(None),
)

offers = Table(
    "offers",
    metadata,
    Column(
        "bundle_no",
        Key,
        ForeignKey("bundles.bundle_no", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("slot", Integer, primary_key=True, autoincrement=False),  # 0, 1, ... as the customer sees them
    Column("offer_id", String(64), nullable=False, info=renewed("o")),
    Column("item_id", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("discount_bp", Integer, nullable=False),
    Column("price_minor", BigInteger),  # null for a family
    Column("max_units", Integer, nullable=False),
    Column("reason", String(32), nullable=False),  # code
    Column("p_buy", Float, nullable=False),
    Column("propensity", Float, nullable=False),
    Column("expected_cost_milli", BigInteger, nullable=False),
    Column("touched_us", BigInteger),
    # Spelled with OR: SQLite builds a set for IN, which doubled the time of an insert.
    CheckConstraint(
        "state = 'activated' OR state = 'offered' OR state = 'reserved' OR state = 'redeemed'", name="state"
    ),
    sqlite_with_rowid=False,
    info=part_of("bundles"),
)

views = Table(
    "views",
    metadata,
    Column(
        "bundle_no",
        Key,
        ForeignKey("bundles.bundle_no", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("valid_to_us", BigInteger, nullable=False),  # the earliest end of anything in the body
    Column("body", LargeBinary, nullable=False),
    info=part_of("bundles", erased=Erasure.REMOVED, exported=False),
)


def counts() -> ColumnElement[bool]:
    """The bundle is offered: its run is published, or it was touched before its run was replaced or withdrawn."""
    return or_(
        runs.c.state == PUBLISHED,
        and_(runs.c.state.in_((SUPERSEDED, WITHDRAWN)), bundles.c.touched_us.is_not(None)),
    )


def stays(replacing: date | None, programme: str = UNNAMED) -> ColumnElement[bool]:
    """True for bundles that a programme's new attempt for the night `replacing` leaves alone."""
    if replacing is None:
        return true()
    return not_(
        and_(
            runs.c.night == replacing,
            runs.c.programme == programme,
            runs.c.state == PUBLISHED,
            bundles.c.touched_us.is_(None),
        )
    )


def of_programme(programme: str | None) -> ColumnElement[bool]:
    """True for runs of a programme, None for those of any."""
    return true() if programme is None else runs.c.programme == programme


def of_run(key: Any, run_no: int) -> Any:
    """True for rows whose bundle number belongs to a run."""
    return key.between(run_no * BUNDLES_PER_RUN, (run_no + 1) * BUNDLES_PER_RUN - 1)


def offer_counts() -> ColumnElement[bool]:
    """Within a bundle that counts, the offer does: after its run was rolled back, only if it was touched."""
    return or_(runs.c.state != WITHDRAWN, offers.c.touched_us.is_not(None))
