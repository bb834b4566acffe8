"""An index of the touched bundles of each run."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Index the bundles that somebody touched."""
    touched = sa.text("touched_us IS NOT NULL")
    op.create_index(
        "ix_bundles_touched", "bundles", ["run_no"], sqlite_where=touched, postgresql_where=touched
    )
