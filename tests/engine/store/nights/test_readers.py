"""Readers during a publish see the night before or the night after, never some of both."""

import multiprocessing
from multiprocessing.synchronize import Event

from engine.store import Store, open_store
from engine.store.log.exported_offers import current_offers
from engine.store.nights.bundle_records import stage_bundles
from engine.store.nights.publication import publish
from tests.engine.bundles import MONDAY, a_night, begin, bundle, staged

CUSTOMERS = [f"customer_{number}" for number in range(300)]
ATTEMPTS = 6


def read_until(
    url: str, started: Event, stop: Event, answers: "multiprocessing.SimpleQueue[set[frozenset[str]]]"
) -> None:
    """Collect, for every look at the store, which runs were seen and how many offers; look once more at the end."""
    store = open_store(url)
    seen: set[frozenset[str]] = set()
    last = False
    while not last:
        last = stop.is_set()
        rows = list(current_offers(store, MONDAY))
        seen.add(frozenset({f"{len(rows)} offers", *(row.run_id for row in rows)}))
        started.set()
    store.close()
    answers.put(seen)


def test_two_processes_reading_while_a_night_is_repeated_see_whole_runs(store: Store, store_url: str) -> None:
    a_night(store, CUSTOMERS)
    spawn = multiprocessing.get_context("spawn")
    stop, answers = spawn.Event(), spawn.SimpleQueue()
    started = [spawn.Event() for _ in range(2)]
    readers = [spawn.Process(target=read_until, args=(store_url, one, stop, answers)) for one in started]
    for reader in readers:
        reader.start()
    for one in started:
        assert one.wait(60)
    for attempt in range(2, ATTEMPTS + 1):
        run = begin(store, attempt=attempt)
        stage_bundles(store, run, (staged(bundle(name, run.run_id)) for name in CUSTOMERS))
        publish(store, run.run_id, now=MONDAY, manifest={})
    stop.set()
    seen = answers.get() | answers.get()
    for reader in readers:
        reader.join(60)
    whole = {frozenset({"1500 offers", f"2017-12-04.{attempt}"}) for attempt in range(1, ATTEMPTS + 1)}
    assert seen <= whole
    assert len(seen) > 1
