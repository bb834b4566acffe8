"""The run report: one HTML file without scripts and without anything to fetch, to read, keep or print."""

import math
from collections.abc import Callable
from datetime import datetime
from functools import partial
from html import escape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.guard import number
from engine.watch import run_plots
from engine.watch.run_findings import RunFindings, find
from models.ground.durable import write_text
from models.pages.drawing import HEIGHT, TALL, draw, page_style

REPORT = "report.html"
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


def report(findings: RunFindings) -> str:
    """Return the page."""
    about = findings.about
    day = _day(about)
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Night of {day:%Y-%m-%d}, run {escape(about['run_id'])}</title>",
            f"<style>{page_style()}</style></head><body>",
            (
                '<header><div class="brand"><b><span class="mark">A</span>Abonement</b>'
                f"<span>run {escape(about['run_id'])}</span></div>"
            ),
            f"<h1>Night of {day:%A}, {day.day} {day:%B %Y}</h1>",
            f'<p class="verdict">{verdict(findings)}</p></header>',
            "<main>",
            _tiles(findings),
            '<div class="cards">',
            *_in_order(findings),
            "</div></main>",
            _footer(about),
            "</body></html>",
            "",
        ]
    )


def _in_order(findings: RunFindings) -> list[str]:
    """The guard first where it has something to say, else last."""
    guard, plots = _guard(findings), _plots(findings)
    calm = all(check["ok"] for check in findings.about["guard"].values())
    return [*plots, guard] if calm else [guard, *plots]


def verdict(findings: RunFindings) -> str:
    """One sentence: published or not, and what that means for customers and money."""
    about, guard = findings.about, findings.about["guard"]
    night, budget = about["result"], about["budget"]
    failed = [_words(name) for name, check in guard.items() if not check["ok"] and not check["accepted"]]
    accepted = [_words(name) for name, check in guard.items() if check["accepted"]]
    if not findings.published:
        reason = f"The guard kept it back over {_and(failed)}; " if failed else "It was not finished; "
        return f'<span class="chip bad">Not published</span> {reason}customers keep the offers they have.'
    money = (
        f"expected to cost <strong>{_money(budget['planned_milli'], findings)}</strong> of the "
        f"{_money(budget['allowance_milli'], findings)} that the night might plan"
    )
    chip = '<span class="chip">Published</span>'
    checks = f"All {len(guard)} checks passed."
    if accepted:
        chip = '<span class="chip accepted">Published, accepted by hand</span>'
        checks = f"{len(guard) - len(accepted)} checks passed; {_and(accepted)} failed and was accepted."
    return (
        f"{chip} <strong>{night['bundles']:,}</strong> of {night['customers']:,} customers seen got a new bundle, "
        f"{money}. {checks}"
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


def _tiles(findings: RunFindings) -> str:
    night, budget = findings.about["result"], findings.about["budget"]
    depth = night["mean_depth_bp"]
    facts = (
        (f"{night['customers']:,}", "customers seen"),
        (f"{night['bundles']:,}", "new bundles"),
        (f"{night['offers']:,}", "offers"),
        ("none" if depth is None else f"{depth / 100:.1f} %", "mean discount"),
        (f"{night['expected_uses'] or 0:,.0f}", "offers expected to be used"),
        (f"{budget['planned_milli'] / 100_000:,.2f}", f"expected cost{_in_currency(findings)}"),
    )
    return '<ul class="tiles">' + "".join(f"<li><b>{value}</b>{word}</li>" for value, word in facts) + "</ul>"


def _guard(findings: RunFindings) -> str:
    rows = []
    guard = findings.about["guard"]
    for name in sorted(guard, key=list(TITLES).index):
        check = guard[name]
        used = room_used(check)
        state, word = _state(check)
        share = 0 if used is None else round(100 * min(1.0, used))
        meter = "" if used is None else f'<div class="room {state}"><i style="width:{share}%"></i></div>'
        limit = check["limit"]
        allowed = " to ".join(number(limit[bound]) for bound in ("at_least", "at_most") if bound in limit)
        if len(limit) == 1:
            allowed = next(iter(limit)).replace("_", " ") + f" {allowed}"
        rows.append(
            f'<tr><td class="meaning">{escape(TITLES[name])}'
            f'<div class="says">{escape(check["says"])}</div></td>'
            f'<td class="number">{number(check["value"]) if used is not None else "none"}</td>'
            f'<td class="allowed number">{allowed}</td><td class="meter">{meter}</td>'
            f'<td class="judged"><span class="state {state}">{word}</span></td></tr>'
        )
    compared = ", ".join(findings.about["compared_with"]) or "no earlier run"
    return (
        '<section class="card wide"><h2>Is this night like the nights before?</h2>'
        f"<p>Every number against the programme's limit; the bar shows how much of the room it takes. "
        f"Compared with {escape(compared)}.</p>"
        "<table><thead><tr><th>Check</th><th>Value</th><th>Allowed</th><th>Room taken</th><th></th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></section>"
    )


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
        f"<p>Favourite products: {line['customers']:,} customers have one. This {line['period']} they are expected to "
        f"cost {_money(line['planned_milli'], findings)} of {_money(line['amount_minor'] * 1000, findings)}, "
        f"{_money(line['given_minor'] * 1000, findings)} given so far.{units}</p>"
    )


def _plots(findings: RunFindings) -> list[str]:
    budget, night = findings.about["budget"], findings.about["result"]
    cards = [
        _card("What the tills sent", "Purchase lines a day; the guard looks closest at the green ones.", "lines", run_plots.lines_by_day, findings),
        _card("Who got a bundle", "Customers seen lately, and who is left after each rule.", "funnel", run_plots.funnel, findings),
    ]  # fmt: skip
    share = budget["planned_milli"] / budget["allowance_milli"] if budget["allowance_milli"] else 0.0
    cards.append(
        '<section class="card wide"><h2>What it may cost</h2>'
        f"<p>Expected discount of tonight's bundles against tonight's share of the budget "
        f"({_money(budget['amount_minor'] * 1000, findings)} a {budget['period']}, nights left: "
        f"{budget['nights_left']}, {_money(budget['committed_milli'], findings)} promised before).</p>"
        f'<div class="budget"><i style="width:{min(100.0, 100 * share):.1f}%"></i></div>'
        f'<div class="legend"><span>{_money(budget["planned_milli"], findings)} planned ({share:.0%})</span>'
        f"<span>{_money(budget['allowance_milli'], findings)} allowed</span></div>"
        f"{_favourites(findings)}</section>"
    )
    if night["offers"]:
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
    text: str,
    name: str,
    plot: Callable[..., None],
    findings: RunFindings,
    height: float = HEIGHT,
) -> str:
    drawing = draw(name, partial(plot, findings=findings), f"{title}. {text}", height)
    return f'<section class="card"><h2>{title}</h2><p>{escape(text)}</p>{drawing}</section>'


def _footer(about: Any) -> str:
    facts = {
        "data as of": about["as_of"],
        "load": about["load"],
        "model": about["model"],
        "policy": about["policy"],
        "code": about["code"],
        "programme": about["programme"][:12],
        "data": about["data"][:12],
    }
    said = " · ".join(f"{name} {escape(str(value))}" for name, value in facts.items())
    return (
        f"<footer>{said}<br>Costs are expectations: chance of purchase times units times discount. Whether offers "
        "pay is for the holdout to show, not for this page.</footer>"
    )


def _state(check: dict[str, Any]) -> tuple[str, str]:
    if check["accepted"]:
        return "accepted", "accepted"
    if not check["ok"]:
        return "bad", "failed"
    return ("none", "not compared") if check["value"] is None else ("", "passed")


def _day(about: Any) -> datetime:
    return datetime.fromisoformat(about["as_of"]).astimezone(ZoneInfo(about["timezone"]))


def _money(milli: int, findings: RunFindings) -> str:
    return f"{milli / 100_000:,.2f} {findings.currency}".strip()


def _in_currency(findings: RunFindings) -> str:
    return f", in {findings.currency}" if findings.currency else ""


def _horizon(findings: RunFindings) -> str:
    return f"{findings.programme.prediction.churn_horizon_days} days"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
