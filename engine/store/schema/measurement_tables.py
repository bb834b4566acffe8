"""What was measured: one row for each period and segment, replaced when it is measured again."""

from sqlalchemy import BigInteger, Column, Date, String, Table, Text

from engine.store.schema.column_types import metadata
from engine.store.schema.customer_data import Lasts, of_nobody

summaries = Table(
    "summaries",
    metadata,
    Column("starts", Date, primary_key=True),  # local day
    Column("ends", Date, primary_key=True),  # first local day after the period
    Column("segment_by", String(16), primary_key=True),  # what divides the customers; empty for everybody
    Column("segment", String(64), primary_key=True),
    Column("measured_us", BigInteger, nullable=False),
    Column("load_id", String(16), nullable=False),
    Column("metrics", Text, nullable=False),  # JSON: name to value, null where it is not defined
    info=of_nobody("figures of whole segments", lasts=Lasts.FOR_GOOD),
)
