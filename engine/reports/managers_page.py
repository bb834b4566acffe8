"""A manager's report as one HTML file without scripts and without anything to fetch; it names no customer."""

from engine.measurement.metric_intervals import ENOUGH
from engine.reports.report_content import amount, cell
from engine.reports.report_figures import ManagersReport, ReportedShop, ReportTable, ShownFigure
from models.pages.drawing import draw
from models.pages.parts import Card, Cell, Grid
from models.pages.rendering import render

PAGE = "engine/reports/managers_page.html"
_MOST_WITH_INTERVALS = 8  # figures a line; more with theirs are cut off at the page's edge


def managers_page(report: ManagersReport, shop: ReportedShop) -> str:
    """Return the page."""
    return render(
        PAGE,
        title=report.title,
        about=shop.time,
        heading=report.title,
        answer=report.answer,
        warnings=report.warnings,
        cards=[Card(one.title, one.says, draw(one.name, one.plot, one.height)) for one in report.plots],
        grids=[grid_of(table, shop.data.currency) for table in report.tables],
        made_of=(
            f"{shop.time}. Money in {shop.data.currency}. In small type what holds the true figure in 95 of 100 such groups; "
            f"no figure rests on fewer than {ENOUGH} customers or answers."
        ),
    )


def grid_of(table: ReportTable, currency: str) -> Grid:
    """A table as the page shows it."""
    hidden = f" Not shown: {table.hidden} with fewer than {ENOUGH}." if table.hidden else ""
    with_interval = len(table.heads) <= _MOST_WITH_INTERVALS
    if not with_interval:
        hidden += " How sure each figure is stands in the file (--csv)."
    blank = [Cell("")] * len(table.heads)
    return Grid(
        table.title,
        f"{table.says}{hidden}",
        ("", *table.heads),
        [
            [
                Cell(line.name, style="meaning"),
                *([_cell(one, currency, with_interval=with_interval) for one in line.figures] + blank)[
                    : len(blank)
                ],
            ]
            for line in table.lines
        ],
    )


def _cell(one: ShownFigure, currency: str, *, with_interval: bool) -> Cell:
    if one.low is None or one.high is None or not with_interval:
        return Cell(cell(one, currency, with_interval=False))
    low, high = (amount(bound, one.unit, currency) for bound in (one.low, one.high))
    return Cell(cell(one, currency, with_interval=False), f"{low} to {high}")
