"""A version of the response, judged for people: its effects, who gets what by it, what that brings, and how long seeing it takes."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.ground.currencies import written
from models.ground.durable import write_text
from models.ground.errors import BadInput
from models.ground.moment import Moment
from models.pages.parts import Cell, Grid, Tile
from models.pages.rendering import render
from models.sources import Data
from models.versions.response_versions import open_response_version, response_folder, response_manifest
from models.versions.version_pointer import current_version
from training.evaluation.response_effects import WeeklyGain, effects_table, plans_table, weekly_gain
from training.evaluation.response_power import LONGEST_WEEKS, POWER, WeeklySpread, power_rows, weekly_spread
from training.fitting.response.logged_lots import logged_nights
from training.fitting.response.logged_plans import plans_of

PAGE, SUMMARY = "response.html", "response.json"
HELD_OUT = 0.5  # where learning exposes by lot, its share; else the arms that see most
TYPICAL = 0.06  # visits more that offers are known to bring where they bring any
_TEMPLATE = "training/evaluation/response_page.html"


@dataclass(frozen=True)
class ResponseEvaluation:
    """What is known of a version.

    Attributes:
        version: judged.
        current: it is the one in use.
        night: the last one that learnt, whose plans are weighed again; None before the first.
        effects, plans, power: tables; plans is empty where there is no night.
        gain: a week; None where there is no night.
        spread: of visits in this shop.
        held_out: share without offers that the power table is for.
    """

    version: str
    current: bool
    night: str | None
    effects: pd.DataFrame
    plans: pd.DataFrame
    power: pd.DataFrame
    gain: WeeklyGain | None
    spread: WeeklySpread
    held_out: float

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON content; what is not known is null."""
        tables = {
            name: json.loads(getattr(self, name).to_json(orient="records", double_precision=6))
            for name in ("effects", "plans", "power")
        }
        gain = None if self.gain is None else {k: _plain(v) for k, v in asdict(self.gain).items()}
        facts = {name: getattr(self, name) for name in ("version", "current", "night", "held_out")}
        return facts | tables | {"gain": gain, "spread": asdict(self.spread)}


def evaluate_response(workspace: Path, data: Data, as_of: Moment, version: str | None) -> ResponseEvaluation:
    """Judge a version as of a moment; the one in use where none is named.

    Raises:
        BadInput: there is no such version or none is in use, a log cannot be read, or nobody came to tell how visits vary.
        BadArtifact: the version is damaged.
    """
    folder = response_folder(workspace)
    current = current_version(folder)
    chosen = version or current
    if chosen is None:
        raise BadInput(
            "No version of the response is in use; `abonement-train fit --response --as-of DAY` publishes one, or name one with --version."
        )
    response_manifest(folder, chosen)
    learnt = open_response_version(folder, chosen)
    nights = logged_nights(workspace, as_of)
    plans = plans_of(nights[-1], as_of.timezone) if nights else None
    gain = None if plans is None else weekly_gain(plans, learnt.effects)
    spread = weekly_spread(data, as_of)
    sizes = {"usual where offers bring any": TYPICAL}
    if gain is not None:
        sizes |= {"believed": gain.believed, "just pays": gain.just_pays}
    share = nights[-1].learning.share if nights else 0.0
    held_out = 1 - share if 0 < share < 1 else HELD_OUT
    return ResponseEvaluation(
        version=chosen,
        current=chosen == current,
        night=nights[-1].learning.night if nights else None,
        effects=effects_table(learnt),
        plans=pd.DataFrame() if plans is None else plans_table(plans, learnt.effects),
        power=power_rows(spread, {name: size for name, size in sizes.items() if np.isfinite(size)}, held_out),
        gain=gain,
        spread=spread,
        held_out=held_out,
    )


def sentence_of(found: ResponseEvaluation, currency: str) -> str:
    """What it comes to."""
    state = "in use" if found.current else "not in use"
    if found.gain is None:
        return f"Response {found.version}, {state}: no night has learnt yet, so nobody can say who would get what."
    gain = found.gain
    low, high = gain.a_week - 1.96 * gain.deviation, gain.a_week + 1.96 * gain.deviation
    return (
        f"Response {found.version}, {state}: by it {gain.paying:,} of {gain.asked:,} customers who could have a bundle in night "
        f"{found.night} have one that surely pays, together {written(gain.a_week, currency)} [{written(low, currency)}, "
        f"{written(high, currency)}] {currency} a week."
    )


def in_words(found: ResponseEvaluation, currency: str) -> list[str]:
    """Sentence and tables for the terminal."""
    effects = [
        f"  {row.effect:<42} {row.value:8.3f} [{row.low:7.3f}, {row.high:7.3f}]  before [{row.before_low:7.3f}, {row.before_high:7.3f}]"
        for row in _rows(found.effects)
    ]
    plans = [
        f"  {row.plan:<24} {row.share:6.1%} of customers, given to {row.given:6.1%}, surely pays for {row.paying:6.1%}, "
        f"{written(row.value_minor, currency)} {currency} a bundle"
        for row in _rows(found.plans)
    ]
    power = [
        f"  {row.customers:>9,} customers, visits {row.share:+7.2%} ({row.effect}): {_weeks(row.weeks_once)} looked at once, "
        f"{_weeks(row.weeks_any_look)} at any look"
        for row in _rows(found.power)
    ]
    return [
        sentence_of(found, currency),
        "Effects, with 95 % intervals",
        *effects,
        *(["Plans of that night, weighed by this version", *plans] if plans else []),
        f"Weeks until a change of visits is found with a chance of {POWER:.0%}, {found.held_out:.0%} without offers",
        *power,
    ]


def write_response_page(found: ResponseEvaluation, currency: str, as_of: Moment, out: Path) -> Path:
    """Write the page and the JSON into a folder; returns where the page is."""
    out.mkdir(parents=True, exist_ok=True)
    write_text(out / SUMMARY, json.dumps(found.as_dict(), indent=2, ensure_ascii=False) + "\n")
    write_text(out / PAGE, response_page(found, currency, as_of))
    return out / PAGE


def response_page(found: ResponseEvaluation, currency: str, as_of: Moment) -> str:
    """One HTML file that fetches nothing."""
    return render(
        _TEMPLATE,
        title=f"Response {found.version}",
        version=found.version,
        what=sentence_of(found, currency),
        facts=_tiles(found, currency),
        tables=[_effects(found), *([_plans(found, currency)] if len(found.plans) else []), _power(found)],
        as_of=as_of.as_of.isoformat(),
    )


def _tiles(found: ResponseEvaluation, currency: str) -> list[Tile]:
    if found.gain is None:
        return [Tile(f"{found.spread.mean:.2f}", "visits a customer and week")]
    return [
        Tile(f"{written(found.gain.a_week, currency)} {currency}", "expected gain a week"),
        Tile(f"{found.gain.paying:,}", f"of {found.gain.asked:,} surely pay"),
        Tile(f"{found.gain.believed:+.1%}", "visits, as believed of all plans"),
        Tile(f"{found.gain.just_pays:+.1%}", "visits, at which all plans would just pay"),
    ]


def _effects(found: ResponseEvaluation) -> Grid:
    rows = [
        [
            Cell(row.effect, row.unit, "meaning"),
            Cell(f"{row.value:.3f}", f"{row.low:.3f} to {row.high:.3f}"),
            Cell(f"{row.before_low:.3f} to {row.before_high:.3f}"),
        ]
        for row in _rows(found.effects)
    ]
    return Grid(
        "What is believed",
        "Each effect over its 95 % interval.",
        ("Effect", "Now", "Before this shop's data"),
        rows,
    )


def _plans(found: ResponseEvaluation, currency: str) -> Grid:
    rows = [
        [
            Cell(row.plan, f"{row.customers:,} customers", "meaning"),
            Cell(f"{row.share:.1%}"),
            Cell(f"{row.given:.1%}"),
            Cell(f"{row.paying:.1%}"),
            Cell(written(row.value_minor, currency)),
        ]
        for row in _rows(found.plans)
    ]
    says = f"The plan that night {found.night} had for each customer, weighed by this version."
    heads = ("Plan", "Of customers", "Given", "Surely pays", f"Worth a bundle, {currency}")
    return Grid("Who gets what", says, heads, rows)


def _power(found: ResponseEvaluation) -> Grid:
    rows = [
        [
            Cell(f"{row.customers:,}", f"{row.effect}, {row.share:+.2%}", "meaning"),
            Cell(_weeks(row.weeks_once)),
            Cell(_weeks(row.weeks_any_look)),
        ]
        for row in _rows(found.power)
    ]
    says = (
        f"Weeks until a change of visits is found with a chance of {POWER:.0%} at 95 %, {found.held_out:.0%} of the customers without "
        "offers, by the spread of visits in this shop."
    )
    return Grid("How long until it can be seen", says, ("Customers", "Looked at once", "At any look"), rows)


def _weeks(weeks: Any) -> str:
    return (
        f"more than {LONGEST_WEEKS} weeks" if pd.isna(weeks) else f"{weeks} week{'' if weeks == 1 else 's'}"
    )


def _rows(table: pd.DataFrame) -> list[Any]:
    return list(table.itertuples())


def _plain(value: float) -> float | None:
    return value if np.isfinite(value) else None
