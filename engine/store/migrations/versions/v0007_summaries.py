"""What was measured of each period and segment."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the summaries of `abonement metrics`."""
    op.create_table(
        "summaries",
        sa.Column("starts", sa.Date, nullable=False),
        sa.Column("ends", sa.Date, nullable=False),
        sa.Column("segment_by", sa.String(16), nullable=False),
        sa.Column("segment", sa.String(64), nullable=False),
        sa.Column("measured_us", sa.BigInteger, nullable=False),
        sa.Column("load_id", sa.String(16), nullable=False),
        sa.Column("metrics", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("starts", "ends", "segment_by", "segment", name="pk_summaries"),
    )
