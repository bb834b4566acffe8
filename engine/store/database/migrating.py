"""Bringing a store's schema up to date, by one process at a time."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from engine.store.database import postgresql
from engine.store.database.store import Store
from engine.store.schema import SCHEMA_VERSION
from models.ground.errors import StoreTooNew

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parents[1] / "migrations"


def is_a_store(store: Store) -> bool:
    """Tell whether the database has ever been opened as a store."""
    with store.reading() as connection:
        return _revision(connection) is not None


def migrate(store: Store) -> None:
    """Apply what is missing, all or nothing; raises StoreTooNew, StoreUnreachable or CannotWrite."""
    with store.reading() as connection:
        if _revision(connection) == SCHEMA_VERSION:
            return
    # Alembic is imported only when there is something to do: the server starts faster without it.
    from alembic import command

    with store.writing() as connection:
        if store.is_postgresql:
            postgresql.lock_migration(connection)
        revision = _revision(connection)
        if revision is not None and revision not in known_revisions():
            raise StoreTooNew(
                f"The store {store.name} has schema {revision}, this version knows schemas up to {SCHEMA_VERSION}; "
                "install the newer version or restore a backup."
            )
        config = _alembic()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def known_revisions() -> set[str]:
    """Every schema that this version can bring up to date, and its own."""
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions()}


def _alembic() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _revision(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
