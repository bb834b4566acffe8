"""Customers who share one bundle."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "sharers",
        sa.Column("run_no", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("unit_no", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("run_no", "customer_id", name="pk_sharers"),
        sa.ForeignKeyConstraint(["run_no"], ["runs.run_no"], name="fk_sharers_runs"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sharers_run_no_unit_no", "sharers", ["run_no", "unit_no"])
