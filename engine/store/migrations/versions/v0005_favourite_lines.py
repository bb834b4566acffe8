"""What the favourites of each budget period are expected to cost."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the favourite's budget line."""
    op.create_table(
        "favourite_lines",
        sa.Column("starts_us", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("planned_milli", sa.BigInteger, nullable=False),
        sa.CheckConstraint("planned_milli >= 0", name="ck_favourite_lines_planned"),
        sa.PrimaryKeyConstraint("starts_us", name="pk_favourite_lines"),
    )
