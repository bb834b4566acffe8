"""Products that are withdrawn from all offers."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "recalls",
        sa.Column("recall_no", _KEY, nullable=False, autoincrement=True),
        sa.Column("product_id", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("recalled_us", sa.BigInteger, nullable=False),
        sa.Column("until_us", sa.BigInteger),
        sa.Column("lifted_us", sa.BigInteger),
        sa.Column("bundles_to", _KEY, nullable=False),
        sa.Column("favourites_to", _KEY, nullable=False),
        sa.Column("rendered_us", sa.BigInteger),
        sa.PrimaryKeyConstraint("recall_no", name="pk_recalls"),
    )
