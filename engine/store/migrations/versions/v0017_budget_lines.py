"""The line of the budget that pays a bundle."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the column; what is there is paid from the programme's [budget]."""
    op.add_column("bundles", sa.Column("line", sa.String(16)))
