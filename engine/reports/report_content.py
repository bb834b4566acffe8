"""A report in words for the terminal, as plain JSON content and as rows of a file."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from engine.measurement.metric_definitions import MONEY
from engine.measurement.metric_intervals import ENOUGH
from engine.reports.report_figures import (
    COUNT,
    SHARE,
    TOTAL,
    ManagersReport,
    ReportedShop,
    ReportTable,
    ShownFigure,
)
from models.ground.currencies import written

_WIDE = 5  # figures a line; intervals of more are in the file, the page and the JSON
_NAME = 26


def in_words(report: ManagersReport, shop: ReportedShop) -> str:
    """The report as a terminal shows it."""
    lines = [f"{report.title}, {shop.time}.", report.answer]
    for table in report.tables:
        lines.extend(("", *_table(table, shop.data.currency)))
    if report.warnings:
        lines.append("")
    return "\n".join([*lines, *report.warnings])


def _table(table: ReportTable, currency: str) -> Iterator[str]:
    yield f"{table.title}. {table.says}"
    with_interval = len(table.heads) <= _WIDE
    cells = [
        [cell(one, currency, with_interval=with_interval) for one in line.figures] for line in table.lines
    ]
    widths = [
        max(len(head), *(len(row[place]) for row in cells if place < len(row)), 0)
        for place, head in enumerate(table.heads)
    ]
    first = max(_NAME, *(len(line.name) for line in table.lines))
    yield "  " + "  ".join(
        [" " * first, *(head.rjust(width) for head, width in zip(table.heads, widths, strict=True))]
    )
    for line, row in zip(table.lines, cells, strict=True):
        shown = (text.rjust(width) for text, width in zip(row, widths, strict=False))
        yield "  " + "  ".join([line.name.ljust(first), *shown]).rstrip()
    if table.hidden:
        yield f"  Not shown: {table.hidden} with fewer than {ENOUGH} customers."


def cell(one: ShownFigure, currency: str, *, with_interval: bool) -> str:
    """A figure with its interval; `-` where it rests on too few."""
    if one.value is None:
        return "-"
    shown = amount(one.value, one.unit, currency)
    if with_interval and one.low is not None and one.high is not None:
        return f"{shown} [{amount(one.low, one.unit, currency)}, {amount(one.high, one.unit, currency)}]"
    return shown


def amount(value: float, unit: str, currency: str) -> str:
    """A value in the words of its unit."""
    if unit == SHARE:
        return f"{value:z.1%}"
    if unit in (MONEY, TOTAL):
        return written(value, currency)
    return f"{value:z,.0f}" if unit == COUNT else f"{value:z,.2f}"


def report_content(report: ManagersReport, shop: ReportedShop) -> dict[str, Any]:
    """Everything as JSON, money in minor units; what rests on too few is null."""
    return {
        "report": report.name,
        "from": shop.starts.day,
        "to": shop.ends.day,
        "currency": shop.data.currency,
        "net_of_vat": shop.catalogue.tax_known,
        "answer": report.answer,
        "warnings": list(report.warnings),
        "tables": [
            {
                "table": table.name,
                "title": table.title,
                "says": table.says,
                "hidden_lines": table.hidden,
                "lines": [
                    {"line": line.name}
                    | {
                        head: {
                            "value": one.value,
                            "unit": one.unit,
                            "n": one.n,
                            "low": one.low,
                            "high": one.high,
                        }
                        for head, one in zip(table.heads, line.figures, strict=False)
                        if one.value is not None
                    }
                    for line in table.lines
                ],
            }
            for table in report.tables
        ],
    }


def report_frame(report: ManagersReport, shop: ReportedShop) -> pd.DataFrame:
    """A row a figure: report, table, line, figure, value, unit, low, high, n, from, to."""
    rows = [
        {
            "report": report.name,
            "table": table.name,
            "line": line.name,
            "figure": head,
            "value": one.value,
            "unit": one.unit,
            "low": one.low,
            "high": one.high,
            "n": one.n,
            "from": shop.starts.day.isoformat(),
            "to": shop.ends.day.isoformat(),
        }
        for table in report.tables
        for line in table.lines
        for head, one in zip(table.heads, line.figures, strict=False)
        if one.value is not None
    ]
    columns = ("report", "table", "line", "figure", "value", "unit", "low", "high", "n", "from", "to")
    return pd.DataFrame(rows, columns=list(columns))
