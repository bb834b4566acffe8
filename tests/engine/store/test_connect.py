import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from engine.domain.errors import BadRequest, CannotWrite, StoreTooNew, StoreUnreachable
from engine.store import Store, open_store
from engine.store.bundles import stage_bundles
from engine.store.connect import MIGRATIONS
from engine.store.runs import current_run
from engine.store.schema import SCHEMA_VERSION, metadata
from tests.engine.bundles import a_night, begin, bundle, staged


def test_the_migrations_make_the_tables_that_the_schema_describes(store: Store) -> None:
    with store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_last_migration_is_the_version_that_the_schema_names() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA_VERSION


def test_opening_again_finds_what_was_there(store: Store, store_url: str) -> None:
    a_night(store, ["anna"])
    again = open_store(store_url)
    assert current_run(again) == current_run(store)
    again.close()


def test_a_newer_schema_is_refused_by_name(store: Store, store_url: str) -> None:
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreTooNew, match="has schema 9999, this version knows schemas up to 0003"):
        open_store(store_url)


@pytest.mark.parametrize(
    "url", ["nonsense", "sqlite://", "sqlite:///:memory:", "postgresql://shop:secret@db/abonement"]
)
def test_an_address_that_is_no_file_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(BadRequest, match="expected") as refused:
        open_store(url)
    assert "secret" not in str(refused.value)


def test_a_folder_that_is_not_there_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachable, match=r"does not answer.*check that its folder exists"):
        open_store(f"sqlite:///{tmp_path / 'nowhere' / 'store.db'}")


def test_a_file_that_is_no_database_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("a shopping list\n" * 100)
    with pytest.raises(StoreUnreachable, match="file is not a database"):
        open_store(f"sqlite:///{tmp_path / 'store.db'}")


def test_a_store_that_may_only_be_read_cannot_be_written(store: Store) -> None:
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(CannotWrite, match="cannot be written"):
        begin(store)


def test_a_full_disk_leaves_the_published_night_served(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    a_night(store, ["anna"])
    run = begin(store, attempt=2)
    with store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 10}")
    many = [staged(bundle(f"customer_{number}", run.run_id)) for number in range(200)]
    with pytest.raises(CannotWrite, match="free some space"):
        stage_bundles(store, run, many)
    current = current_run(store)
    assert current is not None
    assert current.run_id == "2017-12-04.1"
    store.close()


@pytest.fixture
def raw(store: Store, store_url: str) -> Iterator[sqlite3.Connection]:
    assert store.name == store_url
    with closing(sqlite3.connect(store_url.removeprefix("sqlite:///"))) as connection:
        yield connection


def test_readers_do_not_wait_for_writers(raw: sqlite3.Connection) -> None:
    assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
