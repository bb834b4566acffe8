"""One night: what it did, each check of its guard, and what may be done with it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.responses import Response

from engine.console.door.doorkeeper import not_found
from engine.console.frame.shown_page import address_of, page
from engine.console.frame.texts import NO_FIGURE, Texts
from engine.console.frame.visit import ConsoleVisit, zone_of
from engine.console.today.nights_kept_back import KeptBack, failed_checks, nights_kept_back
from engine.console.today.today_page import guard_light
from engine.day.said_reason import MAX_REASON
from engine.domain.budget import MILLI
from engine.domain.console_users import Role
from engine.store.nights.run_records import Run, current_run, run_of, run_states
from engine.store.schema import PUBLISHED
from models.pages.parts import Tile

PAGE = "engine/console/nights/night.html"


# What a check's value is counted in; what is not named is a bare number.
_SHARES = frozenset(
    {
        "history",
        "unknown_products",
        "known_items",
        "price_jumps",
        "known_customers",
        "model_shop",
        "empty_bundles",
    }
)
_TIMES = frozenset({"recent_lines", "paid_level", "price_level", "expected_cost"})


class CheckedLine(NamedTuple):
    """A check of the guard with its value and its limit in words."""

    title: str
    says: str
    value: str
    allowed: str
    style: str
    word: str


def night(visit: ConsoleVisit) -> Response:
    """Show a published night, or one that was kept back."""
    texts, run_id = visit.texts, visit.names["run_id"]
    run = run_of(visit.store, run_id) if run_id in run_states(visit.store) else None
    kept = None if run is not None else kept_back_named(visit, run_id)
    if run is None and kept is None:
        return not_found(visit)
    about = run.manifest if run is not None else kept.about if kept is not None else {}
    day = (
        run.night
        if run is not None
        else kept.as_of.astimezone(zone_of(kept.timezone)).date()
        if kept
        else None
    )
    guard = about.get("guard", {})
    failed = failed_checks(about)
    return page(
        visit,
        PAGE,
        texts("nights.of", day=texts.day(day)) if day else run_id,
        run_id=run_id,
        state=_state(run),
        says=_sentence(run, failed, texts),
        tiles=_tiles(about, _currency(visit, run), texts),
        checks=[_line(name, one, texts) for name, one in sorted(guard.items(), key=_worst_first)],
        failed=[(name, texts(f"guard.{name}")) for name in failed] if kept is not None else [],
        may_decide=visit.may(Role.APPROVER),
        may_roll_back=run is not None and run.state == PUBLISHED,
        facts=_facts(about, run, texts),
        report=address_of("nights", run_id, "report"),
        longest=MAX_REASON,
    )


def kept_back_named(visit: ConsoleVisit, run_id: str) -> KeptBack | None:
    """The night that was kept back under that name; None where there is none."""
    found = nights_kept_back(visit.here.settings.workspace, run_states(visit.store))
    return next((one for one in found if one.run_id == run_id), None)


def _currency(visit: ConsoleVisit, run: Run | None) -> str:
    """The night's; of one that was kept back it stands nowhere, so that of the night in force."""
    known = run or current_run(visit.store)
    return "" if known is None else known.currency


def _state(run: Run | None) -> str:
    return "kept_back" if run is None else run.state


def _sentence(run: Run | None, failed: tuple[str, ...], texts: Texts) -> str:
    if run is None:
        return texts(
            "nights.kept_back", n=len(failed), checks=", ".join(texts(f"guard.{one}") for one in failed)
        )
    return texts(
        "nights.did",
        bundles=texts.number(run.bundles),
        customers=texts.number(run.manifest.get("result", {}).get("customers", run.bundles)),
        offers=texts.number(run.offers),
    )


def _tiles(about: Mapping[str, Any], currency: str, texts: Texts) -> list[Tile]:
    result, budget = about.get("result"), about.get("budget")
    if not result or not budget:
        return []
    depth, uses = result.get("mean_depth_bp"), result.get("expected_uses")
    return [
        Tile(texts.number(result["customers"]), texts("nights.tile_customers")),
        Tile(texts.number(result["bundles"]), texts("nights.tile_bundles")),
        Tile(texts.number(result["offers"]), texts("nights.tile_offers")),
        Tile(NO_FIGURE if depth is None else texts.percent(depth / 10_000, 1), texts("nights.tile_depth")),
        Tile(NO_FIGURE if uses is None else texts.number(uses), texts("nights.tile_uses")),
        Tile(
            texts.money(budget["planned_milli"] / MILLI, currency),
            texts("nights.tile_cost", allowed=texts.money(budget["allowance_milli"] / MILLI, currency)),
        ),
    ]


def _line(name: str, check: Mapping[str, Any], texts: Texts) -> CheckedLine:
    style, word = guard_light(check, texts)
    value = check["value"]
    return CheckedLine(
        texts(f"guard.{name}"),
        str(check["says"]),
        NO_FIGURE if value is None else _counted(name, value, texts),
        _allowed(name, check["limit"], texts),
        style,
        word,
    )


def _allowed(name: str, limit: Mapping[str, float], texts: Texts) -> str:
    """What a check's limit allows, its unit said once."""
    low, high = limit.get("at_least"), limit.get("at_most")
    if name in _TIMES and low is not None and high is not None:
        both = texts.join_bounds(texts.number(low, 2), texts.number(high, 2))
        return texts("nights.times", times=both)
    return texts.join_bounds(*(None if one is None else _counted(name, one, texts) for one in (low, high)))


def _counted(name: str, value: float, texts: Texts) -> str:
    """A check's value, or a bound of it, with its unit."""
    if name in _SHARES:
        return texts.percent(value, 1)
    if name == "mean_depth":
        return texts.percent(value / 10_000, 1)
    if name == "data_age":
        return texts("nights.hours", hours=texts.number(value, 1))
    whole = value == int(value) and name not in _TIMES
    text = texts.number(value, 0 if whole else 2)
    return texts("nights.times", times=text) if name in _TIMES else text


def _worst_first(check: tuple[str, Mapping[str, Any]]) -> tuple[bool, bool, bool]:
    one = check[1]
    return one["ok"] or one["accepted"], not one["accepted"], one["value"] is None


def _facts(about: Mapping[str, Any], run: Run | None, texts: Texts) -> list[tuple[str, str]]:
    zone = zone_of(str(about.get("timezone", "UTC")))
    published = (
        None if run is None or run.published_at is None else texts.moment(run.published_at.astimezone(zone))
    )
    facts = {
        "published": published,
        "model": about.get("model"),
        "policy": about.get("policy"),
        "load": about.get("load"),
        "code": about.get("code"),
        "compared_with": ", ".join(about.get("compared_with", ())),
    }
    return [(texts(f"nights.fact_{name}"), str(value)) for name, value in facts.items() if value]
