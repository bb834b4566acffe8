"""Experiments and assignments, and by which holdout a published night went."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create both tables, and let a shelf name its holdout."""
    op.create_table(
        "experiments",
        sa.Column("experiment_no", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("layer", sa.String(32), nullable=False),
        sa.Column("drawn_by", sa.String(16), nullable=False),
        sa.Column("salt", sa.Text, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("started_us", sa.BigInteger, nullable=False),
        sa.Column("stopped_us", sa.BigInteger),
        sa.Column("stopped_because", sa.Text),
        sa.PrimaryKeyConstraint("experiment_no", name="pk_experiments"),
        sa.UniqueConstraint("name", name="uq_experiments_name"),
    )
    op.create_table(
        "assignments",
        sa.Column("assignment_no", _KEY, nullable=False, autoincrement=True),
        sa.Column("experiment_no", sa.Integer, nullable=False),
        sa.Column("customer_id", sa.Text),
        sa.Column("unit_id", sa.Text),
        sa.Column("arm", sa.String(32), nullable=False),
        sa.Column("seen_us", sa.BigInteger, nullable=False),
        sa.Column("crossed", sa.String(16)),
        sa.PrimaryKeyConstraint("assignment_no", name="pk_assignments"),
        sa.UniqueConstraint("customer_id", "experiment_no", name="uq_assignments_customer_id_experiment_no"),
        sa.ForeignKeyConstraint(
            ["experiment_no"], ["experiments.experiment_no"], name="fk_assignments_experiments"
        ),
    )
    op.add_column("shelves", sa.Column("holdout_no", sa.Integer))
