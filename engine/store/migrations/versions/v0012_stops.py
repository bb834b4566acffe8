"""Times in which nobody has personal offers."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "stops",
        sa.Column("stop_no", _KEY, nullable=False, autoincrement=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("stopped_us", sa.BigInteger, nullable=False),
        sa.Column("resumed_us", sa.BigInteger),
        sa.PrimaryKeyConstraint("stop_no", name="pk_stops"),
    )
