"""What a shop may take back of what it promised: single products, or all personal offers for a while.

recalls   products withdrawn from every offer; lifted, never removed
stops     times in which nobody has personal offers; ended, never removed
"""

from sqlalchemy import BigInteger, Column, Table, Text

from engine.store.schema.column_types import Key, metadata
from engine.store.schema.customer_data import Lasts, of_nobody

recalls = Table(
    "recalls",
    metadata,
    Column("recall_no", Key, primary_key=True),
    Column("product_id", Text, nullable=False),
    Column("reason", Text, nullable=False),  # as customers read it
    Column("recalled_us", BigInteger, nullable=False),
    Column("until_us", BigInteger),  # ends by itself then; null: when it is lifted
    Column("lifted_us", BigInteger),  # null while it stands
    # How far the ready JSON has been written again since the last change: the last bundle and the last favourite.
    Column("bundles_to", Key, nullable=False),
    Column("favourites_to", Key, nullable=False),
    Column("rendered_us", BigInteger),  # null while some customers' JSON is still as it was before
    info=of_nobody("the shop's products", lasts=Lasts.FOR_GOOD),
)

stops = Table(
    "stops",
    metadata,
    Column("stop_no", Key, primary_key=True),
    Column("reason", Text, nullable=False),  # for the shop's own people; customers do not read it
    Column("stopped_us", BigInteger, nullable=False),
    Column("resumed_us", BigInteger),  # null while it stands
    info=of_nobody("when the programme stood still", lasts=Lasts.FOR_GOOD),
)
