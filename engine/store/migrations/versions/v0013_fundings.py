"""What suppliers pay of discounts."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "funded_offers",
        sa.Column("bundle_no", _KEY, nullable=False, autoincrement=False),
        sa.Column("slot", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("funder", sa.String(64), nullable=False),
        sa.Column("agreement", sa.String(64), nullable=False),
        sa.Column("funded_bp", sa.Integer, nullable=False),
        sa.Column("unit_cap_minor", sa.BigInteger),
        sa.Column("expected_milli", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("bundle_no", "slot", name="pk_funded_offers"),
        sa.ForeignKeyConstraint(
            ["bundle_no"], ["bundles.bundle_no"], name="fk_funded_offers_bundles", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_funded_offers_funder", "funded_offers", ["funder", "agreement"])
    op.create_table(
        "funded_lines",
        sa.Column("redemption_no", _KEY, nullable=False, autoincrement=False),
        sa.Column("line_no", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("funder", sa.String(64), nullable=False),
        sa.Column("agreement", sa.String(64), nullable=False),
        sa.Column("funded_bp", sa.Integer, nullable=False),
        sa.Column("unit_cap_minor", sa.BigInteger),
        sa.Column("funded_minor", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("redemption_no", "line_no", name="pk_funded_lines"),
        sa.ForeignKeyConstraint(
            ["redemption_no"], ["redemptions.redemption_no"], name="fk_funded_lines_redemptions"
        ),
    )
