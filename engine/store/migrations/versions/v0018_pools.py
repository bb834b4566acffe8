"""Pools of which customers draw what counts for a day."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables."""
    _of_bundles(
        "pools",
        (),
        sa.Column("shown", sa.Integer, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("refreshes_a_day", sa.Integer, nullable=False),
        sa.Column("swaps_a_day", sa.Integer, nullable=False),
        sa.Column("families", sa.Integer, nullable=False),
        sa.Column("rendered", sa.Text, nullable=False),
    )
    _of_bundles(
        "pool_offers",
        ("slot",),
        sa.Column("slot", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("offer_id", sa.String(64), nullable=False),
        sa.Column("item_id", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("discount_bp", sa.Integer, nullable=False),
        sa.Column("price_minor", sa.BigInteger),
        sa.Column("max_units", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("p_buy", sa.Float, nullable=False),
        sa.Column("propensity", sa.Float, nullable=False),
        sa.Column("expected_cost_milli", sa.BigInteger, nullable=False),
        sa.Column("family", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    _of_bundles(
        "draws",
        ("draw_no",),
        sa.Column("draw_no", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("how", sa.String(8), nullable=False),
        sa.Column("local_day", sa.Date, nullable=False),
        sa.Column("drawn_us", sa.BigInteger, nullable=False),
        sa.Column("day_ends_us", sa.BigInteger, nullable=False),
        sa.Column("ends_us", sa.BigInteger, nullable=False),
        sa.CheckConstraint("how IN ('claim', 'refresh', 'swap')", name="ck_draws_how"),
    )
    _of_bundles(
        "drawn_offers",
        ("draw_no", "slot"),
        sa.Column("draw_no", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("slot", sa.Integer, nullable=False, autoincrement=False),
        sqlite_with_rowid=False,
    )


def _of_bundles(name: str, key: tuple[str, ...], *columns: sa.schema.SchemaItem, **options: bool) -> None:
    op.create_table(
        name,
        sa.Column("bundle_no", _KEY, nullable=False, autoincrement=False),
        *columns,
        sa.PrimaryKeyConstraint("bundle_no", *key, name=f"pk_{name}"),
        sa.ForeignKeyConstraint(
            ["bundle_no"], ["bundles.bundle_no"], name=f"fk_{name}_bundles", ondelete="CASCADE"
        ),
        **options,
    )
