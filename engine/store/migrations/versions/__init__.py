"""One module per revision; names begin with `v` and the revision. Imports SQLAlchemy and Alembic only."""
