"""What waits for a person today, the gravest first, each with where to go for it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from engine.console.frame.shown_page import address_of
from engine.console.frame.visit import ConsoleVisit, zone_of
from engine.console.today.nights_kept_back import KeptBack
from engine.store.access.customer_erasure import waiting_erasures
from engine.store.nights.recalls import recalled_now
from engine.store.nights.run_records import Run
from engine.store.nights.stops import current_stop
from models.ground.model_age import model_age_days

# A night a day, and half a day to run and to look at it.
_LATE_AFTER = timedelta(hours=36)


class Matter(NamedTuple):
    """One line of the list; `style` is that of its light."""

    style: str
    says: str
    detail: str = ""
    address: str = ""
    to_do: str = ""


def open_matters(visit: ConsoleVisit, run: Run | None, kept_back: Sequence[KeptBack]) -> tuple[Matter, ...]:
    """Everything that a person should look at."""
    return tuple(
        sorted(
            (*_of_the_shop(visit), *_of_the_night(visit, run, kept_back)),
            key=lambda one: ("bad", "accepted", "none").index(one.style),
        )
    )


def _of_the_shop(visit: ConsoleVisit) -> Iterator[Matter]:
    texts, stop = visit.texts, current_stop(visit.store)
    if stop is not None:
        since = texts.moment(stop.since)
        yield Matter(
            "bad",
            texts("today.stopped", since=since),
            stop.reason,
            address_of("products"),
            texts("today.see"),
        )
    recalled = recalled_now(visit.store, visit.now)
    if recalled:
        names = ", ".join(list(recalled)[:5])
        yield Matter(
            "accepted",
            texts("today.recalled", n=len(recalled)),
            names,
            address_of("products"),
            texts("today.see"),
        )
    waiting = len(waiting_erasures(visit.store))
    if waiting:
        yield Matter("none", texts("today.erasures", n=waiting), texts("today.erasures_how"))


def _of_the_night(visit: ConsoleVisit, run: Run | None, kept_back: Sequence[KeptBack]) -> Iterator[Matter]:
    texts = visit.texts
    for one in kept_back:
        if run is not None and one.as_of < run.as_of:
            break
        day = texts.date(one.as_of.astimezone(zone_of(one.timezone)).date())
        failed = ", ".join(texts(f"guard.{name}") for name in one.failed)
        yield Matter(
            "bad",
            texts("today.kept_back", day=day),
            failed,
            address_of("nights", one.run_id),
            texts("today.look"),
        )
    if run is None:
        yield Matter("bad", texts("today.no_night"), texts("today.no_night_how"))
        return
    age = visit.now - run.as_of
    if age > _LATE_AFTER:
        yield Matter("bad", texts("today.late", n=round(age / timedelta(hours=24))), texts("today.late_how"))
    for alarm in run.manifest.get("arms", {}).get("alarms", ()):
        yield Matter("bad", texts("today.alarm"), str(alarm))
    accepted = [name for name, one in run.manifest.get("guard", {}).items() if one["accepted"]]
    if accepted:
        names = ", ".join(texts(f"guard.{name}") for name in accepted)
        yield Matter(
            "accepted", texts("today.accepted"), names, address_of("nights", run.run_id), texts("today.look")
        )
    model = str(run.manifest.get("model") or "")
    days = model_age_days(model, visit.now.date())
    if days is not None and days > visit.here.settings.model_days:
        yield Matter("accepted", texts("today.old_model", n=days), model)
