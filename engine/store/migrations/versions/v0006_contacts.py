"""What contacts with customers found out."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the table of contacts."""
    op.create_table(
        "contacts",
        sa.Column("contact_no", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("contacted_us", sa.BigInteger, nullable=False),
        sa.Column("found", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("held_by", sa.String(64), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("quiet_until_us", sa.BigInteger),
        sa.Column("recorded_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("contact_no", name="pk_contacts"),
        sa.UniqueConstraint(
            "customer_id", "contacted_us", "found", name="uq_contacts_customer_id_contacted_us_found"
        ),
    )
