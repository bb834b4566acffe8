"""What contacts with customers found out."""

from sqlalchemy import BigInteger, Column, String, Table, Text, UniqueConstraint

from engine.store.schema.column_types import Key, metadata
from engine.store.schema.customer_data import CUSTOMER, Erasure, Lasts, of_customer

contacts = Table(
    "contacts",
    metadata,
    Column("contact_no", Key, primary_key=True),
    Column("customer_id", Text, nullable=False, info=CUSTOMER),
    Column("contacted_us", BigInteger, nullable=False),
    Column("found", String(32), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("held_by", String(64), nullable=False),
    Column("note", Text, nullable=False),
    Column("quiet_until_us", BigInteger),  # null: the programme's quiet days
    Column("recorded_us", BigInteger, nullable=False),
    # the same contact recorded twice is one; a customer's contacts are found by it
    UniqueConstraint("customer_id", "contacted_us", "found"),
    info=of_customer(erased=Erasure.REMOVED, lasts=Lasts.FOR_GOOD),
)
