"""Cards that were merged into customers: under which other ids a customer is asked for."""

from sqlalchemy import Column, Index, Table, Text

from engine.store.schema.column_types import metadata
from engine.store.schema.customer_data import CUSTOMER, Erasure, Lasts, of_customer

cards = Table(
    "cards",
    metadata,
    Column("card_id", Text, primary_key=True, info=CUSTOMER),  # the former customer
    Column(
        "customer_id", Text, nullable=False, info=CUSTOMER
    ),  # to whom the card belongs now; never a card itself
    info=of_customer(erased=Erasure.REMOVED, lasts=Lasts.FOR_GOOD),
)
Index("ix_cards_customer_id", cards.c.customer_id)
