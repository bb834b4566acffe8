import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.store import open_store
from engine.store.database.store_backup import back_up, restore, revision_of
from engine.store.nights.login_views import view_of
from engine.store.nights.run_records import all_runs
from engine.store.schema import SCHEMA_VERSION
from models.ground.errors import BadInput, CannotWrite, StoreTooNew
from tests.engine.bundles import a_night, day


def store_with(file: Path, *customers: str) -> None:
    store = open_store(f"sqlite:///{file}")
    a_night(store, customers, attempt=len(all_runs(store)) + 1)
    store.close()


def customers_of(file: Path) -> list[str]:
    store = open_store(f"sqlite:///{file}")
    found = [name for name in ("anna", "boris") if view_of(store, name, day(5))]
    store.close()
    return found


def test_a_backup_is_one_file_that_brings_the_store_back(tmp_path: Path) -> None:
    live, copy = tmp_path / "store.db", tmp_path / "copy" / "store.db"
    copy.parent.mkdir()
    store_with(live, "anna")
    back_up(live, copy)
    assert [path.name for path in copy.parent.iterdir()] == ["store.db"]
    assert revision_of(copy) == SCHEMA_VERSION
    store_with(live, "boris")
    assert customers_of(live) == ["boris"]
    assert restore(copy, live) is None
    assert customers_of(live) == ["anna"]


def test_a_server_that_has_the_store_open_sees_the_restored_one(tmp_path: Path) -> None:
    live, copy = tmp_path / "store.db", tmp_path / "copy.db"
    store_with(live, "anna")
    back_up(live, copy)
    server = open_store(f"sqlite:///{live}")
    store_with(live, "boris")
    assert view_of(server, "anna", day(5)) is None
    restore(copy, live)
    assert view_of(server, "anna", day(5)) is not None
    server.close()


def test_a_missing_store_is_made(tmp_path: Path) -> None:
    live, copy = tmp_path / "store.db", tmp_path / "copy.db"
    store_with(live, "anna")
    back_up(live, copy)
    live.unlink()
    assert restore(copy, live) is None
    assert customers_of(live) == ["anna"]


def test_a_damaged_store_is_moved_aside_and_its_log_does_not_meet_the_new_one(tmp_path: Path) -> None:
    live, copy = tmp_path / "store.db", tmp_path / "copy.db"
    store_with(live, "anna")
    back_up(live, copy)
    live.write_text("a shopping list\n" * 500)
    (tmp_path / "store.db-wal").write_text("its log")
    assert restore(copy, live) == tmp_path / "store.db.damaged"
    assert (tmp_path / "store.db.damaged").read_text().startswith("a shopping list")
    assert customers_of(live) == ["anna"]


def test_a_backup_that_is_damaged_is_refused(tmp_path: Path) -> None:
    live, copy = tmp_path / "store.db", tmp_path / "copy.db"
    store_with(live, "anna")
    back_up(live, copy)
    content = bytearray(copy.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\x07" * 4096 * 3
    copy.write_bytes(content)
    with pytest.raises(BadInput, match=r"is damaged|is not a backup"):
        revision_of(copy)


def test_a_file_that_is_no_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("a shopping list\n" * 100)
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE songs (name)")
    for name in ("list.txt", "other.db"):
        with pytest.raises(BadInput, match="is not a backup of a store"):
            revision_of(tmp_path / name)
    with pytest.raises(BadInput, match="There is no backup"):
        revision_of(tmp_path / "nowhere.db")


def test_a_backup_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    store_with(tmp_path / "store.db", "anna")
    with closing(sqlite3.connect(tmp_path / "store.db")) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()
    with pytest.raises(StoreTooNew, match="9999"):
        revision_of(tmp_path / "store.db")


def test_a_workspace_without_a_store_has_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no store"):
        back_up(tmp_path / "store.db", tmp_path / "copy.db")


def test_a_folder_in_place_of_the_backup_cannot_be_written(tmp_path: Path) -> None:
    store_with(tmp_path / "store.db", "anna")
    (tmp_path / "copy.db").mkdir()
    with pytest.raises(CannotWrite, match="cannot be copied"):
        back_up(tmp_path / "store.db", tmp_path / "copy.db")
