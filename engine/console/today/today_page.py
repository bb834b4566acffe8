"""Today: the page that a manager opens in the morning."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from starlette.responses import Response

from engine.console.frame.shown_page import address_of, page
from engine.console.frame.texts import Texts
from engine.console.frame.visit import ConsoleVisit, zone_of
from engine.console.today.drawn_days import bars_by_day
from engine.console.today.nights_kept_back import nights_kept_back
from engine.console.today.open_matters import open_matters
from engine.day.published_rules import rules_now
from engine.domain.budget import MILLI, BudgetPeriod, period_around
from engine.store.checkout.given_by_day import GivenAtTills, given_by_day
from engine.store.nights.run_records import Run, current_run, run_states
from models.pages.parts import Tile

PAGE = "engine/console/today/today.html"
_DAYS_SHOWN = 28
_NOBODY = GivenAtTills(0, 0)


class GuardLight(NamedTuple):
    """A check of the guard, how it ended, and what it says."""

    style: str
    word: str
    title: str
    says: str


class ShownBudget(NamedTuple):
    """The period's budget: what is given, what is promised beside it, and all of it, in words and as parts of 100."""

    period: str
    amount: str
    given: str
    expected: str
    share: str
    given_width: float
    expected_width: float
    is_over: bool


def today(visit: ConsoleVisit) -> Response:
    """Show how the programme stands."""
    texts, run = visit.texts, current_run(visit.store)
    zone = zone_of(None if run is None else run.timezone)
    kept_back = nights_kept_back(visit.here.settings.workspace, run_states(visit.store))
    local = visit.now.astimezone(zone)
    first = local.date() - timedelta(days=_DAYS_SHOWN - 1)
    # A period is a month at the longest, so that one look serves both figures.
    given = given_by_day(visit.store, min(first, local.date().replace(day=1)), local.date())
    currency = "" if run is None else run.currency
    return page(
        visit,
        PAGE,
        texts.day(local.date()),
        clock=f"{local:%H:%M} {local:%Z}",
        clock_is_fixed=visit.here.settings.clock_is_fixed,
        night=None if run is None else _sentence(run, texts),
        run=None if run is None else address_of("nights", run.run_id),
        matters=open_matters(visit, run, kept_back),
        lights=[] if run is None else lights(run.manifest.get("guard", {}), texts),
        budget=None if run is None else _budget(visit, run, given),
        tiles=_tiles(given, local.date(), currency, texts),
        days=bars_by_day(
            {day: one.given_minor for day, one in given.items()},
            first,
            local.date(),
            {
                first + timedelta(days=ahead): _said_of(first + timedelta(days=ahead), given, currency, texts)
                for ahead in range(_DAYS_SHOWN)
            },
        ),
        given_any=any(day >= first for day in given),
    )


def lights(guard: Mapping[str, Any], texts: Texts) -> list[GuardLight]:
    """Every check of a night's guard, those that failed first."""
    found = [
        GuardLight(*guard_light(one, texts), texts(f"guard.{name}"), str(one["says"]))
        for name, one in guard.items()
    ]
    return sorted(found, key=lambda one: (("bad", "accepted", "", "none").index(one.style), one.title))


def guard_light(check: Mapping[str, Any], texts: Texts) -> tuple[str, str]:
    """A check's style and how it ended, in a word."""
    if check["accepted"]:
        return "accepted", texts("today.light_accepted")
    if not check["ok"]:
        return "bad", texts("today.light_failed")
    return (
        ("none", texts("today.light_none")) if check["value"] is None else ("", texts("today.light_passed"))
    )


def _sentence(run: Run, texts: Texts) -> str:
    result, budget = run.manifest.get("result", {}), run.manifest.get("budget", {})
    return texts(
        "today.last_night",
        day=texts.date(run.night),
        bundles=texts.number(run.bundles),
        customers=texts.number(result.get("customers", run.bundles)),
        offers=texts.number(run.offers),
        cost=texts.money(budget.get("planned_milli", 0) / MILLI, run.currency),
    )


def _budget(visit: ConsoleVisit, run: Run, by_day: Mapping[date, GivenAtTills]) -> ShownBudget | None:
    """What the present period has given and is expected to; None for a night that says nothing of its budget."""
    texts, kept = visit.texts, run.manifest.get("budget")
    if not kept:
        return None
    days = rules_now(visit.store).days
    starts, ends = period_around(visit.now, BudgetPeriod(kept["period"]), days)
    given = sum(one.given_minor for day, one in by_day.items() if day >= days.day_of(starts))
    # Of a night of an earlier period nothing is promised to this one that its own manifest would know.
    whole = (kept["committed_milli"] + kept["planned_milli"]) / MILLI if starts <= run.as_of < ends else 0.0
    expected, amount = max(whole, given), kept["amount_minor"]
    full = max(amount, expected, 1)
    return ShownBudget(
        texts(f"today.period_{kept['period']}"),
        texts.money(amount, run.currency),
        texts.money(given, run.currency),
        texts.money(expected, run.currency),
        texts.percent(expected / amount if amount else 0.0),
        round(100 * given / full, 1),
        round(100 * (expected - given) / full, 1),
        expected > amount,
    )


def _tiles(given: Mapping[date, GivenAtTills], today: date, currency: str, texts: Texts) -> list[Tile]:
    yesterday = given.get(today - timedelta(days=1), _NOBODY)
    week = sum((one for day, one in given.items() if day > today - timedelta(days=7)), _NOBODY)
    return [
        Tile(texts.number(yesterday.uses), texts("today.uses_yesterday")),
        Tile(texts.money(yesterday.given_minor, currency), texts("today.given_yesterday")),
        Tile(texts.number(week.uses), texts("today.uses_week")),
        Tile(texts.money(week.given_minor, currency), texts("today.given_week")),
    ]


def _said_of(day: date, given: Mapping[date, GivenAtTills], currency: str, texts: Texts) -> str:
    one = given.get(day, _NOBODY)
    return texts(
        "today.on_day",
        day=texts.date(day),
        given=texts.money(one.given_minor, currency),
        uses=texts.number(one.uses),
    )
