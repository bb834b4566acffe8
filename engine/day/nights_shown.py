"""Which night customers see now, how old its data are, and which nights there were."""

from datetime import datetime, timedelta
from typing import NamedTuple

from engine.store import Store
from engine.store.nights.run_records import Run, all_runs, current_run
from engine.store.nights.stops import current_stop

_SECOND = timedelta(seconds=1)


class CurrentNight(NamedTuple):
    """The night that customers see."""

    run_id: str
    as_of: datetime  # the data's cut
    age_seconds: int  # since then
    timezone: str  # the shop's
    model: str | None  # the version it was made with
    stopped_since: datetime | None  # when all personal offers were stopped, None while they go on


class LastNights(NamedTuple):
    """The last runs, newest first, and the one that customers see; None before the first."""

    current: str | None
    runs: tuple[Run, ...]


def current_night(store: Store, now: datetime) -> CurrentNight | None:
    """Return the night that customers see; None before the first. Raises StoreUnreachable."""
    run, stop = current_run(store), current_stop(store)
    if run is None:
        return None
    model, since = run.manifest.get("model"), None if stop is None else stop.since
    return CurrentNight(run.run_id, run.as_of, age_seconds(run.as_of, now), run.timezone, model, since)


def last_nights(store: Store, *, at_most: int) -> LastNights:
    """Return the newest runs, those of no effect included; raises StoreUnreachable."""
    current = current_run(store)
    newest = tuple(reversed(all_runs(store)))[:at_most]
    return LastNights(None if current is None else current.run_id, newest)


def age_seconds(as_of: datetime, now: datetime) -> int:
    """Return how many whole seconds ago data were cut; a cut in the future is no age."""
    return max(0, (now - as_of) // _SECOND)
