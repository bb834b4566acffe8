from datetime import date

from engine.store import Store
from engine.store.log.events import Event, append, events_after
from engine.store.nights.bundle_records import bundles_of_run
from engine.store.nights.login_views import view_of
from engine.store.nights.retention import forget_events, old_events, prunable, prune_bundles
from engine.store.nights.run_records import all_runs, run_of, withdraw_run
from tests.engine.bundles import MONDAY, a_night, day
from tests.engine.touching import Touch, touch

TUESDAY = date(2017, 12, 5)


def left(store: Store, run_id: str) -> list[str]:
    return [kept.bundle_id.split("_")[1] for kept in bundles_of_run(store, run_of(store, run_id))]


def prune(store: Store, *keep: str, ended_by: int = 1) -> dict[str, int]:
    found = prunable(store, keep=keep, ended_by=day(ended_by))
    for run in found:
        prune_bundles(store, run, ended_by=day(ended_by))
    return {run.run_id: run.bundles for run in found}


def test_bundles_that_were_replaced_go_unless_somebody_touched_them(store: Store) -> None:
    a_night(store, ["anna", "boris"])
    touch(store, "anna", "o_0", Touch.REDEEM, MONDAY)
    a_night(store, ["anna", "boris"], attempt=2)
    assert prune(store, "2017-12-04.2") == {"2017-12-04.1": 1}
    assert left(store, "2017-12-04.1") == ["anna"]
    assert left(store, "2017-12-04.2") == ["boris"]


def test_offers_that_are_valid_stay(store: Store) -> None:
    a_night(store, ["anna"])
    a_night(store, ["boris"], night=TUESDAY)
    before = view_of(store, "anna", day(6))
    assert prune(store, "2017-12-05.1", ended_by=5) == {}
    assert view_of(store, "anna", day(6)) == before


def test_bundles_that_ended_before_the_moment_go(store: Store) -> None:
    a_night(store, ["anna"])
    assert prune(store, ended_by=9) == {}
    assert prune(store, ended_by=10) == {"2017-12-04.1": 1}
    assert left(store, "2017-12-04.1") == []
    assert [run.run_id for run in all_runs(store)] == ["2017-12-04.1"]


def test_runs_to_keep_stay_whole(store: Store) -> None:
    a_night(store, ["anna"])
    withdraw_run(store, "2017-12-04.1", now=MONDAY)
    assert prune(store, "2017-12-04.1", ended_by=30) == {}
    assert prune(store) == {"2017-12-04.1": 1}


def test_pruning_again_finds_nothing(store: Store) -> None:
    a_night(store, ["anna"])
    prune(store, ended_by=30)
    assert prune(store, ended_by=30) == {}


def test_old_events_go_and_readers_of_the_feed_go_on_from_their_place(store: Store) -> None:
    for number in (4, 5, 6):
        with store.writing() as connection:
            append(connection, Event("shown", day(number), "anna", event_id=f"phone-{number}"))
    (*_, read) = events_after(store, 0, limit=10)
    assert old_events(store, before=day(6)) == 2
    assert forget_events(store, before=day(6)) == 2
    assert forget_events(store, before=day(9)) == 0
    with store.writing() as connection:
        append(connection, Event("shown", day(9), "anna", event_id="phone-9"))
    assert [one.event.event_id for one in events_after(store, read.feed_no, limit=10)] == ["phone-9"]
    assert [one.event.event_id for one in events_after(store, 0, limit=10)] == ["phone-6", "phone-9"]
