"""The ranking as one HTML file without scripts and without anything to fetch: which policy won where, and by what."""

from collections.abc import Callable, Sequence
from functools import partial
from html import escape

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from models.pages.drawing import AMBER, BERRY, INK, LEAF, LINE, SKY, SOFT, draw, page_style
from models.sources.reading.declaration import MINOR_DIGITS
from training.evaluation.bootstrap import Interval
from training.simulator.scores.policy_scores import Scores
from training.simulator.scores.ranking import NO_OFFERS, ORACLE, WorldRanking, over_worlds

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
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Policies in simulated worlds</title><style>{page_style()}</style></head><body>",
            '<header><div class="brand"><b><span class="mark">A</span>Abonement</b><span>simulation</span></div>',
            "<h1>What is a policy worth where the truth is known?</h1>",
            (
                '<p class="verdict">Simulated households live the same weeks with a policy and without any offer, on '
                "the same dice. What they leave more, or less, is what the policy is worth: <strong>gain</strong> is "
                "margin a customer, over all customers. The oracle knows how the world works and shows what could be "
                "had; no offers is zero by definition.</p></header><main>"
            ),
            *([_overall(found)] if len(found) > 1 else []),
            *(section for place, standing in enumerate(found) for section in _world(standing, place)),
            (
                "</main><footer>Intervals hold 95 % of 1,000 draws of the customers; both runs of a customer are drawn "
                "together. Gains are those of one world's dice: its Monte Carlo error is what another draw of as many "
                "households would change.</footer></body></html>"
            ),
            "",
        ]
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


def _overall(found: Sequence[WorldRanking]) -> str:
    shares = over_worlds(found)
    counted = [standing.title for standing in found if standing.oracle_gains]
    rows = []
    for policy, share in shares.items():
        gains = "".join(
            f'<td class="number">{_over(_range(one.scores[policy].gain, one))}</td>'
            if policy in one.scores
            else '<td class="number">not run</td>'
            for one in found
        )
        whole = "none" if share is None else f"{100 * share:.0f} %"
        rows.append(
            f'<tr><td class="meaning">{escape(policy)}</td>{gains}<td class="number">{whole}</td></tr>'
        )
    heads = "".join(f"<th>{escape(one.title)}</th>" for one in found)
    where = f"over {_listed(counted)}" if counted else "no world counts yet"
    return (
        '<div class="cards"><section class="card wide"><h2>All worlds</h2><p>Gain a customer with its interval. The last '
        "column is the sum of a policy's gains over the sum of the oracle's, in worlds where the oracle gains more than "
        f"three Monte Carlo errors: {escape(where)}.</p>"
        f'<div class="scrolled"><table class="grid"><thead><tr><th>Policy</th>{heads}<th>share of the oracle\'s</th></tr>'
        f"</thead><tbody>{''.join(rows)}</tbody></table></div></section></div>"
    )


def _world(standing: WorldRanking, place: int) -> list[str]:
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
    cards = [
        f'<section class="card"><h2>{title}</h2><p>{says}</p>{draw(f"{name}-{number}", plot, title, height)}</section>'
        for number, (title, says, plot, height) in enumerate(plots)
    ]
    return [
        f'<h1 style="font-size:1.5rem">{escape(standing.title)}</h1>',
        f'<p class="verdict">{escape(verdict(standing))}</p>',
        _expected(standing),
        (
            f'<p class="says" style="margin-block:.5rem 1rem">{standing.customers:,} customers, seed {standing.seed}, a year without offers, then '
            f"{standing.weeks} weekly nights. {escape(standing.unidentified)}</p>"
        ),
        '<div class="cards">',
        *cards,
        _table(standing),
        "</div>",
    ]


def _expected(standing: WorldRanking) -> str:
    """What the oracle expected beside what it got: a check of its own arithmetic."""
    if standing.foresight is None or not standing.foresight[0]:
        return ""
    gain, error = (_money(amount, standing) for amount in standing.foresight)
    got = _range(standing.scores[ORACLE].gain, standing)
    return (
        f'<p class="says">Night by night the oracle expected {gain} a customer of its bundles altogether, with a Monte '
        f"Carlo error of {error}; it then gained {got}.</p>"
    )


def _table(standing: WorldRanking) -> str:
    columns: list[tuple[str, Callable[[str, Scores], str]]] = [
        ("gain", lambda _, one: _over(_range(one.gain, standing))),
        ("gain in the nights' weeks", lambda _, one: _over(_range(one.gain_of_nights, standing))),
        ("share of the oracle's", lambda name, _: _percent(standing.share(name))),
        ("naive 0, oracle 1", lambda name, _: _number(standing.position(name))),
        ("discount", lambda _, one: _money(one.discount.value, standing)),
        ("of it bought anyway", lambda _, one: _percent(one.anyway.value)),
        ("discount over plan", lambda _, one: _percent(one.budget_error, signed=True)),
        ("shopping days", lambda _, one: _over(_spread(one.visits, 2))),
        ("customers kept", lambda _, one: _over(_spread(one.retained, 1, 100, " %"))),
        (
            "gain at those the oracle leaves alone",
            lambda _, one: "none" if one.undisturbed is None else _over(_range(one.undisturbed, standing)),
        ),
        (
            "new items tried (without offer)",
            lambda _, one: f"{_percent(one.trial[0])} ({_percent(one.trial[1])})",
        ),
        ("tried, bought again", lambda _, one: _percent(one.repeat)),
        ("bundles a night", lambda _, one: f"{one.bundles:,.0f}"),
    ]
    heads = "".join(f"<th>{escape(name)}</th>" for name in ("Measure", *standing.scores))
    words = "".join(f'<td class="says">{escape(POLICY_WORDS.get(name, ""))}</td>' for name in standing.scores)
    rows = [f"<tr><td></td>{words}</tr>".replace("<td class", '<td style="white-space:normal" class')]
    for title, cell in columns:
        cells = "".join(f'<td class="number">{cell(name, one)}</td>' for name, one in standing.scores.items())
        rows.append(f'<tr><td class="meaning">{title}</td>{cells}</tr>')
    return (
        '<section class="card wide"><h2>Everything measured</h2><p>Means over all customers, bundle or not. Bought anyway: '
        "discounted units that the customer buys on the same dice without any offer, while the offer is valid.</p>"
        f'<div class="scrolled"><table class="grid"><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody>'
        "</table></div></section>"
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


def _spread(found: Interval, digits: int, times: float = 1.0, unit: str = "") -> str:
    value, low, high = (round(times * edge, digits) + 0.0 for edge in (found.value, found.low, found.high))
    return f"{value:+.{digits}f}{unit} [{low:+.{digits}f}, {high:+.{digits}f}]"


def _over(value_and_interval: str) -> str:
    """The interval below its value."""
    value, _, interval = value_and_interval.partition(" [")
    return f'{value}<div class="says">{interval.removesuffix("]").replace(", ", " to ")}</div>'


def _percent(share: float | None, *, signed: bool = False) -> str:
    if share is None or not np.isfinite(share):
        return "none"
    return f"{100 * share:+.0f} %" if signed else f"{100 * share:.0f} %"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
