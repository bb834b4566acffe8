"""Merged cards, and whether a run's ids are numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table of merged cards, and let a run say how its ids are read."""
    op.create_table(
        "cards",
        sa.Column("card_id", sa.Text, nullable=False),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("card_id", name="pk_cards"),
    )
    op.create_index("ix_cards_customer_id", "cards", ["customer_id"])
    op.add_column("runs", sa.Column("ids", sa.String(8)))
