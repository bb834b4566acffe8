"""What the evaluation's page draws, each plot a function of the findings."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from models.pages.drawing import AMBER, BERRY, INK, LEAF, LINE, SKY, SOFT, bars
from training.evaluation.evaluation_findings import EvaluationFindings

Draw = Callable[..., None]  # of Axes and findings=Findings
MOST_FEATURES = 20
# Fewer candidates than this in a bin make an interval as wide as the plot.
ENOUGH_IN_BIN = 50


def colours(findings: EvaluationFindings) -> dict[str, str]:
    """The version judged, the one it is judged against, then the rules."""
    chosen = dict.fromkeys(findings.methods, SKY)
    for contender, colour in zip(findings.plan.contenders, (LEAF, BERRY), strict=False):
        chosen[contender.version] = colour
    rules = [
        name for name in findings.methods if name not in {each.version for each in findings.plan.contenders}
    ]
    if rules:
        chosen[rules[0]] = AMBER
    return chosen


def methods(axes: Axes, findings: EvaluationFindings, measure: str) -> None:
    """One measure of every method, with its interval."""
    rows = findings.tables["measures"]
    rows = rows[rows["measure"] == measure]
    _forest(axes, rows["method"].tolist(), rows, [colours(findings)[name] for name in rows["method"]])


def differences(axes: Axes, findings: EvaluationFindings, measure: str) -> None:
    """The version's measure less every other method's."""
    rows = findings.tables["differences"]
    rows = rows[rows["measure"] == measure]
    better = bool(rows["more_is_better"].iloc[0])
    _forest(
        axes,
        [f"less {name}" for name in rows["against"]],
        rows,
        judged(rows, more_is_better=better),
        zero=True,
    )


def segments(axes: Axes, findings: EvaluationFindings, against: str, by: Sequence[str]) -> None:
    """Items bought of six, less another's, by segment."""
    rows = findings.tables["segments"]
    rows = rows[(rows["against"] == against) & rows["by"].isin(by) & rows["value"].notna()]
    names = [_short(name) for name in rows["segment"]]
    _forest(axes, names, rows, judged(rows, more_is_better=True), zero=True)


def judged(rows: pd.DataFrame, *, more_is_better: bool) -> list[str]:
    """Green where the whole interval is better, red where it is worse, grey where nobody can tell."""
    better, worse = (
        (rows["low"] > 0, rows["high"] < 0) if more_is_better else (rows["high"] < 0, rows["low"] > 0)
    )
    return [LEAF if good else BERRY if bad else SOFT for good, bad in zip(better, worse, strict=True)]


def gains(axes: Axes, findings: EvaluationFindings) -> None:
    """Share of purchases held by the best share of candidates."""
    for name, rows in findings.tables["gains"].groupby("method", sort=False):
        axes.plot(
            [0, *rows["looked_at"]],
            [0, *rows["held"]],
            color=colours(findings)[str(name)],
            label=_short(str(name)),
        )
    axes.plot([0, 1], [0, 1], color=LINE, linewidth=1)
    _shares(axes, "candidates, best first", "purchases among them")
    axes.legend(loc="lower right", fontsize=8.5)


def lift(axes: Axes, findings: EvaluationFindings) -> None:
    """How many times more purchases than chance, by share of candidates."""
    for name, rows in findings.tables["gains"].groupby("method", sort=False):
        axes.plot(
            rows["looked_at"], rows["lift"], color=colours(findings)[str(name)], label=_short(str(name))
        )
    axes.set_xscale("log")
    axes.set_xticks([0.01, 0.03, 0.1, 0.3, 1.0], ["1 %", "3 %", "10 %", "30 %", "100 %"])
    axes.minorticks_off()
    axes.set_xlabel("candidates, best first")
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _place: f"{y:g} x"))
    _grid(axes)
    axes.legend(loc="upper right", fontsize=8.5)


def reliability(axes: Axes, findings: EvaluationFindings) -> None:
    """Share bought against P(buy), both logarithmic, with intervals."""
    table = findings.tables["reliability"]
    table = table[(table["rows"] >= ENOUGH_IN_BIN) & (table["value"] > 0)]
    for name, rows in table.groupby("method", sort=False):
        spread = np.abs(rows[["low", "high"]].to_numpy().T - rows["value"].to_numpy())
        axes.errorbar(
            rows["predicted"],
            rows["value"],
            yerr=spread,
            fmt="o",
            markersize=4,
            elinewidth=1,
            color=colours(findings)[str(name)],
            label=_short(str(name)),
        )
    axes.plot([5e-4, 1], [5e-4, 1], color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
    for axis, say in ((axes.xaxis, axes.set_xlabel), (axes.yaxis, axes.set_ylabel)):
        say("predicted" if axis is axes.xaxis else "bought")
    axes.set_xscale("log")
    axes.set_yscale("log")
    ticks, words = [0.001, 0.01, 0.1, 1.0], ["0.1 %", "1 %", "10 %", "100 %"]
    axes.set_xticks(ticks, words)
    axes.set_yticks(ticks, words)
    axes.set_xlim(4e-4, 1.1)
    axes.set_ylim(4e-4, 1.1)
    axes.minorticks_off()
    _grid(axes)
    axes.legend(loc="upper left", fontsize=8.5)


def calibration(axes: Axes, findings: EvaluationFindings, by: Sequence[str]) -> None:
    """(predicted - observed) / observed on the chosen six, by group."""
    rows = findings.tables["calibration"]
    own = (rows["method"] == findings.methods[0]) & (rows["where"] == "chosen six")
    rows = rows[own & rows["by"].isin(by)]
    _forest(
        axes,
        [_short(name) for name in rows["group"]],
        rows,
        [SOFT if low <= 0 <= high else BERRY for low, high in zip(rows["low"], rows["high"], strict=True)],
        zero=True,
        words=lambda value: f"{100 * value:+.1f} %",
    )


def sources(axes: Axes, findings: EvaluationFindings) -> None:
    """Recall of the candidates by source; the darker part nobody else finds."""
    rows = findings.tables["sources"]
    rows = rows[rows["method"] == findings.methods[0]]
    places = np.arange(len(rows))
    axes.barh(
        places,
        rows["value"],
        0.66,
        color=SKY,
        xerr=np.abs(rows[["low", "high"]].to_numpy().T - rows["value"].to_numpy()),
        ecolor=SOFT,
    )
    axes.barh(places, rows["only"], 0.66, color=LEAF)
    axes.set_yticks(
        places,
        [
            f"{_words(name)}\n{given:,.0f} a customer"
            for name, given in zip(rows["source"], rows["given"], strict=True)
        ],
    )
    axes.invert_yaxis()
    for place, high, value in zip(places, rows["high"], rows["value"], strict=True):
        axes.annotate(f"{100 * value:.1f} %", (high, place), (5, 0), textcoords="offset points", va="center")
    axes.set_xticks([])
    axes.margins(x=0.2)
    axes.spines["bottom"].set_visible(False)


def first(axes: Axes, findings: EvaluationFindings) -> None:
    """Recall among each customer's best n candidates."""
    for name, rows in findings.tables["first"].groupby("method", sort=False):
        colour = colours(findings)[str(name)]
        axes.fill_between(rows["first"], rows["low"], rows["high"], color=colour, alpha=0.25, linewidth=0)
        axes.plot(
            rows["first"], rows["value"], color=colour, marker="o", markersize=3, label=_short(str(name))
        )
    axes.set_ylim(bottom=0)
    axes.set_xlabel("candidates a customer, best first")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _place: f"{100 * y:.0f} %"))
    _grid(axes)
    axes.legend(loc="lower right", fontsize=8.5)


def importance(axes: Axes, findings: EvaluationFindings) -> None:
    """Share of the trees' gain by feature."""
    rows = findings.tables["importance"]
    rows = rows[rows["method"] == findings.methods[0]].nlargest(MOST_FEATURES, "gain")
    shares = dict(zip(rows["feature"], rows["gain"], strict=True))
    bars(axes, shares, [LEAF] * len(shares), words=lambda share: f"{100 * share:.1f} %")


def _forest(
    axes: Axes,
    names: Sequence[str],
    rows: pd.DataFrame,
    shown: Sequence[str],
    *,
    zero: bool = False,
    words: Callable[[float], str] | None = None,
) -> None:
    """A value with its interval in every line, the number beside it."""
    say = words or (lambda value: f"{value:+.3f}" if zero else f"{value:.3f}")
    places = np.arange(len(rows))
    if zero:
        axes.axvline(0, color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
    for place, (_, row), colour in zip(places, rows.iterrows(), shown, strict=True):
        axes.plot(
            [row["low"], row["high"]], [place, place], color=colour, linewidth=2.2, solid_capstyle="round"
        )
        axes.plot(row["value"], place, "o", color=colour, markersize=6)
        axes.annotate(
            say(row["value"]), (1.01, place), xycoords=("axes fraction", "data"), va="center", color=INK
        )
    axes.set_yticks(places, list(names))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    if words:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _place: f"{100 * x:+.0f} %"))
    axes.tick_params(axis="x", labelcolor=SOFT)
    axes.grid(axis="x", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)


def _shares(axes: Axes, x: str, y: str) -> None:
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda share, _place: f"{100 * share:.0f} %"))
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    _grid(axes)


def _grid(axes: Axes) -> None:
    axes.grid(axis="both", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(axis="both", labelcolor=SOFT)


def _words(name: str) -> str:
    return "together" if name == "all" else name.replace("_", " ")


def _short(name: str) -> str:
    shown = 24
    words = name.capitalize() if name.isupper() else name
    return words if len(words) <= shown else words[: shown - 1].rstrip() + "…"
