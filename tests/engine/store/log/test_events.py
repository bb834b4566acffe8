from contextlib import suppress
from datetime import UTC, datetime, timedelta

from engine.store import Store
from engine.store.log.events import Event, append, events_after, events_of

NOON = datetime(2017, 12, 4, 12, tzinfo=UTC)
SHOWN = Event(
    "shown",
    NOON,
    customer_id="anna",
    run_id="2017-12-04.1",
    bundle_id="b_1",
    offer_id="o_1",
    item_id="995242",
    details={"place": 1},
    told_at=NOON - timedelta(seconds=3),
    event_id="phone-1",
)


def tell(store: Store, *events: Event) -> list[bool]:
    with store.writing() as connection:
        return [append(connection, event) for event in events]


def test_an_event_comes_back_as_it_was_told(store: Store) -> None:
    tell(store, SHOWN)
    (placed,) = events_after(store, 0, limit=10)
    assert (placed.feed_no, placed.event) == (1, SHOWN)


def test_an_event_told_twice_is_kept_once(store: Store) -> None:
    assert tell(store, SHOWN, SHOWN._replace(kind="opened")) == [True, False]
    assert [placed.event.kind for placed in events_after(store, 0, limit=10)] == ["shown"]


def test_events_without_an_id_get_different_ones(store: Store) -> None:
    tell(store, SHOWN._replace(event_id=None), SHOWN._replace(event_id=None))
    ids = {placed.event.event_id for placed in events_after(store, 0, limit=10)}
    assert len(ids) == 2


def test_pages_join_without_a_gap_and_without_an_overlap(store: Store) -> None:
    tell(store, *(SHOWN._replace(event_id=f"phone-{number}") for number in range(7)))
    seen, last = [], 0
    while page := events_after(store, last, limit=3):
        seen += [placed.event.event_id for placed in page]
        last = page[-1].feed_no
        if len(seen) == 6:  # somebody writes while the last page is being asked for
            tell(store, SHOWN._replace(event_id="late"))
    assert seen == [f"phone-{number}" for number in range(7)] + ["late"]


def test_an_event_of_a_transaction_that_failed_was_never_there(store: Store) -> None:
    with suppress(ZeroDivisionError), store.writing() as connection:
        append(connection, SHOWN)
        _ = 1 // 0
    assert events_after(store, 0, limit=10) == ()


def test_one_customers_events_are_theirs_only(store: Store) -> None:
    tell(store, SHOWN, SHOWN._replace(event_id="phone-2", customer_id="zoe"))
    with store.reading() as connection:
        assert [event.event_id for event in events_of(connection, "zoe")] == ["phone-2"]
