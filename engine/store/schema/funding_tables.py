"""What suppliers pay of discounts: the terms that stood when an offer was published, and what they pay of each redeemed line.

    offers 1--1 funded_offers              frozen with the offer
    redemption_lines 1--1 funded_lines     booked with the line; a line that came back is marked there

What was booked is not computed again: a claim is read as it was made.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table

from engine.store.schema.column_types import Key, metadata
from engine.store.schema.customer_data import part_of

LONGEST_NAME = 64  # as `models.tables` lets a funder and an agreement be called

funded_offers = Table(
    "funded_offers",
    metadata,
    Column(
        "bundle_no",
        Key,
        ForeignKey("bundles.bundle_no", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("funder", String(LONGEST_NAME), nullable=False),
    Column("agreement", String(LONGEST_NAME), nullable=False),
    Column("funded_bp", Integer, nullable=False),
    Column("unit_cap_minor", BigInteger),
    Column("expected_milli", BigInteger, nullable=False),
    sqlite_with_rowid=False,
    # Between the shop and its supplier: no data of the customer, who gets the discount whoever pays it.
    info=part_of("bundles", exported=False),
)
Index("ix_funded_offers_funder", funded_offers.c.funder, funded_offers.c.agreement)

funded_lines = Table(
    "funded_lines",
    metadata,
    Column(
        "redemption_no", Key, ForeignKey("redemptions.redemption_no"), primary_key=True, autoincrement=False
    ),
    Column("line_no", Integer, primary_key=True, autoincrement=False),
    Column("funder", String(LONGEST_NAME), nullable=False),
    Column("agreement", String(LONGEST_NAME), nullable=False),
    Column("funded_bp", Integer, nullable=False),
    Column("unit_cap_minor", BigInteger),
    Column("funded_minor", BigInteger, nullable=False),
    info=part_of("redemptions", exported=False),
)
