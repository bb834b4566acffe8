"""The day: shelves and products, favourites, sessions and redemptions."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

key = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables that tills, apps and the night's shelf need."""
    _shelf()
    _favourites()
    _checkout()


def _shelf() -> None:
    op.create_table(
        "shelves",
        sa.Column("run_no", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("item_level", sa.String(16), nullable=False),
        sa.Column("programme", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["run_no"], ["runs.run_no"], name="fk_shelves_runs"),
        sa.PrimaryKeyConstraint("run_no", name="pk_shelves"),
    )
    op.create_table(
        "products",
        sa.Column("run_no", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("product_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("brand", sa.Text),
        sa.Column("family_1", sa.Text),
        sa.Column("family_2", sa.Text),
        sa.Column("family_3", sa.Text),
        sa.Column("family_4", sa.Text),
        sa.Column("family", sa.Text),
        sa.Column("price_minor", sa.BigInteger),
        sa.Column("cost_minor", sa.BigInteger),
        sa.Column("stock", sa.BigInteger),
        sa.Column("flags", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["run_no"], ["shelves.run_no"], name="fk_products_shelves", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_no", "product_id", name="pk_products"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_products_run_no_family", "products", ["run_no", "family"])


def _favourites() -> None:
    op.create_table(
        "favourites",
        sa.Column("favourite_no", key, nullable=False),
        sa.Column("favourite_id", sa.String(64), nullable=False),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("item_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("price_minor", sa.BigInteger),
        sa.Column("discount_bp", sa.Integer, nullable=False),
        sa.Column("max_units", sa.Integer, nullable=False),
        sa.Column("set_us", sa.BigInteger, nullable=False),
        sa.Column("set_on", sa.Date, nullable=False),
        sa.Column("choice_no", sa.Integer, nullable=False),
        sa.Column("effective_from_us", sa.BigInteger, nullable=False),
        sa.Column("valid_to_us", sa.BigInteger, nullable=False),
        sa.Column("arm", sa.String(16), nullable=False),
        sa.Column("expected_cost_milli", sa.BigInteger, nullable=False),
        sa.CheckConstraint("effective_from_us <= valid_to_us", name="ck_favourites_window"),
        sa.PrimaryKeyConstraint("favourite_no", name="pk_favourites"),
        sa.UniqueConstraint(
            "customer_id", "set_on", "choice_no", name="uq_favourites_customer_id_set_on_choice_no"
        ),
        sa.UniqueConstraint("favourite_id", name="uq_favourites_favourite_id"),
    )
    op.create_table(
        "favourite_views",
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("valid_to_us", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "valid_to_us", name="pk_favourite_views"),
    )
    op.create_table(
        "favourite_units",
        sa.Column("favourite_no", key, autoincrement=False, nullable=False),
        sa.Column("local_day", sa.Date, nullable=False),
        sa.Column("units_milli", sa.BigInteger, nullable=False),
        sa.CheckConstraint("units_milli >= 0", name="ck_favourite_units_units"),
        sa.ForeignKeyConstraint(
            ["favourite_no"],
            ["favourites.favourite_no"],
            name="fk_favourite_units_favourites",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("favourite_no", "local_day", name="pk_favourite_units"),
    )
    op.create_table(
        "suggestions",
        sa.Column("run_no", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("items", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["run_no"], ["runs.run_no"], name="fk_suggestions_runs"),
        sa.PrimaryKeyConstraint("run_no", "customer_id", name="pk_suggestions"),
        sqlite_with_rowid=False,
    )


def _checkout() -> None:
    op.create_table(
        "sessions",
        sa.Column("session_no", key, nullable=False),
        sa.Column("session_key", sa.String(128), nullable=False),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("created_us", sa.BigInteger, nullable=False),
        sa.Column("expires_us", sa.BigInteger, nullable=False),
        sa.Column("priced", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("session_no", name="pk_sessions"),
        sa.UniqueConstraint("session_key", name="uq_sessions_session_key"),
    )
    op.create_index("ix_sessions_customer_id", "sessions", ["customer_id"])
    op.create_table(
        "reservations",
        sa.Column("bundle_no", key, autoincrement=False, nullable=False),
        sa.Column("slot", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("session_no", key, nullable=False),
        sa.ForeignKeyConstraint(
            ["bundle_no", "slot"],
            ["offers.bundle_no", "offers.slot"],
            name="fk_reservations_offers",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_no"], ["sessions.session_no"], name="fk_reservations_sessions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("bundle_no", "slot", name="pk_reservations"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_reservations_session_no", "reservations", ["session_no"])
    # ### end Alembic commands ###
    op.create_table(
        "favourite_holds",
        sa.Column("session_no", key, autoincrement=False, nullable=False),
        sa.Column("favourite_no", key, autoincrement=False, nullable=False),
        sa.Column("local_day", sa.Date, nullable=False),
        sa.Column("units_milli", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["favourite_no"],
            ["favourites.favourite_no"],
            name="fk_favourite_holds_favourites",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_no"], ["sessions.session_no"], name="fk_favourite_holds_sessions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_no", "favourite_no", "local_day", name="pk_favourite_holds"),
    )
    op.create_table(
        "passing_views",
        sa.Column("bundle_no", key, autoincrement=False, nullable=False),
        sa.Column("valid_to_us", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["bundle_no"], ["bundles.bundle_no"], name="fk_passing_views_bundles", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("bundle_no", "valid_to_us", name="pk_passing_views"),
    )
    op.create_table(
        "redemptions",
        sa.Column("redemption_no", key, nullable=False),
        sa.Column("redemption_id", sa.String(64), nullable=False),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("store_id", sa.Text),
        sa.Column("till_id", sa.Text),
        sa.Column("session_key", sa.String(128)),
        sa.Column("at_us", sa.BigInteger),
        sa.Column("redeemed_us", sa.BigInteger, nullable=False),
        sa.Column("local_day", sa.Date, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("discount_minor", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("redemption_no", name="pk_redemptions"),
        sa.UniqueConstraint("redemption_id", name="uq_redemptions_redemption_id"),
    )
    op.create_index("ix_redemptions_customer_id_redeemed_us", "redemptions", ["customer_id", "redeemed_us"])
    op.create_table(
        "rollbacks",
        sa.Column("rollback_no", key, nullable=False),
        sa.Column("redemption_no", key, nullable=False),
        sa.Column("rolled_back_us", sa.BigInteger, nullable=False),
        sa.Column("discount_minor", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["redemption_no"], ["redemptions.redemption_no"], name="fk_rollbacks_redemptions"
        ),
        sa.PrimaryKeyConstraint("rollback_no", name="pk_rollbacks"),
    )
    op.create_index("ix_rollbacks_redemption_no", "rollbacks", ["redemption_no"])
    op.create_table(
        "redemption_lines",
        sa.Column("redemption_no", key, autoincrement=False, nullable=False),
        sa.Column("line_no", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("line_id", sa.Text, nullable=False),
        sa.Column("product_id", sa.Text, nullable=False),
        sa.Column("offer_id", sa.String(64), nullable=False),
        sa.Column("bundle_no", key),
        sa.Column("slot", sa.Integer),
        sa.Column("favourite_no", key),
        sa.Column("unit", sa.String(8), nullable=False),
        sa.Column("quantity_milli", sa.BigInteger, nullable=False),
        sa.Column("units_milli", sa.BigInteger, nullable=False),
        sa.Column("shelf_price_minor", sa.BigInteger, nullable=False),
        sa.Column("promo_discount_minor", sa.BigInteger, nullable=False),
        sa.Column("discount_bp", sa.Integer, nullable=False),
        sa.Column("discount_minor", sa.BigInteger, nullable=False),
        sa.Column("rollback_no", key),
        sa.CheckConstraint(
            "(bundle_no IS NULL) <> (favourite_no IS NULL)", name="ck_redemption_lines_one_source"
        ),
        sa.CheckConstraint("discount_minor > 0 AND units_milli > 0", name="ck_redemption_lines_something"),
        sa.ForeignKeyConstraint(
            ["favourite_no"], ["favourites.favourite_no"], name="fk_redemption_lines_favourites"
        ),
        sa.ForeignKeyConstraint(
            ["redemption_no"], ["redemptions.redemption_no"], name="fk_redemption_lines_redemptions"
        ),
        sa.ForeignKeyConstraint(
            ["rollback_no"], ["rollbacks.rollback_no"], name="fk_redemption_lines_rollbacks"
        ),
        sa.PrimaryKeyConstraint("redemption_no", "line_no", name="pk_redemption_lines"),
        sa.UniqueConstraint("redemption_no", "line_id", name="uq_redemption_lines_redemption_no_line_id"),
    )
    op.create_index("ix_redemption_lines_bundle_no", "redemption_lines", ["bundle_no", "slot"])
