import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url, text

from engine.store import Store, open_store
from engine.store.database.migrating import MIGRATIONS
from engine.store.nights.bundle_records import stage_bundles
from engine.store.nights.login_views import view_of
from engine.store.nights.run_records import all_runs, current_run
from engine.store.schema import SCHEMA_VERSION, metadata
from models.ground.errors import BadInput, CannotWrite, StoreTooNew, StoreUnreachable
from tests.engine.bundles import MONDAY, a_night, begin, bundle, staged
from tests.engine.databases import Databases


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
    with pytest.raises(
        StoreTooNew, match=f"has schema 9999, this version knows schemas up to {SCHEMA_VERSION}"
    ):
        open_store(store_url)


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://shop:secret@db/abonement",
        "postgresql+psycopg2://shop:secret@db/abonement",
        "postgresql://shop:secret@db",
    ],
)
def test_an_address_that_is_no_store_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(BadInput, match="expected") as refused:
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
        if store.is_postgresql:
            name = store.engine.url.database
            connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
            connection.commit()
        else:
            connection.exec_driver_sql("PRAGMA query_only = ON")
    if store.is_postgresql:
        store.engine.dispose()
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


def test_a_database_that_does_not_answer_is_said_in_one_sentence_without_the_password() -> None:
    with pytest.raises(StoreUnreachable, match=r"does not answer .*check that the database runs") as refused:
        open_store("postgresql://shop:secret@127.0.0.1:1/abonement")
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_database_that_its_server_does_not_have_is_bad_input(databases: Databases) -> None:
    with databases.fresh("postgresql") as url:
        nowhere = make_url(url).set(database="nosuch").render_as_string(hide_password=False)
        with pytest.raises(BadInput, match=r"There is no database nosuch on that server: .*createdb"):
            open_store(nowhere)


def test_a_store_that_must_exist_is_not_made(databases: Databases, backend: str) -> None:
    with (
        databases.fresh(backend, migrated=False) as url,
        pytest.raises(BadInput, match=r"There is no store .*run `abonement nightly` first"),
    ):
        open_store(url, must_exist=True)


def test_servers_that_start_together_migrate_once(databases: Databases, backend: str) -> None:
    with databases.fresh(backend, migrated=False) as url, ThreadPoolExecutor(4) as servers:
        for opened in servers.map(open_store, [url] * 4):
            assert current_run(opened) is None
            opened.close()


def test_what_is_written_within_a_write_is_undone_with_it(store: Store) -> None:
    def both() -> None:
        with store.writing("anna"):
            begin(store)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        both()
    assert all_runs(store) == ()


def test_two_writes_for_one_customer_follow_each_other(store: Store) -> None:
    order: list[str] = []
    begun, waiting = threading.Event(), threading.Event()

    def second() -> None:
        begun.wait(30)
        waiting.set()
        with store.writing("anna"):
            order.append("second")

    with ThreadPoolExecutor(1) as other:
        done = other.submit(second)
        with store.writing("anna") as connection:
            begun.set()
            waiting.wait(30)
            connection.execute(text("SELECT 1"))
            order.append("first")
        done.result(30)
    assert order == ["first", "second"]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)  # a file has no connection to lose
def test_a_login_reconnects_after_the_database_was_restarted(store: Store) -> None:
    a_night(store, ["anna"])
    assert view_of(store, "anna", MONDAY) is not None
    with store.engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert view_of(store, "anna", MONDAY) is not None


def test_readers_of_a_file_do_not_wait_for_writers(store: Store) -> None:
    with store.reading() as connection:
        setting = "SHOW transaction_isolation" if store.is_postgresql else "PRAGMA journal_mode"
        assert connection.exec_driver_sql(setting).scalar_one() in {"wal", "repeatable read"}


def test_a_file_that_is_removed_while_it_is_open_is_missed_and_not_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    store = open_store(f"sqlite:///{file}")
    run = begin(store)
    file.rename(tmp_path / "away.db")
    for _ in range(2):
        with pytest.raises(StoreUnreachable, match="was removed or replaced while it was open"):
            begin(store, attempt=2)
    with pytest.raises(StoreUnreachable, match="unable to open"):
        view_of(store, "anna", MONDAY)
    assert not file.exists()
    (tmp_path / "away.db").rename(file)
    assert all_runs(store) == (run,)
    store.close()


def test_another_file_in_its_place_is_written_from_the_next_transaction_on(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    store = open_store(f"sqlite:///{file}")
    begin(store)
    for suffix in ("", "-wal", "-shm"):
        (tmp_path / f"store.db{suffix}").rename(tmp_path / f"away.db{suffix}")
    open_store(f"sqlite:///{file}").close()
    with pytest.raises(StoreUnreachable, match="was removed or replaced"):
        begin(store)
    run = begin(store)
    again = open_store(f"sqlite:///{file}")
    assert all_runs(again) == (run,)
    for one in (store, again):
        one.close()
