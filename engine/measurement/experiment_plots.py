"""What the report of an experiment draws, each plot a function of the report."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from engine.measurement.experiment_report import ExperimentReport
from models.ground.currencies import minor_digits, written
from models.pages.drawing import AMBER, BERRY, INK, LEAF, LINE, SKY, SOFT

Step = tuple[str, float]


class ForestLine(NamedTuple):
    """A line of a forest: what it is of, its value and bounds in the unit that is written."""

    title: str
    value: float
    low: float
    high: float


def sequence(axes: Axes, report: ExperimentReport, currency: str) -> None:
    """The margin's difference a customer from the beginning up to each week, with the band that holds at all looks."""
    unit = 10.0 ** minor_digits(currency)
    weeks = [one.week for one in report.looks]
    axes.axhline(0, color=SOFT, linewidth=0.9)
    axes.fill_between(
        weeks,
        [one.low / unit for one in report.looks],
        [one.high / unit for one in report.looks],
        color=LEAF,
        alpha=0.16,
        linewidth=0,
    )
    axes.plot(
        weeks, [one.value / unit for one in report.looks], color=LEAF, linewidth=2, marker="o", markersize=3.5
    )
    # The first weeks' band is so wide that it would press all others flat.
    last = report.looks[-1]
    room = (last.high - last.low) / unit
    values = [one.value / unit for one in report.looks]
    low = max(min(one.low for one in report.looks) / unit, min(0.0, last.low / unit, *values) - room)
    high = min(max(one.high for one in report.looks) / unit, max(0.0, last.high / unit, *values) + room)
    edge = 0.05 * (high - low)
    axes.set_ylim(min(low, 0.0) - edge, max(high, 0.0) + edge)
    _weeks(axes)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _place: f"{y:,g}"))
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)


def waterfall(axes: Axes, steps: Sequence[Step], currency: str) -> None:
    """From the margin that was earned before discounts to what is left, a customer; the last step is the sum."""
    reached = 0.0
    for place, (_, value) in enumerate(steps):
        is_sum = place == len(steps) - 1
        start = 0.0 if is_sum else reached
        colour = (LEAF if value >= 0 else BERRY) if is_sum or not place else (AMBER if value < 0 else SKY)
        axes.barh(place, value, 0.62, left=start, color=colour)
        edge = max(start, start + value)
        text = f"{'' if value < 0 or is_sum else '+'}{written(value, currency)}"
        axes.annotate(text, (edge, place), (4, 0), textcoords="offset points", va="center")
        reached = start + value
    axes.axvline(0, color=SOFT, linewidth=0.9)
    axes.set_yticks(range(len(steps)), [name for name, _ in steps])
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.margins(x=0.2)


def forest(axes: Axes, found: Sequence[ForestLine]) -> None:
    """A point and a line for each, the whole first; those beyond 0 in full colour."""
    for place, one in enumerate(found):
        sure = one.low > 0 or one.high < 0
        colour = (LEAF if one.value > 0 else BERRY) if sure else SKY
        axes.plot([one.low, one.high], [place, place], color=colour, linewidth=2.4, solid_capstyle="round")
        axes.plot(
            [one.value],
            [place],
            marker="D" if not place else "o",
            color=INK if not place else colour,
            markersize=6,
        )
    axes.axvline(0, color=SOFT, linewidth=0.9)
    axes.set_yticks(range(len(found)), [one.title for one in found])
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.grid(axis="x", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)


def retention(axes: Axes, report: ExperimentReport) -> None:
    """The share that is still active after each week, in both arms."""
    weeks = range(1, len(report.retention) + 1)
    for place, (name, colour) in enumerate(zip(report.pair, (LEAF, BERRY), strict=True)):
        axes.plot(
            weeks, [100 * both[place] for both in report.retention], color=colour, linewidth=2, label=name
        )
    shares = [100 * share for both in report.retention for share in both]
    spread = max(max(shares) - min(shares), 2.0)
    axes.set_ylim(max(0.0, min(shares) - spread), min(100.4, max(shares) + spread))
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _place: f"{y:,g} %"))
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.legend(loc="lower left", ncols=2)
    _weeks(axes)


def _weeks(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.set_xlabel("weeks since the beginning")
