"""The run report: one HTML file without scripts and without anything to fetch, to read, keep or print."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.domain.budget import MILLI
from engine.nightly.folder.rule_figures import rule_in_words
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.guard import number
from engine.nightly.guard.arm_inspection import in_words
from engine.nightly.in_force.funders_promised import given_of
from engine.watch import run_plots
from engine.watch.run_findings import RunFindings, find
from models.ground.currencies import written
from models.ground.durable import write_text
from models.pages.drawing import HEIGHT, TALL, draw
from models.pages.parts import Card, Tile
from models.pages.rendering import render

REPORT = "report.html"
PAGE = "engine/watch/run_page.html"
TITLES = {
    "data_age": "Hours since the newest purchase",
    "recent_lines": "Lines of the last days, against usual",
    "history": "Past days that changed since they were seen",
    "paid_level": "Money a line, against before",
    "unknown_products": "Lines of unknown products",
    "known_items": "Items still in use",
    "price_level": "Prices, against before",
    "price_jumps": "Items whose price jumped",
    "known_customers": "Customers seen again",
    "model_shop": "The model's baskets found here",
    "holdout_leakage": "Held out and served",
    "arms_redrawn": "Arms as drawn",
    "empty_bundles": "Customers left without a bundle",
    "mean_depth": "Mean depth, basis points",
    "expected_cost": "Cost of a bundle, against before",
    "p_buy_drift": "Drift of the chance of purchase",
    "p_churn_drift": "Drift of the chance of silence",
    "candidate_drift": "Drift of the candidates' sources",
}


def write_report(workspace: Path, run_id: str, out: Path | None = None) -> Path:
    """Write a run's report, into its folder unless `out` is given; returns where it is.

    Raises:
        BadInput: there is no such run, or it got less far than the guard.
    """
    path = out or RunFolder.of(workspace, run_id).path / "sight" / REPORT
    write_text(path, report(find(workspace, run_id)))
    return path


@dataclass(frozen=True)
class NightVerdict:
    """Published or not, and what that means for customers and money; `kept_back` says why not."""

    style: str
    word: str
    kept_back: str
    bundles: str
    customers: str
    planned: str
    allowance: str
    checks: str


@dataclass(frozen=True)
class CheckRow:
    """One check of the guard: its value, what is allowed, how much of that it takes, and how it ended."""

    title: str
    says: str
    value: str
    allowed: str
    room_percent: int | None
    state: str
    word: str


def report(findings: RunFindings) -> str:
    """Return the page."""
    about = findings.about
    day = _day(about)
    budget = about["budget"]
    share = budget["planned_milli"] / budget["allowance_milli"] if budget["allowance_milli"] else 0.0
    return render(
        PAGE,
        title=f"Night of {day:%Y-%m-%d}, run {about['run_id']}",
        run_id=about["run_id"],
        heading=f"Night of {day:%A}, {day.day} {day:%B %Y}",
        verdict=verdict(findings),
        facts=_facts(findings),
        calm=all(check["ok"] for check in about["guard"].values()),
        checks=_checks(about["guard"]),
        compared_with=", ".join(about["compared_with"]) or "no earlier run",
        arms=in_words(_arms(about)),
        alarms=_arms(about)["alarms"],
        who=_who(findings),
        cost={
            "budget": _money(budget["amount_minor"] * 1000, findings),
            "period": budget["period"],
            "nights_left": budget["nights_left"],
            "committed": _money(budget["committed_milli"], findings),
            "bar_percent": f"{min(100.0, 100 * share):.1f}",
            "planned": _money(budget["planned_milli"], findings),
            "share": f"{share:.0%}",
            "allowance": _money(budget["allowance_milli"], findings),
        },
        favourites=_favourites(findings),
        lines=[_line(name, one, findings) for name, one in budget.get("lines", {}).items()],
        funders=[_funder(one, findings) for one in budget.get("funders", ())],
        what=_what(findings),
        made_of=_made_of(about),
    )


def _line(name: str, line: Mapping[str, Any], findings: RunFindings) -> str:
    """`Line win back: 3.20 planned of 50.00 that tonight may plan of 350.00 a week; 12.40 were wanted.`."""
    return (
        f"Line {_words(name)}: {_money(line['planned_milli'], findings)} planned of "
        f"{_money(line['allowance_milli'], findings)} that tonight may plan of "
        f"{_money(line['amount_minor'] * MILLI, findings)} a {line['period']}; "
        f"{_money(line['wanted_milli'], findings)} were wanted"
        + (f"; given to {line['given']:,} of {line['due']:,} who are due." if "given" in line else ".")
    )


def _funder(line: Mapping[str, Any], findings: RunFindings) -> str:
    """`Dairy, A-7: 120.40 planned of 250.00 left of 1,000.00, 12.30 given so far; 310.00 were wanted.`."""
    given = given_of(findings.about, line)
    return (
        f"{line['funder']}, {line['agreement']}: {_money(line['planned_milli'], findings)} planned of "
        f"{_money(line['allowance_milli'], findings)} left of {_money(line['budget_minor'] * MILLI, findings)}, "
        f"{_money(given * MILLI, findings)} given so far; "
        f"{_money(line['wanted_milli'], findings)} were wanted."
    )


def _arms(about: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = about.get("arms", {"experiments": {}, "alarms": ()})  # of an earlier release
    return found


def verdict(findings: RunFindings) -> NightVerdict:
    """Published or not, and what that means for customers and money."""
    about, guard = findings.about, findings.about["guard"]
    night, budget = about["result"], about["budget"]
    failed = [_words(name) for name, check in guard.items() if not check["ok"] and not check["accepted"]]
    accepted = [_words(name) for name, check in guard.items() if check["accepted"]]
    style, word, kept_back, checks = "", "Published", "", f"All {len(guard)} checks passed."
    if not findings.published:
        style, word = "bad", "Not published"
        kept_back = f"The guard kept it back over {_and(failed)}" if failed else "It was not finished"
    elif accepted:
        style, word = "accepted", "Published, accepted by hand"
        checks = f"{len(guard) - len(accepted)} checks passed; {_and(accepted)} failed and was accepted."
    return NightVerdict(
        style=style,
        word=word,
        kept_back=kept_back,
        bundles=f"{night['bundles']:,}",
        customers=f"{night['customers']:,}",
        planned=_money(budget["planned_milli"], findings),
        allowance=_money(budget["allowance_milli"], findings),
        checks=checks,
    )


def room_used(check: dict[str, Any]) -> float | None:
    """How much of what its limits allow a value uses up: 0 nothing, 1 at the limit, more beyond it."""
    value, low, high = check["value"], check["limit"].get("at_least"), check["limit"].get("at_most")
    if value is None:
        return None
    if low is None:
        return float(value / high) if high else float(value > 0)
    if high is None:
        return float((1 - value) / (1 - low)) if low < 1 else float(value < 1)
    if low * high > 0 and abs(math.log(low * high)) < 0.01:  # noqa: PLR2004 - a factor, either way
        return abs(math.log(value)) / math.log(high) if value > 0 else math.inf
    middle = (low + high) / 2
    return float(abs(value - middle) / (high - middle))


def _facts(findings: RunFindings) -> list[Tile]:
    night, budget = findings.about["result"], findings.about["budget"]
    depth = night["mean_depth_bp"]
    return [
        Tile(f"{night['customers']:,}", "customers seen"),
        Tile(f"{night['bundles']:,}", "new bundles"),
        Tile(f"{night['offers']:,}", "offers"),
        Tile("none" if depth is None else f"{depth / 100:.1f} %", "mean discount"),
        Tile(f"{night['expected_uses'] or 0:,.0f}", "offers expected to be used"),
        Tile(
            written(budget["planned_milli"] / MILLI, findings.currency),
            f"expected cost{_in_currency(findings)}",
        ),
        *_learning(findings),
        *_rotation(findings),
        *_rules(findings),
    ]


def _learning(findings: RunFindings) -> list[Tile]:
    """Where learning by lot stands, and what tonight's lots may lose; nothing where no policy learns."""
    learning = findings.about.get("learning")
    if learning is None:
        return []
    left = max(learning["sum_minor"] - learning["spent_minor"], 0.0)
    return [
        Tile(learning["state"], f"learning; at most {learning['share']:.1%} of customers"),
        Tile(
            f"{learning['exposed']:,}",
            f"of {learning['asked']:,} exposed, {learning['by_lot']:,} bundles by lot",
        ),
        Tile(
            written(learning["cost_minor"], findings.currency),
            f"what these may cost, of {written(left, findings.currency)}{_in_currency(findings)} left",
        ),
    ]


def _rotation(findings: RunFindings) -> list[Tile]:
    """What variety costs in expected use, and which rules took how many places; nothing where the programme asks for none."""
    rotation = findings.about.get("rotation")
    if rotation is None:
        return []
    without = rotation["uses_milli"]
    lost = without - rotation["uses_kept_milli"] + rotation["exchanged_milli"]
    places = ", ".join(f"{_words(name)} {number:,}" for name, number in rotation["places"].items()) or "none"
    return [
        Tile(
            f"{lost / max(without, 1):.1%}", f"of expected uses given up for variety; places taken: {places}"
        ),
        Tile(f"{rotation['staples']:,}", "items in as many bundles as the programme allows"),
    ]


def _rules(findings: RunFindings) -> list[Tile]:
    """What each of the programme's [rules] removed; nothing where it has none."""
    return [
        Tile(
            f"{(rule['uses_milli'] - rule['uses_kept_milli']) / MILLI:,.1f}",
            f"expected uses removed by the rule {rule_in_words({'rule': name, **rule})}, which is about {rule['customers']:,} customers; "
            f"{written((rule['cost_milli'] - rule['cost_kept_milli']) / MILLI, findings.currency)}{_in_currency(findings)} less",
        )
        for name, rule in findings.about.get("rules", {}).items()
    ]


def _checks(guard: dict[str, Any]) -> list[CheckRow]:
    rows = []
    for name in sorted(guard, key=list(TITLES).index):
        check, limit = guard[name], guard[name]["limit"]
        used = room_used(check)
        state, word = _state(check)
        allowed = " to ".join(number(limit[bound]) for bound in ("at_least", "at_most") if bound in limit)
        if len(limit) == 1:
            allowed = f"{_words(next(iter(limit)))} {allowed}"
        rows.append(
            CheckRow(
                title=TITLES[name],
                says=check["says"],
                value="none" if used is None else number(check["value"]),
                allowed=allowed,
                room_percent=None if used is None else round(100 * min(1.0, used)),
                state=state,
                word=word,
            )
        )
    return rows


def _favourites(findings: RunFindings) -> str:
    """How the favourite's own line stands; nothing for runs of releases without it."""
    line = findings.about.get("favourite")
    if line is None:
        return ""
    sold = line["units_sold_milli"]
    units = (
        ""
        if sold is None
        else f" Those that ended lately sold {sold / 1000:.1f} units each, {line['expected_units']} were expected."
    )
    return (
        f"Favourite products: {line['customers']:,} customers have one. This {line['period']} they are expected to "
        f"cost {_money(line['planned_milli'], findings)} of {_money(line['amount_minor'] * 1000, findings)}, "
        f"{_money(line['given_minor'] * 1000, findings)} given so far.{units}"
    )


def _who(findings: RunFindings) -> list[Card]:
    return [
        _card("What the tills sent", "Purchase lines a day; the guard looks closest at the green ones.", "lines", run_plots.lines_by_day, findings),
        _card("Who got a bundle", "Customers seen lately, and who is left after each rule.", "funnel", run_plots.funnel, findings),
    ]  # fmt: skip


def _what(findings: RunFindings) -> list[Card]:
    cards: list[Card] = []
    if findings.about["result"]["offers"]:
        plots: tuple[tuple[str, str, str, run_plots.Draw, float], ...] = (
            ("How deep", "Offers by discount.", "depths", run_plots.depths, HEIGHT),
            ("Known and new", "Offers by what they are to their customer.", "kinds", run_plots.kinds, HEIGHT),
            ("Why", "The reason each customer reads beside an offer.", "reasons", run_plots.reasons, HEIGHT),
            ("How likely it is bought", "Offers by the model's chance of a purchase within the bundle's days.", "p_buy", run_plots.p_buy, HEIGHT),
            ("What is offered", "The families with most offers.", "families", run_plots.families, TALL),
            ("Who may be leaving", f"Customers by their chance of silence for {_horizon(findings)}.", "p_churn", run_plots.p_churn, TALL),
            ("What a bundle costs", f"Bundles by expected discount{_in_currency(findings)}.", "cost", run_plots.cost, HEIGHT),
            ("How long it lasts", "Bundles by validity, fitted to each customer's rhythm.", "days", run_plots.days, HEIGHT),
            ("From many to few", "Items considered for all customers, by where they came from, and offers made (logarithmic).", "candidates", run_plots.candidates, HEIGHT),
        )  # fmt: skip
        cards += [_card(title, text, name, plot, findings, tall) for title, text, name, plot, tall in plots]
    if findings.seconds:
        total = sum(findings.seconds.values())
        text = f"{total:,.0f} seconds from start to published."
        cards.append(_card("Where the time went", text, "stages", run_plots.stages, findings))
    return cards


def _card(
    title: str,
    says: str,
    name: str,
    plot: Callable[..., None],
    findings: RunFindings,
    height: float = HEIGHT,
) -> Card:
    return Card(title, says, draw(name, partial(plot, findings=findings), height))


def _made_of(about: Any) -> str:
    facts = {
        "data as of": about["as_of"],
        "load": about["load"],
        "model": about["model"],
        "policy": about["policy"],
        "code": about["code"],
        "programme": about["programme"][:12],
        "data": about["data"][:12],
    }
    return " · ".join(f"{name} {value}" for name, value in facts.items())


def _state(check: dict[str, Any]) -> tuple[str, str]:
    if check["accepted"]:
        return "accepted", "accepted"
    if not check["ok"]:
        return "bad", "failed"
    return ("none", "not compared") if check["value"] is None else ("", "passed")


def _day(about: Any) -> datetime:
    return datetime.fromisoformat(about["as_of"]).astimezone(ZoneInfo(about["timezone"]))


def _money(milli: int, findings: RunFindings) -> str:
    return f"{written(milli / MILLI, findings.currency)} {findings.currency}".strip()


def _in_currency(findings: RunFindings) -> str:
    return f", in {findings.currency}" if findings.currency else ""


def _horizon(findings: RunFindings) -> str:
    return f"{findings.programme.prediction.churn_horizon_days} days"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
