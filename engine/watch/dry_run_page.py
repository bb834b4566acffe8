"""A dry run as one HTML file without scripts and without anything to fetch; it names no customer."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import PurePath
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from engine.nightly.dry_run import DryNight
from engine.nightly.folder.offers_compared import in_words
from models.ground.currencies import minor_digits, written
from models.pages.drawing import AMBER, BERRY, LEAF, LINE, SKY, TALL, bars, draw
from models.pages.parts import Card, Cell, Grid
from models.pages.rendering import render

PAGE = "engine/watch/dry_run_page.html"
_COLOURS = (LEAF, SKY, AMBER, BERRY)


def dry_run_page(
    night: date,
    nights: Sequence[DryNight],
    beside: Sequence[Mapping[str, Any]],
    currency: str,
    made_of: str,
) -> str:
    """Return the page."""
    names = _short([one.name for one in nights])
    return render(
        PAGE,
        title=f"Dry run of {night}",
        about=f"{night}, not published",
        heading=f"What the night of {night} would be",
        answers=[
            *(_answer(name, one, currency) for name, one in zip(names, nights, strict=True)),
            *(f"{names[place]} beside {names[0]}: {in_words(one)}." for place, one in enumerate(beside, 1)),
        ],
        cards=[
            Card(
                "What a budget brings",
                "The policy's worth of all bundles by what they are expected to cost tonight. A dot is the programme's own budget, "
                "a cross the knee: beyond it more money brings less than it does on the average.",
                draw("curve", partial(_curves, nights=nights, names=names, currency=currency), TALL),
            ),
            Card(
                "How deep",
                "Share of the offers by discount.",
                draw("depths", partial(_depths, nights=nights, names=names), TALL),
            ),
            *(
                Card(
                    f"Who has no bundle, {name}",
                    "Customers seen, by the rule that left them without one.",
                    draw(f"outcomes-{place}", partial(_outcomes, night=one), TALL),
                )
                for place, (name, one) in enumerate(zip(names, nights, strict=True))
            ),
        ],
        grids=[
            grid
            for name, one in zip(names, nights, strict=True)
            for grid in (
                _budgets(name, one, currency),
                _segments(f"Customers by rung, {name}", one.rungs, one, currency),
                *([_segments(f"Customers by rule, {name}", one.ruled, one, currency)] if one.ruled else []),
                _families(name, one, currency),
                _rules(name, one),
            )
        ],
        made_of=f"{made_of} Money in {currency}; worth is what the policy expects, in its own unit.",
    )


def _short(names: Sequence[str]) -> list[str]:
    """File names alone, where these tell programmes apart."""
    short = [PurePath(name).name for name in names]
    return short if len(set(short)) == len(short) else list(names)


def _answer(name: str, one: DryNight, currency: str) -> str:
    result, tonight = one.result, one.curve["tonight"]
    depth = f", {result['mean_depth_bp'] / 100:.1f} % off in the mean" if result["mean_depth_bp"] else ""
    failed = [name.replace("_", " ") for name, check in one.guard.items() if not check["ok"]]
    guard = f" The guard would keep it back over {', '.join(failed)}." if failed else ""
    against = f" Against {one.against['run_id']} {in_words(one.against)}." if one.against else ""
    return (
        f"{name}: {result['bundles']:,} bundles with {result['offers']:,} offers for {result['customers']:,} customers seen, "
        f"expected to cost {written(tonight['cost_minor'], currency)} of {written(tonight['allowance_minor'], currency)} "
        f"{currency} that the night may plan; {result['expected_uses'] or 0:,.0f} offers expected to be bought{depth}.{against}{guard}"
    )


def _curves(axes: Axes, *, nights: Sequence[DryNight], names: Sequence[str], currency: str) -> None:
    unit = 10 ** minor_digits(currency)
    for place, (name, one) in enumerate(zip(names, nights, strict=True)):
        colour = _COLOURS[place % len(_COLOURS)]
        points = one.curve["points"]
        axes.plot(
            [point["cost_minor"] / unit for point in points],
            [point["worth"] for point in points],
            color=colour,
            label=name,
        )
        for key, marker in (("tonight", "o"), ("knee", "x")):
            point = one.curve[key]
            axes.plot([point["cost_minor"] / unit], [point["worth"]], marker, color=colour, markersize=8)
        for point in one.curve["asked"]:
            axes.axvline(point["cost_minor"] / unit, color=LINE, linewidth=0.8)
    axes.set_xlabel(f"expected cost, {currency}")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _place: f"{x:,.6g}"))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.set_ylim(bottom=0)
    if len(nights) > 1:
        axes.legend(loc="lower right")


def _depths(axes: Axes, *, nights: Sequence[DryNight], names: Sequence[str]) -> None:
    levels = sorted({int(depth) for one in nights for depth in one.result["depths_bp"]})
    width = 0.8 / len(nights)
    for place, (name, one) in enumerate(zip(names, nights, strict=True)):
        offers = max(one.result["offers"], 1)
        axes.bar(
            [row + (place - (len(nights) - 1) / 2) * width for row in range(len(levels))],
            [one.result["depths_bp"].get(str(level), 0) / offers for level in levels],
            width * 0.92,
            color=_COLOURS[place % len(_COLOURS)],
            label=name,
        )
    axes.set_xticks(range(len(levels)), [f"{level / 100:g} %" for level in levels])
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _place: f"{100 * y:.0f} %"))
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    if len(nights) > 1:
        axes.legend()


def _outcomes(axes: Axes, *, night: DryNight) -> None:
    counts = {name.replace("_", " "): count for name, count in night.result["outcomes"].items()}
    bars(axes, counts, [LEAF if name == "bundle" else SKY for name in counts])


def _budgets(name: str, one: DryNight, currency: str) -> Grid:
    curve = one.curve
    rows = [
        ("the programme's", curve["tonight"]),
        *(
            (f"{written(asked['amount_minor'], currency)} a {one.budget['period']}", asked)
            for asked in curve["asked"]
        ),
        (
            f"the knee, {written(curve['knee']['amount_minor'], currency)} a {one.budget['period']}",
            curve["knee"],
        ),
    ]
    return Grid(
        f"Budgets, {name}",
        "What each would let tonight plan, and what that brings; the knee is where the curve bends.",
        ("", "may plan", "costs", "bundles", "offers bought", "worth"),
        [
            [
                Cell(words, style="meaning"),
                Cell(written(point["allowance_minor"], currency) if "allowance_minor" in point else ""),
                Cell(written(point["cost_minor"], currency)),
                Cell(f"{point['bundles']:,}"),
                Cell(f"{point['uses']:,.1f}"),
                Cell(f"{point['worth']:,.2f}"),
            ]
            for words, point in rows
        ],
    )


def _segments(title: str, lines: Sequence[Mapping[str, Any]], one: DryNight, currency: str) -> Grid:
    return Grid(
        title,
        "Who of the customers where they stand has a bundle"
        + (f"; gains and losses against {one.against['run_id']}." if one.against else "."),
        ("", "customers", "bundles", "costs", "offers bought", "depth", "gain", "lose"),
        [
            [
                Cell(line["segment"], style="meaning"),
                Cell(f"{line['customers']:,}"),
                Cell(f"{line['bundles']:,}"),
                Cell(written(line["cost_minor"], currency)),
                Cell(f"{line['uses']:,.1f}"),
                Cell(_depth(line)),
                *(Cell(f"{line[key]:,}" if key in line else "") for key in ("gain", "lose")),
            ]
            for line in lines
        ],
    )


def _families(name: str, one: DryNight, currency: str) -> Grid:
    return Grid(
        f"Families, {name}",
        "Most offered first" + (f", beside the offers of {one.against['run_id']}." if one.against else "."),
        ("", "offers", "before", "costs", "offers bought", "depth"),
        [
            [
                Cell(line["segment"], style="meaning"),
                Cell(f"{line['offers']:,}"),
                Cell(f"{line['offers_before']:,}" if "offers_before" in line else ""),
                Cell(written(line["cost_minor"], currency)),
                Cell(f"{line['uses']:,.1f}"),
                Cell(_depth(line)),
            ]
            for line in one.families
        ],
    )


def _rules(name: str, one: DryNight) -> Grid:
    return Grid(
        f"Rules that cost most, {name}",
        "What each rule kept out: customers, items with their share of all buyers of four weeks, and the next best item of bundles.",
        ("", "keeps out", "how many", "share"),
        [
            [
                Cell(line["rule"].replace("_", " "), style="meaning"),
                Cell(line["what"], style="meaning"),
                Cell(f"{line['removed']:,}"),
                Cell(
                    next(
                        (
                            f"{line[key]:.1%}"
                            for key in ("share_of_buys", "share_of_customers")
                            if key in line
                        ),
                        "",
                    )
                ),
            ]
            for line in one.rules
        ],
    )


def _depth(line: Mapping[str, Any]) -> str:
    return "" if line["mean_depth_bp"] is None else f"{line['mean_depth_bp'] / 100:.1f} %"
