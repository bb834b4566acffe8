"""Keys, remembered answers, the audit trail, events and erased customers."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

key = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables of access."""
    op.create_table(
        "access_keys",
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(32), nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("lineage", sa.String(32), nullable=False),
        sa.Column("created_us", sa.BigInteger, nullable=False),
        sa.Column("expires_us", sa.BigInteger),
        sa.Column("revoked_us", sa.BigInteger),
        sa.Column("last_used_us", sa.BigInteger),
        sa.PrimaryKeyConstraint("key_id", name="pk_access_keys"),
        sa.UniqueConstraint("fingerprint", name="uq_access_keys_fingerprint"),
    )
    op.create_table(
        "remembered_answers",
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("request_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("customer_id", sa.Text),
        sa.Column("created_us", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("caller", "idempotency_key", name="pk_remembered_answers"),
    )
    op.create_index("ix_remembered_answers_created", "remembered_answers", ["created_us"])
    op.create_index("ix_remembered_answers_customer", "remembered_answers", ["customer_id"])
    op.create_table(
        "audit",
        sa.Column("audit_no", key, autoincrement=True, nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("customer_id", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("audit_no", name="pk_audit"),
    )
    op.create_index("ix_audit_customer", "audit", ["customer_id"])
    op.create_table(
        "events",
        sa.Column("event_no", key, autoincrement=True, nullable=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("told_us", sa.BigInteger),
        sa.Column("customer_id", sa.Text),
        sa.Column("run_id", sa.String(32)),
        sa.Column("bundle_id", sa.String(64)),
        sa.Column("offer_id", sa.String(64)),
        sa.Column("item_id", sa.Text),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("feed_no", sa.BigInteger),
        sa.PrimaryKeyConstraint("event_no", name="pk_events"),
        sa.UniqueConstraint("event_id", name="uq_events_event_id"),
        sa.UniqueConstraint("feed_no", name="uq_events_feed_no"),
        sqlite_autoincrement=True,
    )
    unplaced = sa.text("feed_no IS NULL")
    op.create_index(
        "ix_events_unplaced", "events", ["event_no"], sqlite_where=unplaced, postgresql_where=unplaced
    )
    op.create_index("ix_events_customer", "events", ["customer_id"])
    op.create_table(
        "erasures",
        sa.Column("erasure_no", key, autoincrement=True, nullable=False),
        sa.Column("customer_id", sa.Text),
        sa.Column("pseudonym", sa.String(40), nullable=False),
        sa.Column("asked_us", sa.BigInteger, nullable=False),
        sa.Column("done_us", sa.BigInteger),
        sa.PrimaryKeyConstraint("erasure_no", name="pk_erasures"),
        sa.UniqueConstraint("customer_id", name="uq_erasures_customer_id"),
        sa.CheckConstraint("(customer_id IS NULL) = (done_us IS NOT NULL)", name="ck_erasures_forgets"),
    )
