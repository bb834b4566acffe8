"""What tills do: hold offers for a basket, redeem them, take goods back.

    sessions 1--n reservations         offers held for one basket until the session expires
             1--n favourite_holds      units of the favourite held
    redemptions 1--n redemption_lines  n--1 rollbacks      the ledger; only ever marked as rolled back

A session that has expired holds nothing, also while its rows are still there: every question compares
`expires_us` with the present moment. Its rows go when the customer's next basket is written.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
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
    Clock,
    Erasure,
    Lasts,
    Until,
    cleared,
    of_customer,
    part_of,
    renewed,
)

sessions = Table(
    "sessions",
    metadata,
    Column("session_no", Key, primary_key=True),
    Column("session_key", String(128), nullable=False),  # as the till names it
    Column("customer_id", Text, nullable=False, info=CUSTOMER),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("priced", Text, nullable=False),  # JSON: the basket and what was promised for it
    UniqueConstraint("session_key"),
    info=of_customer(erased=Erasure.REMOVED, lasts=Until("expires_us", Clock.SHOP)),
)
Index("ix_sessions_customer_id", sessions.c.customer_id)

reservations = Table(
    "reservations",
    metadata,
    Column("bundle_no", Key, primary_key=True, autoincrement=False),
    Column("slot", Integer, primary_key=True, autoincrement=False),  # an offer is held for one basket at most
    Column(
        "session_no",
        Key,
        ForeignKey("sessions.session_no", ondelete="CASCADE"),
        nullable=False,
    ),
    ForeignKeyConstraint(["bundle_no", "slot"], ["offers.bundle_no", "offers.slot"], ondelete="CASCADE"),
    sqlite_with_rowid=False,
    info=part_of("sessions"),
)
Index("ix_reservations_session_no", reservations.c.session_no)

favourite_holds = Table(
    "favourite_holds",
    metadata,
    Column(
        "session_no",
        Key,
        ForeignKey("sessions.session_no", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column(
        "favourite_no",
        Key,
        ForeignKey("favourites.favourite_no", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("local_day", Date, primary_key=True),
    Column("units_milli", BigInteger, nullable=False),
    info=part_of("sessions"),
)

# What a login reads instead of `views` while tills hold offers: of a bundle's rows the one that ends first after
# the present moment, and `views` itself once all have ended. So a hold that nobody released ends by itself.
passing_views = Table(
    "passing_views",
    metadata,
    Column(
        "bundle_no",
        Key,
        ForeignKey("bundles.bundle_no", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("valid_to_us", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    info=part_of("bundles", erased=Erasure.REMOVED, exported=False),
)

redemptions = Table(
    "redemptions",
    metadata,
    Column("redemption_no", Key, primary_key=True),
    Column("redemption_id", String(64), nullable=False),
    Column("customer_id", Text, nullable=False, info=CUSTOMER),
    Column("store_id", Text),
    Column("till_id", Text),
    Column("session_key", String(128), info=cleared()),  # of the session it settled, if any
    Column("at_us", BigInteger, info=cleared()),  # what the till's clock said
    Column("redeemed_us", BigInteger, nullable=False),  # what ours said
    # The day on which it was priced: a basket that is held over midnight counts for the day of its promise.
    Column("local_day", Date, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("discount_minor", BigInteger, nullable=False),  # the sum of its lines, as redeemed
    UniqueConstraint("redemption_id"),
    info=of_customer(erased=Erasure.RENAMED, lasts=Lasts.FOR_GOOD),
)
Index("ix_redemptions_customer_id_redeemed_us", redemptions.c.customer_id, redemptions.c.redeemed_us)
Index("ix_redemptions_local_day", redemptions.c.local_day)

rollbacks = Table(
    "rollbacks",
    metadata,
    Column("rollback_no", Key, primary_key=True),
    Column("redemption_no", Key, ForeignKey("redemptions.redemption_no"), nullable=False),
    Column("rolled_back_us", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),  # the sum of the lines it took back
    info=part_of("redemptions"),
)
Index("ix_rollbacks_redemption_no", rollbacks.c.redemption_no)

redemption_lines = Table(
    "redemption_lines",
    metadata,
    Column(
        "redemption_no",
        Key,
        ForeignKey("redemptions.redemption_no"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("line_no", Integer, primary_key=True, autoincrement=False),  # 0, 1, ... as in the basket
    Column("line_id", Text, nullable=False),  # as the till names it
    Column("product_id", Text, nullable=False),
    Column("offer_id", String(64), nullable=False, info=renewed("o")),
    Column("bundle_no", Key),  # of a bundle's offer, with its slot ...
    Column("slot", Integer),
    Column("favourite_no", Key, ForeignKey("favourites.favourite_no")),  # ... or of the favourite
    Column("unit", String(8), nullable=False),  # piece or kg
    Column("quantity_milli", BigInteger, nullable=False),  # bought
    Column("units_milli", BigInteger, nullable=False),  # of them with the discount
    Column("shelf_price_minor", BigInteger, nullable=False),
    Column("promo_discount_minor", BigInteger, nullable=False),  # the till's own, which the offer replaced
    Column("discount_bp", Integer, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("rollback_no", Key, ForeignKey("rollbacks.rollback_no")),  # null while it stands
    CheckConstraint("(bundle_no IS NULL) <> (favourite_no IS NULL)", name="one_source"),
    CheckConstraint("discount_minor > 0 AND units_milli > 0", name="something"),
    UniqueConstraint("redemption_no", "line_id"),
    info=part_of("redemptions"),
)
Index("ix_redemption_lines_bundle_no", redemption_lines.c.bundle_no, redemption_lines.c.slot)
