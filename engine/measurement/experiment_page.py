"""The report of an experiment as one HTML file without scripts and without anything to fetch."""

from functools import partial
from typing import NamedTuple

from engine.measurement import experiment_plots
from engine.measurement.experiment_effects import LEVEL
from engine.measurement.experiment_lights import untrusted
from engine.measurement.experiment_plots import ForestLine
from engine.measurement.experiment_report import ExperimentReport
from engine.measurement.metric_definitions import MONEY, margin_basis
from engine.measurement.report_words import (
    TITLES,
    amount,
    answer_in_words,
    differ_in_words,
    estimate,
    ratio,
    share,
    signed,
)
from models.ground.currencies import minor_digits
from models.pages.drawing import HEIGHT, TALL, draw
from models.pages.parts import Card, Cell, Grid, Tile
from models.pages.rendering import render

PAGE = "engine/measurement/experiment_page.html"
_STATES = {"ok": ("", "fine"), "look": ("accepted", "look"), "bad": ("bad", "not to be trusted")}


class _LightRow(NamedTuple):
    title: str
    says: str
    style: str
    word: str


def experiment_page(report: ExperimentReport, currency: str) -> str:
    """Return the page."""
    style, word = _verdict(report)
    period = report.period
    return render(
        PAGE,
        title=f"What came of {report.name}",
        about=f"{report.name}: {report.pair[0]} against {report.pair[1]}",
        heading=_heading(report),
        style=style,
        word=word,
        answer=answer_in_words(report, currency),
        facts=_tiles(report, currency),
        lights=[_LightRow(one.title, one.says, *_STATES[one.state]) for one in report.lights],
        cards=_cards(report, currency),
        grids=[_figures(report, currency), *_misleading(report, currency)],
        made_of=(
            f"{period.starts.day} up to {period.ends.day}, which does not count. "
            f"Of money: {margin_basis(net=report.net)}; discounts as the tills gave them."
        ),
    )


def _heading(report: ExperimentReport) -> str:
    weeks = report.period.weeks
    what = "the offers" if report.pair[1] == "holdout" else f"{report.pair[0]} instead of {report.pair[1]}"
    return f"What {what} brought in {weeks} week{'s' if weeks > 1 else ''}"


def _verdict(report: ExperimentReport) -> tuple[str, str]:
    low, high = report.margin_interval
    if untrusted(report.lights):
        return "bad", "Not to be trusted"
    if not report.given and not report.row("discount").treated.value:
        return "accepted", "Nothing was given"
    if low > 0:
        return "", "It earns"
    return ("bad", "It loses") if high < 0 else ("accepted", "Not known yet")


def _tiles(report: ExperimentReport, currency: str) -> list[Tile]:
    margin, discount = report.row("margin"), report.row("discount")
    return [
        Tile(signed(margin.difference.value, MONEY, currency), f"margin a customer, {currency}"),
        Tile(amount(discount.treated.value, MONEY, currency), f"discount redeemed a customer, {currency}"),
        Tile(
            "not known" if report.anyway is None else share(report.anyway.whole.value),
            "of the discount would have been bought anyway",
        ),
        Tile(
            signed(report.row("visits").difference.value, "visits", currency),
            "days with a purchase a customer",
        ),
        Tile(
            f"{sum(report.customers):,}",
            f"customers, {report.customers[0]:,} {report.pair[0]} and {report.customers[1]:,} {report.pair[1]}",
        ),
        Tile(f"{margin.variance_left:.0%}", "of the variance left once what was known before is taken off"),
    ]


def _cards(report: ExperimentReport, currency: str) -> list[Card]:
    found = []
    if report.looks:
        found.append(
            Card(
                "Week by week",
                f"Margin a customer that {report.pair[0]} brought more than {report.pair[1]} since the beginning, in {currency}; "
                "the band holds the truth at all looks together in 95 of 100 experiments.",
                draw("sequence", partial(experiment_plots.sequence, report=report, currency=currency), TALL),
            )
        )
    steps = waterfall_steps(report)
    if steps:
        found.append(
            Card(
                "From discount to margin",
                f"What a customer earned the shop more, what of that went into discounts, and what is left, in {currency}.",
                draw("waterfall", partial(experiment_plots.waterfall, steps=steps, currency=currency), TALL),
            )
        )
    if report.segments:
        unit = 10.0 ** minor_digits(currency)
        whole = report.row("margin").difference
        lines = [
            ForestLine("everybody", whole.value / unit, *(bound / unit for bound in whole.interval(LEVEL)))
        ]
        lines += [
            ForestLine(f"{one.division}: {one.segment}", one.value / unit, one.low / unit, one.high / unit)
            for one in report.segments
        ]
        differ = {one.division: one.division_differs_p for one in report.segments}
        says = "; ".join(f"{division}: {differ_in_words(p_value)}" for division, p_value in differ.items())
        found.append(
            Card(
                "Whom it helps",
                f"Margin a customer by segment, in {currency}; the lines of a division hold all together. {says}.",
                draw(
                    "forest",
                    partial(experiment_plots.forest, found=lines),
                    max(HEIGHT, 0.3 * len(lines) + 0.7),
                ),
            )
        )
    found.append(
        Card(
            "Who stays",
            "Share of each arm that bought within the last four weeks.",
            draw("retention", partial(experiment_plots.retention, report=report), TALL),
        )
    )
    return found


def waterfall_steps(report: ExperimentReport) -> list[tuple[str, float]]:
    """From what was earned before discounts to what is left; nothing where no more discount was given to one arm."""
    discount, margin = report.row("discount").difference.value, report.row("margin").difference.value
    if discount <= 0:
        return []
    parts = [("discount", -discount)]
    if report.anyway is not None and 0 <= report.anyway.whole.value <= 1:
        needless = discount * report.anyway.whole.value
        parts = [
            ("discount on what is\nbought anyway", -needless),
            ("discount on the rest", needless - discount),
        ]
    return [("earned before\ndiscounts", margin + discount), *parts, ("left as margin", margin)]


def _misleading(report: ExperimentReport, currency: str) -> list[Grid]:
    """What must not be believed, beside what may be; nothing where nobody could have been misled."""
    if not report.misleading:
        return []
    low, high = report.margin_interval
    right = [
        Cell("The lot's answer", style="strong"),
        Cell(signed(report.row("margin").difference.value, MONEY, currency), style="strong"),
        Cell(f"{signed(low, MONEY, currency)} to {signed(high, MONEY, currency)}"),
        Cell("Drawn by lot, so that nothing else differs between the arms.", style="said"),
    ]
    wrong = []
    for one in report.misleading:
        low, high = one.answer.difference.interval(LEVEL)
        unlike = (
            "" if one.unlike is None else f" After matching still {one.unlike:.2f} standard deviations apart."
        )
        wrong.append(
            [
                Cell(one.title, style="meaning"),
                Cell(signed(one.answer.difference.value, MONEY, currency)),
                Cell(f"{signed(low, MONEY, currency)} to {signed(high, MONEY, currency)}"),
                Cell(f"{one.answer.why}{unlike}", style="said"),
            ]
        )
    says = f"Margin a customer in {currency} as a shop without a holdout would reckon it: do not use it, see how far it is off."
    return [
        Grid("Answers that mislead", says, ("", "margin", "95 of 100 by chance alone", ""), [right, *wrong])
    ]


def _figures(report: ExperimentReport, currency: str) -> Grid:
    treated, control = report.pair
    reached = any(one.per_reached is not None for one in report.rows)
    rows = []
    for one in report.rows:
        says = (
            []
            if one.left_out is None
            else [f"beyond the bounds, not in it: {estimate(one.left_out, one.unit, currency)}"]
        )
        low, high = one.difference.interval(LEVEL)
        rows.append(
            [
                Cell(TITLES[one.name], style="meaning"),
                Cell(amount(one.treated.value, one.unit, currency)),
                Cell(amount(one.control.value, one.unit, currency)),
                Cell(
                    signed(one.difference.value, one.unit, currency),
                    f"{signed(low, one.unit, currency)} to {signed(high, one.unit, currency)}",
                ),
                *(
                    [Cell("" if one.per_reached is None else ratio(one.per_reached, one.unit, currency))]
                    if reached
                    else []
                ),
                Cell(f"{one.variance_left:.0%}", "; ".join(says)),
            ]
        )
    return Grid(
        "Every figure, a customer",
        "Of everybody who was drawn, whether an offer reached them or not; below the difference what holds the truth in 95 of "
        f"100 experiments that are looked at once. Money in {currency}.",
        (
            "",
            treated,
            control,
            "difference",
            *(["of those whom an offer reached"] if reached else []),
            "variance left",
        ),
        rows,
    )
