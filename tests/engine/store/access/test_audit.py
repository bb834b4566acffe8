from engine.store import Store
from engine.store.access.audit import records
from engine.store.nights.run_records import withdraw_run
from tests.engine.bundles import MONDAY, a_night, day


def test_what_operators_do_to_runs_is_in_the_trail(store: Store) -> None:
    a_night(store, ["anna"])
    withdraw_run(store, "2017-12-04.1", now=day(5))
    assert [act[:5] for act in records(store)] == [
        (MONDAY, "abonement nightly", "published", None, "2017-12-04.1"),
        (day(5), "abonement runs", "withdrawn", None, "2017-12-04.1"),
    ]
