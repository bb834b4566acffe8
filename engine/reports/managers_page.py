"""A manager's report as one HTML file without scripts and without anything to fetch; it names no customer."""

from engine.measurement.metric_intervals import ENOUGH
from engine.reports.report_content import amount, cell
from engine.reports.report_figures import ManagersReport, ReportedShop, ReportTable, ShownFigure
from models.pages.drawing import draw
from models.pages.parts import Card, Cell, Grid
from models.pages.rendering import render

PAGE = "engine/reports/managers_page.html"


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
        grids=[_grid(table, shop.data.currency) for table in report.tables],
        made_of=(
            f"{shop.time}. Money in {shop.data.currency}. In small type what holds the true figure in 95 of 100 such groups; "
            f"no figure rests on fewer than {ENOUGH} customers or answers."
        ),
    )


def _grid(table: ReportTable, currency: str) -> Grid:
    hidden = f" Not shown: {table.hidden} with fewer than {ENOUGH}." if table.hidden else ""
    blank = [Cell("")] * len(table.heads)
    return Grid(
        table.title,
        f"{table.says}{hidden}",
        ("", *table.heads),
        [
            [
                Cell(line.name, style="meaning"),
                *([_cell(one, currency) for one in line.figures] + blank)[: len(blank)],
            ]
            for line in table.lines
        ],
    )


def _cell(one: ShownFigure, currency: str) -> Cell:
    if one.low is None or one.high is None:
        return Cell(cell(one, currency, with_interval=False))
    low, high = (amount(bound, one.unit, currency) for bound in (one.low, one.high))
    return Cell(cell(one, currency, with_interval=False), f"{low} to {high}")
