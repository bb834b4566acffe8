"""The report's plots: matplotlib drawings as inline SVG whose colours and type are the page's own.

Colours are drawn as fixed stand-ins and replaced by the page's CSS variables, so that one drawing is right in
light and dark; text stays text, so that it is sharp, selectable and in the page's font.
"""

import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from engine.watch.findings import KINDS, Findings

INK, SOFT, LINE, CARD = "#010101", "#020202", "#030303", "#040404"
LEAF, AMBER, BERRY, SKY = "#050505", "#060606", "#070707", "#080808"
VARIABLES = {
    INK: "ink",
    SOFT: "soft",
    LINE: "line",
    CARD: "card",
    LEAF: "leaf",
    AMBER: "amber",
    BERRY: "berry",
    SKY: "sky",
}
KIND_COLOURS = {"preferred": LEAF, "novelty": AMBER, "cold_start": SKY}
KIND_WORDS = {"preferred": "bought before", "novelty": "new to the customer", "cold_start": "most bought"}
WIDTH, HEIGHT, TALL = 4.6, 2.4, 3.2  # inches; about a phone's width, so that type is never scaled down much
STYLE = {
    "svg.fonttype": "none",
    "font.size": 9.5,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "text.color": INK,
    "ytick.major.size": 0,
    "xtick.major.size": 0,
    "axes.grid": False,
    "legend.frameon": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}

Draw = Callable[[Axes, Findings], None]


def draw(name: str, plot: Draw, findings: Findings, label: str, height: float = HEIGHT) -> str:
    """Return one plot as an `<svg>` element, the same bytes for the same numbers."""
    with mpl.rc_context(STYLE | {"svg.hashsalt": name}):  # type: ignore[arg-type]
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        plot(figure.subplots(), findings)
        target = io.StringIO()
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    svg = target.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: inherit", svg)
    svg = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px; font-family: inherit", svg)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var(--{variable})")
    svg = re.sub(r'id="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r'(href="|url\()#', rf"\1#{name}-", svg)
    head = f'<svg role="img" aria-label="{label}" '
    return re.sub(r'^<svg (?:.*?)(viewBox="[^"]+")[^>]*>', rf"{head}\1>", svg, flags=re.DOTALL)


def lines_by_day(axes: Axes, findings: Findings) -> None:
    """Purchase lines of the last weeks, weekends apart, the days that the guard compares in full colour."""
    lines: Mapping[str, int] = findings.about["measures"]["likeness"]["lines"]
    days = [date.fromisoformat(day) for day in lines]
    recent = findings.programme.guard.recent_days
    colours = [SKY if place < len(days) - recent else LEAF for place in range(len(days))]
    axes.bar(range(len(days)), list(lines.values()), color=colours, width=0.75)
    mondays = [place for place, day in enumerate(days) if day.weekday() == 0]
    axes.set_xticks(mondays, [f"{days[place].day} {days[place]:%b}" for place in mondays])
    _count_axis(axes)


def funnel(axes: Axes, findings: Findings) -> None:
    """Customers left after each rule."""
    _bars(axes, findings.funnel, [SKY] * (len(findings.funnel) - 1) + [LEAF])


def candidates(axes: Axes, findings: Findings) -> None:
    """Items looked at by source, then offers made, on a logarithmic axis."""
    counts = {f"from {name}": count for name, count in findings.sources.items()}
    counts["offered"] = findings.about["result"]["offers"]
    _bars(axes, counts, [SKY] * (len(counts) - 1) + [LEAF], logarithmic=True)


def depths(axes: Axes, findings: Findings) -> None:
    """Offers by depth, stacked by kind."""
    levels = sorted({depth for counts in findings.depths.values() for depth in counts})
    bottom = np.zeros(len(levels))
    for kind in KINDS:
        heights = np.array([findings.depths[kind].get(level, 0) for level in levels], dtype=float)
        if heights.any():
            axes.bar(
                range(len(levels)), heights, 0.6, bottom, color=KIND_COLOURS[kind], label=KIND_WORDS[kind]
            )
        bottom += heights
    for place, total in enumerate(bottom):
        axes.annotate(f"{total:,.0f}", (place, total), (0, 3), textcoords="offset points", ha="center")
    axes.set_xticks(range(len(levels)), [f"{level / 100:g} % off" for level in levels])
    axes.set_yticks([])
    axes.set_ylim(0, max(bottom) * 1.32)
    axes.legend(
        loc="upper right", ncols=3, fontsize=8.5, handlelength=0.9, columnspacing=1.0, borderaxespad=0
    )


def kinds(axes: Axes, findings: Findings) -> None:
    """Offers by what they are to their customer."""
    counts = {kind: sum(findings.depths[kind].values()) for kind in KINDS}
    shown = {KIND_WORDS[kind]: count for kind, count in counts.items() if count}
    _bars(axes, shown, [KIND_COLOURS[kind] for kind, count in counts.items() if count])


def reasons(axes: Axes, findings: Findings) -> None:
    """Why the offers were made."""
    words = {
        "due_now": "is due now",
        "bought_often": "buys it often",
        "bought_before": "bought it before",
        "new_in_family": "new in his family",
        "popular": "many buy it",
        "something_new": "something new",
    }
    counts = {words.get(code, code): count for code, count in _falling(findings.about["result"]["reasons"])}
    _bars(axes, counts, [LEAF] * len(counts))


def families(axes: Axes, findings: Findings) -> None:
    """The families with most offers."""
    _bars(
        axes,
        {_short(name): count for name, count in findings.families.items()},
        [LEAF] * len(findings.families),
    )


def p_buy(axes: Axes, findings: Findings) -> None:
    """P(buy) of the offers, by kind, on a logarithmic axis."""
    edges = np.geomspace(0.001, 1, 31)
    kinds = [kind for kind in KINDS if len(findings.p_buy[kind])]
    axes.hist(
        [np.clip(findings.p_buy[kind], edges[0], edges[-1]) for kind in kinds],
        bins=edges.tolist(),
        stacked=True,
        color=[KIND_COLOURS[kind] for kind in kinds],
        label=[KIND_WORDS[kind] for kind in kinds],
        rwidth=0.9,
    )
    axes.set_xscale("log")
    _percent_ticks(axes, (0.001, 0.01, 0.1, 1.0))
    _count_axis(axes)
    axes.margins(y=0.2)
    axes.legend(loc="upper left", fontsize=8.5, handlelength=0.9, borderaxespad=0)


def p_churn(axes: Axes, findings: Findings) -> None:
    """P(silent) of the customers."""
    axes.hist(findings.p_churn, bins=np.linspace(0, 1, 26).tolist(), color=BERRY, rwidth=0.88)
    _percent_ticks(axes, (0, 0.25, 0.5, 0.75, 1.0))
    _count_axis(axes)


def cost(axes: Axes, findings: Findings) -> None:
    """Expected cost of a bundle, in the currency's main unit."""
    amounts = findings.cost_minor / 100
    top = float(np.quantile(amounts, 0.99)) if len(amounts) else 1.0
    axes.hist(np.clip(amounts, 0, top), bins=25, color=LEAF, rwidth=0.88)
    if len(amounts):
        mean = float(amounts.mean())
        axes.axvline(mean, color=INK, linewidth=1, linestyle=(0, (3, 3)))
        axes.annotate(
            f"mean {mean:,.2f}", (mean, 0.97), (5, 0), ("data", "axes fraction"), "offset points", va="top"
        )
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _place: f"{x:,.2f}"))
    axes.xaxis.set_major_locator(MaxNLocator(5))
    _count_axis(axes)


def days(axes: Axes, findings: Findings) -> None:
    """Bundles by how long they are valid."""
    lengths = sorted(findings.days)
    axes.bar(range(len(lengths)), [findings.days[length] for length in lengths], 0.6, color=LEAF)
    for place, length in enumerate(lengths):
        axes.annotate(
            f"{findings.days[length]:,}",
            (place, findings.days[length]),
            (0, 3),
            textcoords="offset points",
            ha="center",
        )
    axes.set_xticks(range(len(lengths)), [f"{length} days" for length in lengths])
    axes.set_yticks([])
    axes.margins(y=0.15)


def stages(axes: Axes, findings: Findings) -> None:
    """Seconds of each stage."""
    shown = {name: seconds for name, seconds in _falling(findings.seconds) if seconds >= 0.01}  # noqa: PLR2004
    _bars(axes, shown, [SKY] * len(shown), words=lambda seconds: f"{seconds:,.1f} s")


def _falling(counts: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(counts.items(), key=lambda pair: -pair[1])


def _bars(
    axes: Axes,
    counts: Mapping[str, float],
    colours: Sequence[str],
    *,
    logarithmic: bool = False,
    words: Callable[[float], str] = lambda count: f"{count:,.0f}",
) -> None:
    """Horizontal bars from the top, each with its number beside it and no axis."""
    places = range(len(counts))
    values: list[float] = list(counts.values())
    axes.barh(places, values, 0.66, color=list(colours))
    axes.set_yticks(places, list(counts))
    axes.invert_yaxis()
    if logarithmic:
        axes.set_xscale("log")
        axes.set_xlim(left=1)
    for place, value in enumerate(values):
        axes.annotate(words(value), (value, place), (4, 0), textcoords="offset points", va="center")
    axes.set_xticks([])
    axes.minorticks_off()
    axes.spines["bottom"].set_visible(False)
    axes.margins(x=0.18)
    if logarithmic:
        axes.set_xlim(1, max([*values, 10]) ** 1.2)


def _count_axis(axes: Axes) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _place: f"{y:,.0f}"))
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", labelcolor=SOFT)


def _percent_ticks(axes: Axes, shares: Sequence[float]) -> None:
    axes.set_xticks(list(shares), [f"{100 * share:g} %" for share in shares])
    axes.minorticks_off()


def _short(name: str) -> str:
    shown = 26
    words = name.capitalize()
    return words if len(words) <= shown else words[: shown - 1].rstrip() + "…"
