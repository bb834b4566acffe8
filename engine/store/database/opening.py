"""From an address to an open store: the URL checked, the schema brought up to date."""

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from engine.store.database import postgresql, sqlite
from engine.store.database.migrating import is_a_store, migrate
from engine.store.database.store import Store
from models.ground.errors import AbonementError, BadInput


def open_store(url: str, *, must_exist: bool = False, patience_seconds: float | None = None) -> Store:
    """Open the store at an SQLAlchemy URL, SQLite or PostgreSQL, and bring its schema up to date.

    A store that is not there is made, or refused with BadInput if it `must_exist`; a PostgreSQL database itself
    is never made. With `patience_seconds` an answer of PostgreSQL that takes longer is given up: StoreUnreachable.

    Raises BadInput for any other URL and where the server has no such database, StoreUnreachable where none answers, CannotWrite, and StoreTooNew for a database that a newer
    version made.
    """
    parsed = _checked(url)
    embedded = parsed.get_backend_name() == "sqlite"
    if must_exist and embedded and not store_file(url).is_file():
        raise BadInput(
            f"There is no store at {store_file(url)}; run `abonement nightly` first, or check the path."
        )
    if embedded and not must_exist:
        sqlite.make_file(store_file(url))
    store = Store(
        sqlite.engine_of(parsed)
        if embedded
        else postgresql.engine_of(parsed, patience_seconds=patience_seconds)
    )
    try:
        if must_exist and not is_a_store(store):
            raise BadInput(
                f"There is no store in {store.name}; run `abonement nightly` first, or check the address."
            )
        migrate(store)
    except AbonementError as error:
        store.close()
        if not embedded and postgresql.is_absent(parsed, error):
            raise BadInput(
                f"There is no database {parsed.database} on that server: {store.name}; make it with createdb, or check "
                "the address."
            ) from error
        raise
    return store


def store_file(url: str) -> Path:
    """The file behind a store's URL, existing or not; raises BadInput for a URL that is no SQLite one."""
    parsed = _checked(url)
    if parsed.get_backend_name() != "sqlite":
        raise BadInput(
            f"The store {parsed.render_as_string()} is a PostgreSQL database and no file; "
            "back it up and restore it with pg_dump and pg_restore."
        )
    return Path(str(parsed.database))


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise BadInput(
            "The store's address is not a URL; expected for example sqlite:////srv/abonement/store.db "
            "or postgresql://user:password@host/abonement."
        ) from error
    if parsed.drivername in {"postgresql", "postgresql+psycopg"} and parsed.database:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        raise BadInput(
            f"The store's address {parsed.render_as_string()} is not supported; expected an SQLite file or a "
            "PostgreSQL database, for example sqlite:////srv/abonement/store.db or "
            "postgresql://user:password@host/abonement."
        )
    return parsed
