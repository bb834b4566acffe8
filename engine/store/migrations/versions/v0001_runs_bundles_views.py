"""Runs, their bundles and offers, and the ready-made view of each bundle."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

key = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the first tables."""
    op.create_table(
        "runs",
        sa.Column("run_no", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("run_id", sa.String(32), nullable=False),
        sa.Column("night", sa.Date, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("as_of_us", sa.BigInteger, nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("publish_no", sa.Integer),
        sa.Column("created_us", sa.BigInteger, nullable=False),
        sa.Column("published_us", sa.BigInteger),
        sa.Column("ended_us", sa.BigInteger),
        sa.Column("bundles", sa.Integer, nullable=False),
        sa.Column("offers", sa.Integer, nullable=False),
        sa.Column("manifest", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("run_no", name="pk_runs"),
        sa.UniqueConstraint("run_id", name="uq_runs_run_id"),
        sa.UniqueConstraint("night", "attempt", name="uq_runs_night_attempt"),
        sa.UniqueConstraint("publish_no", name="uq_runs_publish_no"),
        sa.CheckConstraint(
            "state IN ('staged', 'published', 'superseded', 'withdrawn')", name="ck_runs_state"
        ),
    )
    op.create_table(
        "bundles",
        sa.Column("bundle_no", key, autoincrement=False, nullable=False),
        sa.Column("run_no", sa.Integer, nullable=False),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("bundle_id", sa.String(64), nullable=False),
        sa.Column("arm", sa.String(16), nullable=False),
        sa.Column("valid_from_us", sa.BigInteger, nullable=False),
        sa.Column("valid_to_us", sa.BigInteger, nullable=False),
        sa.Column("slots_total", sa.Integer, nullable=False),
        sa.Column("slots_used", sa.Integer, nullable=False),
        sa.Column("expected_cost_milli", sa.BigInteger, nullable=False),
        sa.Column("touched_us", sa.BigInteger),
        sa.PrimaryKeyConstraint("bundle_no", name="pk_bundles"),
        sa.ForeignKeyConstraint(["run_no"], ["runs.run_no"], name="fk_bundles_runs"),
        sa.UniqueConstraint("customer_id", "run_no", name="uq_bundles_customer_id_run_no"),
        sa.CheckConstraint("valid_from_us < valid_to_us", name="ck_bundles_window"),
        sa.CheckConstraint("slots_used BETWEEN 0 AND slots_total", name="ck_bundles_slots"),
    )
    op.create_table(
        "offers",
        sa.Column("bundle_no", key, autoincrement=False, nullable=False),
        sa.Column("slot", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("offer_id", sa.String(64), nullable=False),
        sa.Column("item_id", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("discount_bp", sa.Integer, nullable=False),
        sa.Column("price_minor", sa.BigInteger),
        sa.Column("max_units", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("p_buy", sa.Float, nullable=False),
        sa.Column("propensity", sa.Float, nullable=False),
        sa.Column("expected_cost_milli", sa.BigInteger, nullable=False),
        sa.Column("touched_us", sa.BigInteger),
        sa.PrimaryKeyConstraint("bundle_no", "slot", name="pk_offers"),
        sa.ForeignKeyConstraint(
            ["bundle_no"], ["bundles.bundle_no"], name="fk_offers_bundles", ondelete="CASCADE"
        ),
        sa.CheckConstraint(
            "state = 'activated' OR state = 'offered' OR state = 'reserved' OR state = 'redeemed'",
            name="ck_offers_state",
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "views",
        sa.Column("bundle_no", key, autoincrement=False, nullable=False),
        sa.Column("valid_to_us", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("bundle_no", name="pk_views"),
        sa.ForeignKeyConstraint(
            ["bundle_no"], ["bundles.bundle_no"], name="fk_views_bundles", ondelete="CASCADE"
        ),
    )
