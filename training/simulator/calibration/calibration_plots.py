"""What the calibration's page draws: the real shop beside the simulated one, each plot a function of the findings."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from models.pages.drawing import AMBER, BERRY, INK, LEAF, LINE, SKY, SOFT
from training.simulator.calibration.comparison import PREDICTORS, WorldComparison
from training.simulator.calibration.moments import GAP_DAYS, SILENCES
from training.simulator.calibration.observed_response import LOYALTY

REAL, SIMULATED = SKY, LEAF
_BAR = 0.36


def off_by(axes: Axes, found: WorldComparison) -> None:
    """How far every figure is off, in its tolerances; red beyond one."""
    rows = found.figures[found.figures["asked"] & (found.figures["tolerance"] > 0)]
    places = np.arange(len(rows))
    off = (rows["off"] / rows["tolerance"]).clip(-4, 4).to_numpy()
    axes.axvspan(-1, 1, color=LINE, alpha=0.55, linewidth=0)
    axes.axvline(0, color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
    colours = [BERRY if missed else LEAF for missed in rows["missed"]]
    axes.scatter(off, places, c=colours, s=34, zorder=3)
    axes.set_yticks(places, rows["meaning"].tolist())
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(-4.3, 4.3)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _place: f"{x:+.0f}" if x else "0"))
    axes.set_xlabel("tolerances")


def gaps(axes: Axes, found: WorldComparison) -> None:
    """Share of gaps of at most so many days."""
    for column, colour in (("real", REAL), ("simulated", SIMULATED)):
        shares = [_value(found, f"gaps_within_{days}", column) for days in GAP_DAYS]
        axes.plot(GAP_DAYS, shares, color=colour, marker="o", markersize=5, label=column)
    axes.set_xscale("log")
    axes.set_xticks(GAP_DAYS, [str(days) for days in GAP_DAYS])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()
    axes.set_xlabel("days to the next visit (logarithmic)")
    axes.set_ylim(0, 1)
    _percent(axes)
    axes.legend(loc="lower right", fontsize=8.5)


def silence(axes: Axes, found: WorldComparison) -> None:
    """Share of households without a visit in the window."""
    keys = [f"silent_{days}" for days in SILENCES]
    _side_by_side(axes, found, keys, [f"{days} days" for days in SILENCES], digits=1)


def lifts(axes: Axes, found: WorldComparison) -> None:
    """Lift at 20 % off by loyalty to the item."""
    _side_by_side(axes, found, [f"lift_{name}" for name in LOYALTY], list(LOYALTY), digits=0)
    axes.set_xlabel("earlier weeks of the year with the item")


def incidence(axes: Axes, found: WorldComparison) -> None:
    """Share of visiting weeks with the item by loyalty to it."""
    for column, colour in (("real", REAL), ("simulated", SIMULATED)):
        shares = [_value(found, f"incidence_{name}", column) for name in LOYALTY]
        axes.plot(range(len(LOYALTY)), shares, color=colour, marker="o", markersize=5, label=column)
    axes.set_xticks(range(len(LOYALTY)), list(LOYALTY))
    axes.set_xlabel("earlier weeks of the year with the item")
    axes.set_yscale("log")
    axes.set_yticks([0.003, 0.01, 0.03, 0.1, 0.3], ["0.3 %", "1 %", "3 %", "10 %", "30 %"])
    axes.minorticks_off()
    _grid(axes)
    axes.legend(loc="upper left", fontsize=8.5)


def elasticities(axes: Axes, real: pd.Series, simulated: pd.Series) -> None:
    """Families' price elasticities, as shares of the families below each value."""
    for values, colour, name in ((real, REAL, "real"), (simulated, SIMULATED, "simulated")):
        ordered = np.sort(values.to_numpy())
        label = f"{name}, {len(ordered)} families"
        axes.step(ordered, np.arange(1, len(ordered) + 1) / max(len(ordered), 1), color=colour, label=label)
    axes.set_xlabel("price elasticity of a family")
    _percent(axes)
    axes.legend(loc="lower right", fontsize=8.5)


def churn(axes: Axes, found: WorldComparison) -> None:
    """AUC of the shipped model on both shops, and of the oracles on the simulated one."""
    real = _value(found, "churn_auc", "real")
    values = [real, *found.churn["auc"]]
    errors = [0.0, *found.churn["error"]]
    names = ["shipped model, real shop", *(f"{words}, simulated" for words in PREDICTORS.values())]
    names = [name.replace("oracle: ", "oracle: \n").replace("the shipped", "shipped") for name in names]
    places = np.arange(len(values))
    axes.barh(
        places,
        np.array(values) - 0.5,
        0.62,
        left=0.5,
        color=[REAL, SIMULATED, AMBER, AMBER],
        xerr=[1.96 * error for error in errors],
        ecolor=SOFT,
    )
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    for place, value, error in zip(places, values, errors, strict=True):
        axes.annotate(
            f"{value:.3f}",
            (value + 1.96 * error, place),
            (5, 0),
            textcoords="offset points",
            va="center",
            color=INK,
        )
    axes.set_xlim(0.5, 1.04)
    axes.set_xticks([0.5, 0.75, 1.0], [".5 (chance)", ".75", "1"])
    axes.tick_params(axis="x", labelcolor=SOFT)


def _value(found: WorldComparison, key: str, column: str) -> float:
    return float(found.figures.loc[found.figures["key"] == key, column].iloc[0])


def _side_by_side(
    axes: Axes, found: WorldComparison, keys: Sequence[str], names: Sequence[str], *, digits: int
) -> None:
    places = np.arange(len(keys))
    for column, colour, shift in (("real", REAL, -_BAR / 2), ("simulated", SIMULATED, _BAR / 2)):
        values = [_value(found, key, column) for key in keys]
        axes.bar(places + shift, values, _BAR, color=colour, label=column)
        for place, value in zip(places + shift, values, strict=True):
            axes.annotate(
                f"{100 * value:.{digits}f}",
                (place, max(value, 0.0)),
                (0, 3),
                textcoords="offset points",
                ha="center",
                fontsize=8.5,
            )
    axes.set_xticks(places, list(names))
    axes.margins(y=0.14)
    _percent(axes)
    axes.legend(loc="upper right", fontsize=8.5)


def _percent(axes: Axes) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _place: f"{100 * share:.0f} %"))
    _grid(axes)


def _grid(axes: Axes) -> None:
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(axis="both", labelcolor=SOFT)
