"""What the day is told of stock, and what stands in for what is sold out."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.add_column("shelves", sa.Column("substitute_text", sa.Text))
    op.create_table(
        "told_stock",
        sa.Column("product_id", sa.Text, nullable=False),
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("units", sa.BigInteger),
        sa.Column("told_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("product_id", "store_id", name="pk_told_stock"),
    )
    op.create_table(
        "stock_changes",
        sa.Column("change_no", _KEY, nullable=False, autoincrement=True),
        sa.Column("product_id", sa.Text, nullable=False),
        sa.Column("bundles_to", _KEY, nullable=False),
        sa.Column("looked_us", sa.BigInteger),
        sa.PrimaryKeyConstraint("change_no", name="pk_stock_changes"),
    )
    op.create_index(
        "ix_stock_changes_left",
        "stock_changes",
        ["change_no"],
        sqlite_where=sa.text("looked_us IS NULL"),
        postgresql_where=sa.text("looked_us IS NULL"),
    )
    op.create_table(
        "offerable_products",
        sa.Column("run_no", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("product_id", sa.Text, nullable=False),
        sa.Column("depths_bp", sa.Text, nullable=False),
        sa.Column("lowest_minor", sa.BigInteger),
        sa.PrimaryKeyConstraint("run_no", "product_id", name="pk_offerable_products"),
        sa.ForeignKeyConstraint(
            ["run_no"], ["shelves.run_no"], name="fk_offerable_products_shelves", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bundle_stores",
        sa.Column("bundle_no", _KEY, nullable=False, autoincrement=False),
        sa.Column("store_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("bundle_no", name="pk_bundle_stores"),
        sa.ForeignKeyConstraint(
            ["bundle_no"], ["bundles.bundle_no"], name="fk_bundle_stores_bundles", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "substitutions",
        sa.Column("substitution_no", _KEY, nullable=False, autoincrement=True),
        sa.Column("bundle_no", _KEY, nullable=False),
        sa.Column("slot", sa.Integer, nullable=False),
        sa.Column("product_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("price_minor", sa.BigInteger, nullable=False),
        sa.Column("lowest_minor", sa.BigInteger),
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("from_us", sa.BigInteger, nullable=False),
        sa.Column("ended_us", sa.BigInteger),
        sa.Column("ended_by", sa.String(16)),
        sa.PrimaryKeyConstraint("substitution_no", name="pk_substitutions"),
        sa.ForeignKeyConstraint(
            ["bundle_no"], ["bundles.bundle_no"], name="fk_substitutions_bundles", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_substitutions_bundle_no", "substitutions", ["bundle_no", "slot"])
    op.create_index("ix_substitutions_product_id", "substitutions", ["product_id"])
