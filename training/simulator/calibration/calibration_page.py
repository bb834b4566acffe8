"""The calibration as one HTML file without scripts and without anything to fetch: simulated beside real, misses named."""

import math
from collections.abc import Callable
from functools import partial
from html import escape

import pandas as pd

from models.pages.drawing import HEIGHT, TALL, draw, page_style
from training.simulator.calibration import calibration_plots
from training.simulator.calibration.comparison import PREDICTORS, WorldComparison
from training.simulator.calibration.shipped_churn import HORIZON_DAYS

POINTS = ("share", "lift")  # units whose differences are percentage points
_LINE_INCHES = 0.27  # a figure's line in the first plot


def page(
    found: WorldComparison, elasticities: tuple[pd.Series, pd.Series], world: str, assumed: str, lived: str
) -> str:
    """Return the page.

    Args:
        found: the comparison.
        elasticities: of the real shop's families and of the simulated one's.
        world: its name.
        assumed: what the world says that data cannot identify.
        lived: what was lived, in words: households, days, seed.
    """
    missed = len(found.misses)
    chip, word = ("bad", f"{missed} missed") if missed else ("", "All met")
    asked = int(found.figures["asked"].sum())
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Calibration of the world {escape(world)}</title>",
            f"<style>{page_style()}</style></head><body>",
            '<header><div class="brand"><b><span class="mark">A</span>Abonement</b><span>calibration</span></div>',
            f"<h1>The world “{escape(world)}” beside the real shop</h1>",
            f'<p class="verdict"><span class="chip {chip}">{word}</span> {escape(sentence(found, asked))}</p>',
            f'<p class="verdict">{escape(churn_sentence(found))}</p></header>',
            "<main>",
            '<div class="cards">',
            _table(found, asked=True),
            *_plots(found, elasticities),
            _table_of_churn(found),
            _table(found, asked=False),
            "</div></main>",
            (
                f"<footer>{escape(lived)}<br>What no data at hand identifies, and this world assumes: {escape(assumed)}<br>"
                "Price responses are estimated from sales alone, alike on both sides: they are comparable with each "
                "other, and larger than what a price truly does.</footer>"
            ),
            "</body></html>",
            "",
        ]
    )


def sentence(found: WorldComparison, asked: int) -> str:
    """What is missed by how much, in one sentence."""
    if found.misses.empty:
        return f"All {asked} figures lie within their tolerances."
    named = "; ".join(
        f"{row['meaning']} {written(row['unit'], row['simulated'])} instead of {written(row['unit'], row['real'])}"
        for _, row in found.misses.iterrows()
    )
    return f"{asked - len(found.misses)} of {asked} figures lie within their tolerances. Missed: {named}."


def churn_sentence(found: WorldComparison) -> str:
    """The shipped churn model against what can be known."""
    scores = {row["predictor"]: row for row in found.churn.to_dict("records")}
    shipped, oracle = scores["shipped"], scores["p_history"]
    return (
        f"On the simulated shop the shipped churn model's AUC is {shipped['expected']:.3f} where knowing all parameters "
        f"and the past would give {oracle['expected']:.3f}: it takes {100 * shipped['share']:.0f} % "
        f"(± {100 * 1.96 * shipped['share_error']:.0f}) of what is above chance."
    )


def written(unit: str, value: float) -> str:
    """A figure as its unit is written; "none" where it cannot be told."""
    if math.isnan(value):
        return "none"
    return {
        "days": f"{value:.3g}",
        "share": f"{100 * value:.1f} %",
        "lift": f"{100 * value:+.0f} %",
        "money": f"{value / 100:,.2f}",
        "number": f"{value:.3f}" if abs(value) < 1 else f"{value:.2f}",
    }[unit]


def _table(found: WorldComparison, *, asked: bool) -> str:
    rows = []
    for _, row in found.figures[found.figures["asked"] == asked].iterrows():
        unit = row["unit"]
        state, word = ("bad", "missed") if row["missed"] else ("", "met")
        published = "" if math.isnan(row["published"]) else written(unit, row["published"])
        off = f"{100 * row['off']:+.1f} points" if unit in POINTS else f"{row['off']:+.3g}"
        rows.append(
            f'<tr><td class="meaning">{escape(row["meaning"])}</td>'
            f'<td class="number">{written(unit, row["real"])}</td>'
            f'<td class="number"><b>{written(unit, row["simulated"])}</b>{_spread(unit, row["spread"])}</td>'
            f'<td class="number">{off}</td>'
            f'<td class="number">± {_tolerance(unit, row["tolerance"])}</td>'
            f'<td class="number">{published}</td><td class="state {state}">{word}</td></tr>'
        )
    title = "Simulated beside real" if asked else "What nobody asked for"
    text = (
        "Each figure by the same function on a year of both shops; simulated is the mean of its lives, which differ by their "
        "seed alone. A tolerance is about two standard errors of the real figure; “published” is what the project's study had found on Complete Journey by its own definitions."
        if asked
        else "How alike the shops are elsewhere."
    )
    heads = "".join(
        f"<th>{head}</th>" for head in ("Figure", "Real", "Simulated", "Off by", "Tolerance", "Published", "")
    )
    return _wide(title, text, heads, rows)


def _spread(unit: str, spread: float) -> str:
    return "" if math.isnan(spread) else f'<div class="says">± {_tolerance(unit, spread)} between lives</div>'


def _tolerance(unit: str, tolerance: float) -> str:
    return f"{100 * tolerance:.3g} points" if unit in POINTS else written(unit, tolerance)


def _table_of_churn(found: WorldComparison) -> str:
    rows = [
        f'<tr><td class="meaning">{escape(PREDICTORS[row["predictor"]])}</td><td class="number">{row["auc"]:.3f}</td>'
        f'<td class="number">{row["expected"]:.3f}<div class="says">± {1.96 * row["error"]:.3f} by chance</div></td>'
        f'<td class="number">{100 * row["share"]:.1f} %<div class="says">± {100 * 1.96 * row["share_error"]:.1f}</div></td></tr>'
        for _, row in found.churn.iterrows()
    ]
    heads = "".join(
        f"<th>{head}</th>"
        for head in ("Who ranks", "AUC as it happened", "AUC expected", "Share of the excess over .5")
    )
    text = (
        f"P(silent for {HORIZON_DAYS} days) at {len(found.cuts)} cuts of the simulated year. Expected: mean over futures drawn "
        "from the truth, the same for all three. Nobody who sees what a shop sees can rank better than the first oracle; "
        "the second also knows who is gone for good."
    )
    return _wide("Who will be silent, and who can know", text, heads, rows)


def _plots(found: WorldComparison, elasticities: tuple[pd.Series, pd.Series]) -> list[str]:
    real, simulated = elasticities
    lines = 0.9 + _LINE_INCHES * int((found.figures["asked"] & (found.figures["tolerance"] > 0)).sum())
    plots: list[tuple[str, str, str, Callable[..., None], float]] = [
        ("Days between visits", "Share of gaps of at most so many days.", "gaps", partial(calibration_plots.gaps, found=found), TALL),
        ("Silence", "Households with two visits and one in the last 84 days that do not come for so long, in percent.", "silence", partial(calibration_plots.silence, found=found), HEIGHT),
        ("What 20 % off does", "More households buy the item, in percent, by how loyal they were to it.", "lift", partial(calibration_plots.lifts, found=found), TALL),
        ("How often an item is bought", "Share of a household's visiting weeks, all weeks, by how loyal it was (logarithmic).", "incidence", partial(calibration_plots.incidence, found=found), TALL),
        ("Price elasticities of families", "Share of the families below each value.", "elasticity", partial(calibration_plots.elasticities, real=real, simulated=simulated), TALL),
        ("Who will be silent", "AUC over 28 days as it happened, with 95 % of what chance does to it.", "churn", partial(calibration_plots.churn, found=found), TALL),
        ("How far off", "Simulated less real, in tolerances; within the grey band nobody could tell them apart.", "off", partial(calibration_plots.off_by, found=found), lines),
    ]  # fmt: skip
    return [
        f'<section class="card"><h2>{escape(title)}</h2><p>{escape(text)}</p>'
        f"{draw(name, plot, escape(f'{title}. {text}', quote=True), height)}</section>"
        for title, text, name, plot, height in plots
    ]


def _wide(title: str, text: str, heads: str, rows: list[str]) -> str:
    return (
        f'<section class="card wide"><h2>{title}</h2><p>{text}</p><div class="scrolled"><table class="grid"><thead><tr>{heads}'
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div></section>"
    )
