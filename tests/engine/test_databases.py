"""Who asks for a database gets an empty one, whatever the test before left in theirs."""

from contextlib import closing

from sqlalchemy import func, select

from engine.store import open_store
from engine.store.schema import metadata
from tests.engine.databases import BACKENDS, Databases
from tests.engine.shop import publish_shop


def test_a_database_of_many_rows_is_empty_for_the_next_who_asks(databases: Databases) -> None:
    for backend in BACKENDS:
        with databases.fresh(backend) as url, closing(open_store(url)) as store:
            publish_shop(store, ["anna", "bernd"])
        with (
            databases.fresh(backend) as url,
            closing(open_store(url)) as store,
            store.reading() as connection,
        ):
            counted = {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
            }
        assert set(counted.values()) == {0}
