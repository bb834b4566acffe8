from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import text

from engine.store import Store
from engine.store.nights.known_ids import customer_known_as

ASKING = 24
# The most that the pool opens (docs/operate.md), and the one that counts.
OF_THE_POOL = 16 + 1


def connections(store: Store) -> int:
    """Connections to the database; none are counted for a file."""
    if not store.is_postgresql:
        return 0
    count = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
    with store.reading() as connection:
        return int(connection.execute(count).scalar_one())


def test_endpoints_that_ask_who_is_meant_keep_no_connection_of_their_own(store: Store) -> None:
    before, together = connections(store), Barrier(ASKING)

    def ask(number: int) -> str:
        together.wait()
        return customer_known_as(store, f"c{number}")

    with ThreadPoolExecutor(ASKING) as threads:
        assert list(threads.map(ask, range(ASKING))) == [f"c{number}" for number in range(ASKING)]
        assert connections(store) <= before + OF_THE_POOL
