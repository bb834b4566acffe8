"""The calibration as one HTML file without scripts and without anything to fetch: simulated beside real, misses named."""

import math
from collections.abc import Callable
from functools import partial

import pandas as pd

from models.ground.currencies import written as amount
from models.pages.drawing import HEIGHT, TALL, draw
from models.pages.parts import Card, Cell, Grid
from models.pages.rendering import render
from training.simulator.calibration import calibration_plots
from training.simulator.calibration.comparison import PREDICTORS, WorldComparison
from training.simulator.calibration.shipped_churn import HORIZON_DAYS

PAGE = "training/simulator/calibration/calibration_page.html"
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
    asked = int(found.figures["asked"].sum())
    return render(
        PAGE,
        title=f"Calibration of the world {world}",
        world=world,
        chip={"style": "bad", "word": f"{missed} missed"} if missed else {"style": "", "word": "All met"},
        what=sentence(found, asked),
        who_is_silent=churn_sentence(found),
        asked=_figures(found, asked=True),
        plots=_plots(found, elasticities),
        churn=_churn(found),
        background=_figures(found, asked=False),
        lived=lived,
        assumed=assumed,
    )


def sentence(found: WorldComparison, asked: int) -> str:
    """What is missed by how much, in one sentence."""
    if found.misses.empty:
        return f"All {asked} figures lie within their tolerances."
    named = "; ".join(
        f"{row['meaning']} {written(row['unit'], row['simulated'], found.currency)} "
        f"instead of {written(row['unit'], row['real'], found.currency)}"
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


def written(unit: str, value: float, currency: str) -> str:
    """A figure as its unit is written, money in the currency's unit; "none" where it cannot be told."""
    if math.isnan(value):
        return "none"
    return {
        "days": f"{value:.3g}",
        "share": f"{100 * value:.1f} %",
        "lift": f"{100 * value:+.0f} %",
        "money": f"{amount(value, currency)} {currency}",
        "number": f"{value:.3f}" if abs(value) < 1 else f"{value:.2f}",
    }[unit]


def _figures(found: WorldComparison, *, asked: bool) -> Grid:
    rows = []
    for _, row in found.figures[found.figures["asked"] == asked].iterrows():
        unit = row["unit"]
        rows.append(
            [
                Cell(row["meaning"], style="meaning"),
                Cell(written(unit, row["real"], found.currency)),
                Cell(
                    written(unit, row["simulated"], found.currency),
                    _spread(unit, row["spread"], found.currency),
                    "number strong",
                ),
                Cell(_off(unit, row["off"], found.currency)),
                Cell(f"± {_tolerance(unit, row['tolerance'], found.currency)}"),
                Cell("" if math.isnan(row["published"]) else written(unit, row["published"], found.currency)),
                Cell("missed", style="state bad") if row["missed"] else Cell("met", style="state"),
            ]
        )
    heads = ("Figure", "Real", "Simulated", "Off by", "Tolerance", "Published", "")
    if not asked:
        return Grid("What nobody asked for", "How alike the shops are elsewhere.", heads, rows)
    return Grid(
        "Simulated beside real",
        "Each figure by the same function on a year of both shops; simulated is the mean of its lives, which differ by "
        "their seed alone. A tolerance is about two standard errors of the real figure; “published” is what the project's "
        "study had found on Complete Journey by its own definitions.",
        heads,
        rows,
    )


def _off(unit: str, off: float, currency: str) -> str:
    if unit in POINTS:
        return f"{100 * off:+.1f} points"
    if unit == "money" and off > 0:
        return f"+{written(unit, off, currency)}"
    return written(unit, off, currency) if unit == "money" else f"{off:+.3g}"


def _spread(unit: str, spread: float, currency: str) -> str:
    return "" if math.isnan(spread) else f"± {_tolerance(unit, spread, currency)} between lives"


def _tolerance(unit: str, tolerance: float, currency: str) -> str:
    return f"{100 * tolerance:.3g} points" if unit in POINTS else written(unit, tolerance, currency)


def _churn(found: WorldComparison) -> Grid:
    rows = [
        [
            Cell(PREDICTORS[row["predictor"]], style="meaning"),
            Cell(f"{row['auc']:.3f}"),
            Cell(f"{row['expected']:.3f}", f"± {1.96 * row['error']:.3f} by chance"),
            Cell(f"{100 * row['share']:.1f} %", f"± {100 * 1.96 * row['share_error']:.1f}"),
        ]
        for _, row in found.churn.iterrows()
    ]
    return Grid(
        "Who will be silent, and who can know",
        f"P(silent for {HORIZON_DAYS} days) at {len(found.cuts)} cuts of the simulated year. Expected: mean over futures drawn "
        "from the truth, the same for all three. Nobody who sees what a shop sees can rank better than the first oracle; "
        "the second also knows who is gone for good.",
        ("Who ranks", "AUC as it happened", "AUC expected", "Share of the excess over .5"),
        rows,
    )


def _plots(found: WorldComparison, elasticities: tuple[pd.Series, pd.Series]) -> list[Card]:
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
    return [Card(title, says, draw(name, plot, height)) for title, says, name, plot, height in plots]
