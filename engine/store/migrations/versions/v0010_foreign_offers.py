"""Offers of another engine that an experiment compares ours with."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "foreign_offers",
        sa.Column("foreign_offer_no", _KEY, nullable=False, autoincrement=True),
        sa.Column("experiment_no", sa.Integer, nullable=False),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("product_id", sa.Text, nullable=False),
        sa.Column("discount_bp", sa.Integer, nullable=False),
        sa.Column("valid_from_us", sa.BigInteger, nullable=False),
        sa.Column("valid_to_us", sa.BigInteger, nullable=False),
        sa.Column("shown", sa.Boolean),
        sa.Column("used", sa.Boolean),
        sa.PrimaryKeyConstraint("foreign_offer_no", name="pk_foreign_offers"),
        sa.UniqueConstraint(
            "customer_id",
            "experiment_no",
            "product_id",
            "valid_from_us",
            name="uq_foreign_offers_once",
        ),
        sa.ForeignKeyConstraint(
            ["experiment_no"], ["experiments.experiment_no"], name="fk_foreign_offers_experiments"
        ),
    )
