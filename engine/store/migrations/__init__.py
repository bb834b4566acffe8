"""Every change of the schema, in order, applied by `open_store` through Alembic.

Imports SQLAlchemy and Alembic only: a migration spells out its tables as they were then and never imports
`engine.store.schema`, which describes them as they are now. Read `versions` from the first.
"""
