"""The ranking as one HTML file without scripts and without anything to fetch: which policy won where, and by what."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes

from models.ground.currencies import written
from models.pages.drawing import draw
from models.pages.parts import Card, Cell, Grid
from models.pages.rendering import render
from training.evaluation.bootstrap import Interval
from training.simulator.scores import ranking_plots
from training.simulator.scores.policy_scores import Scores
from training.simulator.scores.ranking import NO_OFFERS, ORACLE, WorldRanking, over_worlds
from training.simulator.scores.ranking_plots import units_of

PAGE = "training/simulator/scores/ranking_page.html"
POLICY_WORDS = {
    "no_offers": "nobody gets anything",
    "random_bundles": "any candidates at any depth, by hash",
    "top_affinities": "the likeliest items at 15 %: the naive use of a good model",
    "pull": "large savings on what is hardly bought anyway",
    "shipped": "the engine's own rule",
    "oracle": "knows the world's truth, not its dice",
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
            partial(ranking_plots.forest, standing=standing),
            height,
        ),
        (
            "Gain so far",
            "summed over weeks; right of the line no more bundles are given",
            partial(ranking_plots.gains, standing=standing),
            2.6,
        ),
        (
            "Shopping days",
            "a customer and week, more than without offers",
            partial(ranking_plots.lines, standing=standing, column="visits"),
            2.6,
        ),
        (
            "Customers kept",
            "share still there, more than without offers",
            partial(ranking_plots.lines, standing=standing, column="kept"),
            2.6,
        ),
        (
            "Discount",
            "a customer and week: taken, and dashed as planned",
            partial(ranking_plots.discount, standing=standing),
            2.6,
        ),
        (
            "Where the discount went",
            "dark: units that are bought without the offer too; light: what it changed",
            partial(ranking_plots.whereto, standing=standing),
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
        ("offers used", lambda _, one: Cell(_percent(one.used, digits=1))),
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


def _money(minor: float, standing: WorldRanking) -> str:
    return written(minor, standing.currency)


def _range(found: Interval, standing: WorldRanking) -> str:
    units = units_of(standing)
    return f"{found.value / units:+.2f} [{found.low / units:+.2f}, {found.high / units:+.2f}]"


def _gain(found: Interval, standing: WorldRanking) -> Cell:
    """An amount over its interval."""
    value, low, high = (edge / units_of(standing) for edge in (found.value, found.low, found.high))
    return Cell(f"{value:+.2f}", f"{low:+.2f} to {high:+.2f}")


def _spread(found: Interval, digits: int, times: float = 1.0, unit: str = "") -> Cell:
    """A measure over its interval, without a minus before zero."""
    value, low, high = (round(times * edge, digits) + 0.0 for edge in (found.value, found.low, found.high))
    return Cell(f"{value:+.{digits}f}{unit}", f"{low:+.{digits}f} to {high:+.{digits}f}")


def _percent(share: float | None, *, signed: bool = False, digits: int = 0) -> str:
    if share is None or not np.isfinite(share):
        return "none"
    return f"{100 * share:{'+' if signed else ''}.{digits}f} %"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
