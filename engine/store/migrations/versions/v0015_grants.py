"""Money given to customers."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "grants",
        sa.Column("grant_no", _KEY, nullable=False),
        sa.Column("grant_id", sa.String(64), nullable=False),
        sa.Column("grant_key", sa.String(128), nullable=False),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("valid_from_us", sa.BigInteger, nullable=False),
        sa.Column("valid_to_us", sa.BigInteger, nullable=False),
        sa.Column("budget_line", sa.String(64), nullable=False),
        sa.Column("funder", sa.String(64)),
        sa.Column("given_by", sa.Text, nullable=False),
        sa.Column("given_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("grant_no", name="pk_grants"),
        sa.UniqueConstraint("grant_id", name="uq_grants_grant_id"),
        sa.UniqueConstraint("grant_key", name="uq_grants_grant_key"),
        sa.CheckConstraint("amount_minor > 0", name="ck_grants_amount"),
        sa.CheckConstraint("valid_from_us < valid_to_us", name="ck_grants_window"),
    )
    op.create_index("ix_grants_customer_id", "grants", ["customer_id"])
    op.create_index("ix_grants_budget_line", "grants", ["budget_line", "given_us"])
    op.create_table(
        "grant_entries",
        sa.Column("grant_no", _KEY, nullable=False, autoincrement=False),
        sa.Column("entry_no", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("booking", sa.String(16), nullable=False),
        sa.Column("change_minor", sa.BigInteger, nullable=False),
        sa.Column("left_minor", sa.BigInteger, nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("redemption_no", _KEY),
        sa.Column("line_no", sa.Integer),
        sa.Column("line_id", sa.Text),
        sa.Column("note", sa.Text),
        sa.PrimaryKeyConstraint("grant_no", "entry_no", name="pk_grant_entries"),
        sa.ForeignKeyConstraint(["grant_no"], ["grants.grant_no"], name="fk_grant_entries_grants"),
        sa.ForeignKeyConstraint(
            ["redemption_no"], ["redemptions.redemption_no"], name="fk_grant_entries_redemptions"
        ),
        sa.UniqueConstraint(
            "grant_no",
            "redemption_no",
            "line_no",
            "booking",
            name="uq_grant_entries_grant_no_redemption_no_line_no_booking",
        ),
        sa.CheckConstraint(
            "booking = 'given' OR booking = 'used' OR booking = 'returned' OR booking = 'cancelled'",
            name="ck_grant_entries_booking",
        ),
        sa.CheckConstraint(
            "(change_minor > 0) = (booking = 'given' OR booking = 'returned')", name="ck_grant_entries_change"
        ),
        sa.CheckConstraint("change_minor <> 0 AND left_minor >= 0", name="ck_grant_entries_left"),
        sa.CheckConstraint(
            "(redemption_no IS NOT NULL) = (booking = 'used' OR booking = 'returned')",
            name="ck_grant_entries_purchase",
        ),
    )
    op.create_index("ix_grant_entries_redemption_no", "grant_entries", ["redemption_no"])
    op.create_index("ix_grant_entries_at_us", "grant_entries", ["at_us"])
    op.create_table(
        "grant_holds",
        sa.Column("grant_no", _KEY, nullable=False, autoincrement=False),
        sa.Column("session_no", _KEY, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("grant_no", name="pk_grant_holds"),
        sa.ForeignKeyConstraint(
            ["grant_no"], ["grants.grant_no"], name="fk_grant_holds_grants", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_no"], ["sessions.session_no"], name="fk_grant_holds_sessions", ondelete="CASCADE"
        ),
        sa.CheckConstraint("amount_minor > 0", name="ck_grant_holds_amount"),
    )
    op.create_index("ix_grant_holds_session_no", "grant_holds", ["session_no"])
    op.create_table(
        "grant_views",
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("valid_to_us", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "valid_to_us", name="pk_grant_views"),
    )
