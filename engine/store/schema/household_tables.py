"""Customers who share one bundle, as the last night knew them.

A unit is a household by a number of ours, its own in each run: who moved shares with others from the next night on.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from engine.store.schema.column_types import metadata
from engine.store.schema.customer_data import CUSTOMER, INTERNAL, Erasure, Lasts, of_customer

sharers = Table(
    "sharers",
    metadata,
    Column("run_no", Integer, ForeignKey("runs.run_no"), primary_key=True, autoincrement=False),
    Column("customer_id", Text, primary_key=True, info=CUSTOMER),
    Column("unit_no", Integer, nullable=False, info=INTERNAL),
    sqlite_with_rowid=False,
    info=of_customer(erased=Erasure.REMOVED, lasts=Lasts.AS_SHELF),
)
Index("ix_sharers_run_no_unit_no", sharers.c.run_no, sharers.c.unit_no)
