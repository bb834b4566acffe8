"""What the ranking's page draws, each plot a function of one world's ranking."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from models.ground.currencies import minor_digits
from models.pages.drawing import AMBER, BERRY, INK, LEAF, LINE, SKY, SOFT
from training.simulator.scores.ranking import WorldRanking

COLOURS = {
    "no_offers": SOFT,
    "random_bundles": SKY,
    "top_affinities": AMBER,
    "shipped": BERRY,
    "oracle": LEAF,
}


def forest(axes: Axes, standing: WorldRanking) -> None:
    """Each policy's gain as a point on its interval, one row a policy."""
    names = list(standing.scores)
    digits = units_of(standing)
    for place, (name, scores) in enumerate(standing.scores.items()):
        gain = scores.gain
        axes.plot([gain.low / digits, gain.high / digits], [place, place], color=_colour(name), linewidth=2)
        axes.plot([gain.value / digits], [place], "o", color=_colour(name), markersize=6)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_xlabel(f"{standing.currency} a customer")


def gains(axes: Axes, standing: WorldRanking) -> None:
    """The gain of each policy summed over the weeks so far."""
    for name, curve in standing.curves.items():
        total = np.cumsum(curve["gain"]) / units_of(standing)
        axes.plot(np.arange(1, len(total) + 1), total, color=_colour(name), label=name)
    _weeks(axes, standing, standing.currency)
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.24), ncols=3)


def lines(axes: Axes, standing: WorldRanking, column: str) -> None:
    """A column of each policy's curve, week by week."""
    for name, curve in standing.curves.items():
        values = curve["here"] - curve["here_without"] if column == "kept" else curve[column]
        axes.plot(np.arange(1, len(values) + 1), values, color=_colour(name), label=name)
    _weeks(axes, standing, "share" if column == "kept" else "days")


def discount(axes: Axes, standing: WorldRanking) -> None:
    """Discount a customer and week: taken, and dashed as planned."""
    for name, curve in standing.curves.items():
        weeks = np.arange(1, len(curve) + 1)
        axes.plot(weeks, curve["discount"] / units_of(standing), color=_colour(name), label=name)
        axes.plot(
            weeks, curve["planned"] / units_of(standing), color=_colour(name), linewidth=1, linestyle="--"
        )
    _weeks(axes, standing, standing.currency)


def whereto(axes: Axes, standing: WorldRanking) -> None:
    """The discount of each policy: dark what was bought anyway, light what it changed."""
    for place, (name, scores) in enumerate(standing.scores.items()):
        taken = scores.discount.value / units_of(standing)
        anyway = taken * scores.anyway.value if taken else 0.0
        axes.barh(place, anyway, 0.6, color=_colour(name))
        axes.barh(place, taken - anyway, 0.6, left=anyway, color=_colour(name), alpha=0.35)
        axes.annotate(f"{taken:.2f}", (taken, place), (4, 0), textcoords="offset points", va="center")
    axes.set_yticks(range(len(standing.scores)), list(standing.scores))
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_xlabel(f"{standing.currency} a customer")


def _weeks(axes: Axes, standing: WorldRanking, unit: str) -> None:
    axes.axhline(0, color=LINE, linewidth=0.8)
    axes.axvline(standing.weeks + 0.5, color=LINE, linewidth=0.8)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.set_xlabel("week")
    axes.set_ylabel(unit)


def _colour(policy: str) -> str:
    return COLOURS.get(policy, INK)


def units_of(standing: WorldRanking) -> int:
    """Minor units in one unit of the currency."""
    return int(10 ** minor_digits(standing.currency))
