"""The favourite product: every one that a customer ever had, and what is left of it today.

favourites                   history: rows are added and ended earlier, never removed
favourite_views              the part of the JSON that a login reads, one row for each stretch of time
favourite_units              units redeemed on a local day, bounded by the cap
suggestions                  what the night proposes to pick from
favourite_lines              what the favourites of each budget period are expected to cost
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
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
    of_customer,
    of_nobody,
    part_of,
    renewed,
)

favourites = Table(
    "favourites",
    metadata,
    Column("favourite_no", Key, primary_key=True),
    Column("favourite_id", String(64), nullable=False, info=renewed("f")),
    Column("customer_id", Text, nullable=False, info=CUSTOMER),
    Column("item_id", Text, nullable=False),  # a product
    Column("name", Text, nullable=False),
    Column("price_minor", BigInteger),  # of one unit when it was chosen
    Column("discount_bp", Integer, nullable=False),
    Column("max_units", Integer, nullable=False),  # a local day
    Column("set_us", BigInteger, nullable=False),
    Column("set_on", Date, nullable=False),  # local day of `set_us`
    Column("choice_no", Integer, nullable=False),  # 1, 2, ... among the choices of that day
    Column("effective_from_us", BigInteger, nullable=False),
    Column(
        "valid_to_us", BigInteger, nullable=False
    ),  # first moment after the end; earlier where it was replaced
    Column("arm", String(16), nullable=False),
    Column("expected_cost_milli", BigInteger, nullable=False),
    UniqueConstraint("favourite_id"),
    UniqueConstraint("customer_id", "set_on", "choice_no"),
    CheckConstraint("effective_from_us <= valid_to_us", name="window"),
    info=of_customer(
        erased=Erasure.REMOVED, unless_given="redemption_lines.favourite_no", lasts=Lasts.FOR_GOOD
    ),
)

# Of a customer's rows a login reads the one that ends first after the present moment: what changes at midnight was
# written beforehand. The rows of a customer follow each other without a gap and are replaced together.
favourite_views = Table(
    "favourite_views",
    metadata,
    Column("customer_id", Text, primary_key=True, info=CUSTOMER),
    Column("valid_to_us", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "body", LargeBinary, nullable=False
    ),  # `"favourite":{...}` or what stands for it, as in the customer's JSON
    info=of_customer(erased=Erasure.REMOVED, lasts=Lasts.FOR_GOOD, exported=False),
)

favourite_units = Table(
    "favourite_units",
    metadata,
    Column(
        "favourite_no",
        Key,
        ForeignKey("favourites.favourite_no", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("local_day", Date, primary_key=True),
    Column("units_milli", BigInteger, nullable=False),
    CheckConstraint("units_milli >= 0", name="units"),
    info=part_of("favourites"),
)

suggestions = Table(
    "suggestions",
    metadata,
    Column("run_no", Integer, ForeignKey("runs.run_no"), primary_key=True, autoincrement=False),
    Column("customer_id", Text, primary_key=True, info=CUSTOMER),
    Column("items", Text, nullable=False),  # JSON: product ids, the likeliest first, and of which age
    sqlite_with_rowid=False,
    info=of_customer(erased=Erasure.REMOVED, lasts=Lasts.AS_SHELF),
)

# A row is made by the first choice of its period; one conditional update keeps choices made in parallel within it.
favourite_lines = Table(
    "favourite_lines",
    metadata,
    Column("starts_us", BigInteger, primary_key=True, autoincrement=False),
    Column("planned_milli", BigInteger, nullable=False),  # thousandths of a minor unit
    CheckConstraint("planned_milli >= 0", name="planned"),
    info=of_nobody("sums of a budget period", lasts=Lasts.FOR_GOOD),
)
