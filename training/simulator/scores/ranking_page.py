"""The ranking as one HTML file without scripts and without anything to fetch: which policy won where, and by what."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from models.pages.drawing import AMBER, BERRY, INK, LEAF, LINE, SKY, SOFT, draw
from models.pages.parts import Card, Cell, Grid
from models.pages.rendering import render
from models.sources.reading.declaration import MINOR_DIGITS
from training.evaluation.bootstrap import Interval
from training.simulator.scores.policy_scores import Scores
from training.simulator.scores.ranking import NO_OFFERS, ORACLE, WorldRanking, over_worlds

PAGE = "training/simulator/scores/ranking_page.html"
POLICY_WORDS = {
    "no_offers": "nobody gets anything",
    "random_bundles": "any candidates at any depth, by hash",
    "top_affinities": "the likeliest items at 15 %: the naive use of a good model",
    "shipped": "the engine's own rule",
    "oracle": "knows the world's truth, not its dice",
}
COLOURS = {
    "no_offers": SOFT,
    "random_bundles": SKY,
    "top_affinities": AMBER,
    "shipped": BERRY,
    "oracle": LEAF,
}
_FOREST_INCHES, _FOREST_LINE = 0.9, 0.34


def page(found: Sequence[WorldRanking]) -> str:
    """Return the page of all worlds."""
    return render(
        PAGE,
        title="Policies in simulated worlds",
        overall=_overall(found) if len(found) > 1 else None,
        worlds=[_world(standing, place) for place, standing in enumerate(found)],
    )


def verdict(standing: WorldRanking) -> str:
    """Which policy was best in a world, in a sentence or two."""
    best, title = standing.best, standing.title
    if best != NO_OFFERS:
        gain = standing.scores[best].gain
        said = f"In {title} the best is {best}: {_range(gain, standing)} a customer more than without offers."
    elif NO_OFFERS in standing.scores:
        said = f"In {title} the best is no offers: no other policy gains more than chance would."
    else:
        said = f"In {title} no policy gains more than chance would: it would be best to offer nothing."
    losing = [name for name, scores in standing.scores.items() if scores.gain.below_zero]
    if losing:
        said += f" {_listed(losing)} surely {'loses' if len(losing) == 1 else 'lose'} money."
    if ORACLE in standing.scores and best == NO_OFFERS:
        bundles = standing.scores[ORACLE].bundles
        said += (
            f" Even the oracle gains nothing sure, with bundles for {bundles:,.0f} customers a night."
            if bundles
            else " The oracle, which knows this world, gives nobody a bundle."
        )
    return said


def text(standing: WorldRanking) -> str:
    """The ranking of a world for a terminal."""
    rows = [f"{verdict(standing)}"]
    for place, (name, scores) in enumerate(standing.scores.items(), start=1):
        share = standing.share(name)
        of_oracle = "" if share is None else f"  {100 * share:4.0f} % of the oracle's"
        rows.append(f"  {place}  {name:<15} {_range(scores.gain, standing)} a customer{of_oracle}")
    return "\n".join(rows)


def _overall(found: Sequence[WorldRanking]) -> Grid:
    counted = [standing.title for standing in found if standing.oracle_gains]
    rows = [
        [
            Cell(policy, style="meaning"),
            *(
                _gain(one.scores[policy].gain, one) if policy in one.scores else Cell("not run")
                for one in found
            ),
            Cell("none" if share is None else f"{100 * share:.0f} %"),
        ]
        for policy, share in over_worlds(found).items()
    ]
    where = f"over {_listed(counted)}" if counted else "no world counts yet"
    return Grid(
        "All worlds",
        "Gain a customer with its interval. The last column is the sum of a policy's gains over the sum of the oracle's, "
        f"in worlds where the oracle gains more than three Monte Carlo errors: {where}.",
        ("Policy", *(one.title for one in found), "share of the oracle's"),
        rows,
    )


def _world(standing: WorldRanking, place: int) -> dict[str, object]:
    name = f"w{place}"
    height = _FOREST_INCHES + _FOREST_LINE * len(standing.scores)
    plots: list[tuple[str, str, Callable[[Axes], None], float]] = [
        (
            "Gain, with its interval",
            "margin a customer more than without offers",
            partial(_forest, standing=standing),
            height,
        ),
        (
            "Gain so far",
            "summed over weeks; right of the line no more bundles are given",
            partial(_gains, standing=standing),
            2.6,
        ),
        (
            "Shopping days",
            "a customer and week, more than without offers",
            partial(_lines, standing=standing, column="visits"),
            2.6,
        ),
        (
            "Customers kept",
            "share still there, more than without offers",
            partial(_lines, standing=standing, column="kept"),
            2.6,
        ),
        (
            "Discount",
            "a customer and week: taken, and dashed as planned",
            partial(_discount, standing=standing),
            2.6,
        ),
        (
            "Where the discount went",
            "dark: units that are bought without the offer too; light: what it changed",
            partial(_whereto, standing=standing),
            height,
        ),
    ]
    return {
        "title": standing.title,
        "verdict": verdict(standing),
        "expected": _expected(standing),
        "lived": f"{standing.customers:,} customers, seed {standing.seed}, a year without offers, then "
        f"{standing.weeks} weekly nights. {standing.unidentified}",
        "cards": [
            Card(title, says, draw(f"{name}-{number}", plot, height))
            for number, (title, says, plot, height) in enumerate(plots)
        ],
        "measures": _measures(standing),
    }


def _expected(standing: WorldRanking) -> str:
    """What the oracle expected beside what it got: a check of its own arithmetic."""
    if standing.foresight is None or not standing.foresight[0]:
        return ""
    gain, error = (_money(amount, standing) for amount in standing.foresight)
    got = _range(standing.scores[ORACLE].gain, standing)
    return (
        f"Night by night the oracle expected {gain} a customer of its bundles altogether, with a Monte "
        f"Carlo error of {error}; it then gained {got}."
    )


def _measures(standing: WorldRanking) -> Grid:
    columns: list[tuple[str, Callable[[str, Scores], Cell]]] = [
        ("gain", lambda _, one: _gain(one.gain, standing)),
        ("gain in the nights' weeks", lambda _, one: _gain(one.gain_of_nights, standing)),
        ("share of the oracle's", lambda name, _: Cell(_percent(standing.share(name)))),
        ("naive 0, oracle 1", lambda name, _: Cell(_number(standing.position(name)))),
        ("discount", lambda _, one: Cell(_money(one.discount.value, standing))),
        ("of it bought anyway", lambda _, one: Cell(_percent(one.anyway.value))),
        ("discount over plan", lambda _, one: Cell(_percent(one.budget_error, signed=True))),
        ("shopping days", lambda _, one: _spread(one.visits, 2)),
        ("customers kept", lambda _, one: _spread(one.retained, 1, 100, " %")),
        (
            "gain at those the oracle leaves alone",
            lambda _, one: Cell("none") if one.undisturbed is None else _gain(one.undisturbed, standing),
        ),
        (
            "new items tried (without offer)",
            lambda _, one: Cell(f"{_percent(one.trial[0])} ({_percent(one.trial[1])})"),
        ),
        ("tried, bought again", lambda _, one: Cell(_percent(one.repeat))),
        ("bundles a night", lambda _, one: Cell(f"{one.bundles:,.0f}")),
    ]
    described = [Cell(POLICY_WORDS.get(name, ""), style="said") for name in standing.scores]
    rows = [
        [Cell(title, style="meaning"), *(cell(name, one) for name, one in standing.scores.items())]
        for title, cell in columns
    ]
    return Grid(
        "Everything measured",
        "Means over all customers, bundle or not. Bought anyway: discounted units that the customer buys on the same dice "
        "without any offer, while the offer is valid.",
        ("Measure", *standing.scores),
        [[Cell(""), *described], *rows],
    )


def _forest(axes: Axes, standing: WorldRanking) -> None:
    names = list(standing.scores)
    digits = _units(standing)
    for place, (name, scores) in enumerate(standing.scores.items()):
        gain = scores.gain
        axes.plot([gain.low / digits, gain.high / digits], [place, place], color=_colour(name), linewidth=2)
        axes.plot([gain.value / digits], [place], "o", color=_colour(name), markersize=6)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_xlabel(f"{standing.currency} a customer")


def _gains(axes: Axes, standing: WorldRanking) -> None:
    for name, curve in standing.curves.items():
        total = np.cumsum(curve["gain"]) / _units(standing)
        axes.plot(np.arange(1, len(total) + 1), total, color=_colour(name), label=name)
    _weeks(axes, standing, standing.currency)
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.24), ncols=3)


def _lines(axes: Axes, standing: WorldRanking, column: str) -> None:
    for name, curve in standing.curves.items():
        values = curve["here"] - curve["here_without"] if column == "kept" else curve[column]
        axes.plot(np.arange(1, len(values) + 1), values, color=_colour(name), label=name)
    _weeks(axes, standing, "share" if column == "kept" else "days")


def _discount(axes: Axes, standing: WorldRanking) -> None:
    for name, curve in standing.curves.items():
        weeks = np.arange(1, len(curve) + 1)
        axes.plot(weeks, curve["discount"] / _units(standing), color=_colour(name), label=name)
        axes.plot(
            weeks, curve["planned"] / _units(standing), color=_colour(name), linewidth=1, linestyle="--"
        )
    _weeks(axes, standing, standing.currency)


def _whereto(axes: Axes, standing: WorldRanking) -> None:
    for place, (name, scores) in enumerate(standing.scores.items()):
        taken = scores.discount.value / _units(standing)
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


def _units(standing: WorldRanking) -> int:
    return int(10 ** MINOR_DIGITS.get(standing.currency, 2))


def _money(minor: float, standing: WorldRanking) -> str:
    return f"{minor / _units(standing):.2f}"


def _range(found: Interval, standing: WorldRanking) -> str:
    units = _units(standing)
    return f"{found.value / units:+.2f} [{found.low / units:+.2f}, {found.high / units:+.2f}]"


def _gain(found: Interval, standing: WorldRanking) -> Cell:
    """An amount over its interval."""
    value, low, high = (edge / _units(standing) for edge in (found.value, found.low, found.high))
    return Cell(f"{value:+.2f}", f"{low:+.2f} to {high:+.2f}")


def _spread(found: Interval, digits: int, times: float = 1.0, unit: str = "") -> Cell:
    """A measure over its interval, without a minus before zero."""
    value, low, high = (round(times * edge, digits) + 0.0 for edge in (found.value, found.low, found.high))
    return Cell(f"{value:+.{digits}f}{unit}", f"{low:+.{digits}f} to {high:+.{digits}f}")


def _percent(share: float | None, *, signed: bool = False) -> str:
    if share is None or not np.isfinite(share):
        return "none"
    return f"{100 * share:+.0f} %" if signed else f"{100 * share:.0f} %"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
