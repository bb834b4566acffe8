"""A copy of the embedded store in one file, and the way back.

Both use SQLite's online backup: the copy is one consistent moment of a store that is being read and written, and the
way back is one transaction on the living store, so that servers go on without a restart and see all of it or
nothing.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from engine.store.database.migrating import known_revisions
from models.ground.errors import BadInput, CannotWrite, StoreTooNew

_DAMAGED = {"SQLITE_NOTADB", "SQLITE_CORRUPT"}
_PATIENCE_SECONDS = 60.0


def back_up(store: Path, copy: Path) -> None:
    """Copy a store into a file that does not exist yet, and check the copy.

    Raises:
        BadInput: there is no store, or the copy is damaged because the store is.
        CannotWrite: the disk is full or the folder is read-only.
    """
    if not store.is_file():
        raise BadInput(f"There is no store at {store} to back up; expected the file of a workspace.")
    try:
        with closing(_open(store)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            # One file that can be moved about, without a log beside it.
            target.execute("PRAGMA journal_mode = DELETE")
        revision_of(copy)
    except sqlite3.DatabaseError as error:
        raise CannotWrite(f"The store {store} cannot be copied to {copy} ({error}).") from error


def revision_of(copy: Path) -> str:
    """The schema of a backup after an integrity check of the whole file.

    Raises:
        BadInput: it is no backup of a store, or a damaged one.
        StoreTooNew: a newer version made it.
    """
    if not copy.is_file():
        raise BadInput(f"There is no backup {copy}; expected a file that `abonement backup` wrote.")
    try:
        with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchall()
            if found != [("ok",)]:
                raise BadInput(f"The backup {copy} is damaged ({found[0][0]}); take another one.")
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            revision = str(row[0]) if row else ""
    except sqlite3.DatabaseError as error:
        raise BadInput(
            f"{copy} is not a backup of a store ({error}); expected a file that `abonement backup` wrote."
        ) from error
    if revision not in known_revisions():
        raise StoreTooNew(
            f"The backup {copy} has schema {revision!r}, which this version does not know; "
            "install the version that made it."
        )
    return revision


def restore(copy: Path, store: Path) -> Path | None:
    """Put a backup in a store's place; `copy` has been checked with `revision_of`.

    A store that answers is overwritten in one transaction. One that is missing is made, and a damaged one is moved
    aside first; stop the servers before that. Returns where the damaged one went.

    Raises:
        CannotWrite: the disk is full, the folder is read-only, or a till kept writing; the store is as it was.
    """
    aside = None if _answers(store) else _move_aside(store)
    try:
        with (
            closing(sqlite3.connect(copy)) as source,
            closing(_open(store)) as target,
        ):
            target.execute("PRAGMA synchronous = FULL")
            source.backup(target)
    except sqlite3.DatabaseError as error:
        raise CannotWrite(
            f"The store {store} could not be restored ({error}); it is as it was before."
        ) from error
    return aside


def _open(store: Path) -> sqlite3.Connection:
    return sqlite3.connect(store, timeout=_PATIENCE_SECONDS)


def _answers(store: Path) -> bool:
    if not store.exists():
        return False
    try:
        with closing(_open(store)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorname in _DAMAGED:
            return False
        raise CannotWrite(f"The store {store} does not answer ({error}).") from error
    return True


def _move_aside(store: Path) -> Path | None:
    """Rename what is left of a damaged store, its log first: a log must not meet another store's file."""
    aside: Path | None = None
    for suffix in ("-wal", "-shm", ""):
        part = store.with_name(store.name + suffix)
        if part.exists():
            aside = part.replace(part.with_name(f"{store.name}.damaged{suffix}"))
    return aside
