"""What the run report draws, each plot a function of the findings."""

from collections.abc import Callable, Mapping
from datetime import date

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from engine.watch.run_findings import KINDS, RunFindings
from models.ground.currencies import minor_digits
from models.pages.drawing import AMBER, BERRY, INK, LEAF, SKY, bars, count_axis, percent_ticks

KIND_COLOURS = {"preferred": LEAF, "novelty": AMBER, "cold_start": SKY}
KIND_WORDS = {"preferred": "bought before", "novelty": "new to the customer", "cold_start": "most bought"}
Draw = Callable[[Axes, RunFindings], None]


def lines_by_day(axes: Axes, findings: RunFindings) -> None:
    """Purchase lines of the last weeks, weekends apart, the days that the guard compares in full colour."""
    lines: Mapping[str, int] = findings.about["measures"]["likeness"]["lines"]
    days = [date.fromisoformat(day) for day in lines]
    recent = findings.programme.guard.recent_days
    colours = [SKY if place < len(days) - recent else LEAF for place in range(len(days))]
    axes.bar(range(len(days)), list(lines.values()), color=colours, width=0.75)
    mondays = [place for place, day in enumerate(days) if day.weekday() == 0]
    axes.set_xticks(mondays, [f"{days[place].day} {days[place]:%b}" for place in mondays])
    count_axis(axes)


def funnel(axes: Axes, findings: RunFindings) -> None:
    """Customers left after each rule."""
    bars(axes, findings.funnel, [SKY] * (len(findings.funnel) - 1) + [LEAF])


def candidates(axes: Axes, findings: RunFindings) -> None:
    """Items looked at by source, then offers made, on a logarithmic axis."""
    counts = {f"from {name}": count for name, count in findings.sources.items()}
    counts["offered"] = findings.about["result"]["offers"]
    bars(axes, counts, [SKY] * (len(counts) - 1) + [LEAF], logarithmic=True)


def depths(axes: Axes, findings: RunFindings) -> None:
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


def kinds(axes: Axes, findings: RunFindings) -> None:
    """Offers by what they are to their customer."""
    counts = {kind: sum(findings.depths[kind].values()) for kind in KINDS}
    shown = {KIND_WORDS[kind]: count for kind, count in counts.items() if count}
    bars(axes, shown, [KIND_COLOURS[kind] for kind, count in counts.items() if count])


def reasons(axes: Axes, findings: RunFindings) -> None:
    """Why the offers were made."""
    words = {
        "due_now": "is due now",
        "overdue": "is overdue",
        "bought_often": "buys it often",
        "bought_before": "bought it before",
        "new_in_family": "new in their family",
        "popular": "many buy it",
        "something_new": "something new",
    }
    counts = {words.get(code, code): count for code, count in _falling(findings.about["result"]["reasons"])}
    bars(axes, counts, [LEAF] * len(counts))


def families(axes: Axes, findings: RunFindings) -> None:
    """The families with most offers."""
    bars(
        axes,
        {_short(name): count for name, count in findings.families.items()},
        [LEAF] * len(findings.families),
    )


def p_buy(axes: Axes, findings: RunFindings) -> None:
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
    percent_ticks(axes, (0.001, 0.01, 0.1, 1.0))
    count_axis(axes)
    axes.margins(y=0.2)
    axes.legend(loc="upper left", fontsize=8.5, handlelength=0.9, borderaxespad=0)


def p_churn(axes: Axes, findings: RunFindings) -> None:
    """P(silent) of the customers."""
    axes.hist(findings.p_churn, bins=np.linspace(0, 1, 26).tolist(), color=BERRY, rwidth=0.88)
    percent_ticks(axes, (0, 0.25, 0.5, 0.75, 1.0))
    count_axis(axes)


def cost(axes: Axes, findings: RunFindings) -> None:
    """Expected cost of a bundle, in the currency's main unit."""
    amounts = findings.cost_minor / 10 ** minor_digits(findings.currency)
    top = float(np.quantile(amounts, 0.99)) if len(amounts) else 1.0
    axes.hist(np.clip(amounts, 0, top), bins=25, color=LEAF, rwidth=0.88)
    if len(amounts):
        mean = float(amounts.mean())
        axes.axvline(mean, color=INK, linewidth=1, linestyle=(0, (3, 3)))
        axes.annotate(
            f"mean {mean:,.{minor_digits(findings.currency)}f}",
            (mean, 0.97),
            (5, 0),
            ("data", "axes fraction"),
            "offset points",
            va="top",
        )
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _place: f"{x:,.2f}"))
    axes.xaxis.set_major_locator(MaxNLocator(5))
    count_axis(axes)


def days(axes: Axes, findings: RunFindings) -> None:
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


def stages(axes: Axes, findings: RunFindings) -> None:
    """Seconds of each stage."""
    shown = {name: seconds for name, seconds in _falling(findings.seconds) if seconds >= 0.01}  # noqa: PLR2004
    bars(axes, shown, [SKY] * len(shown), words=lambda seconds: f"{seconds:,.1f} s")


def _falling(counts: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(counts.items(), key=lambda pair: -pair[1])


def _short(name: str) -> str:
    shown = 26
    words = name.capitalize()
    return words if len(words) <= shown else words[: shown - 1].rstrip() + "…"
