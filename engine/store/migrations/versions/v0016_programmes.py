"""Which programme a run is of, where a shop runs several."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the column; runs that are there are of the programme without a name."""
    op.add_column("runs", sa.Column("programme", sa.String(16), nullable=False, server_default=""))
