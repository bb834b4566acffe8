from dataclasses import replace
from datetime import UTC, date, datetime

from engine.store import Store
from engine.store.log.period_summaries import Summary, keep_summaries, summaries_of

MARCH = (date(2024, 3, 1), date(2024, 4, 1))
EVERYBODY = Summary(
    *MARCH, "ladder", "everybody", datetime(2024, 4, 1, tzinfo=UTC), "0001", {"nps": None, "frequency": 2.5}
)
CLIENTS = replace(EVERYBODY, segment="client", metrics={"nps": 40.0, "frequency": 6.0})


def test_what_was_measured_is_kept_with_what_is_not_defined(store: Store) -> None:
    keep_summaries(store, (EVERYBODY, CLIENTS))
    assert summaries_of(store, *MARCH) == (CLIENTS, EVERYBODY)


def test_measuring_a_period_again_replaces_all_its_segments(store: Store) -> None:
    keep_summaries(store, (EVERYBODY, CLIENTS))
    again = replace(EVERYBODY, load_id="0002")
    keep_summaries(store, (again,))
    assert summaries_of(store, *MARCH) == (again,)


def test_other_divisions_and_periods_stay(store: Store) -> None:
    undivided = replace(EVERYBODY, segment_by="")
    keep_summaries(store, (EVERYBODY,))
    keep_summaries(store, (undivided, replace(EVERYBODY, ends=date(2024, 3, 15))))
    assert summaries_of(store, *MARCH) == (undivided, EVERYBODY)
