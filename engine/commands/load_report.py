"""What `abonement load --check` prints: a table for people, JSON for machines, exit code 2 for a refusal."""

from typing import TYPE_CHECKING

import typer

from models.ground.errors import BadInput

if TYPE_CHECKING:
    from models.sources.loading.load_check import Report

JUMPS_SHOWN = 20


def print_report(report: "Report", *, as_json: bool) -> None:
    """Print the report; raises BadInput where the load would be refused, after printing."""
    typer.echo(report.as_json() if as_json else "\n".join(_table(report)))
    if report.refused:
        raise BadInput(f"This load would be refused: {report.refused}")


def _days(report: "Report") -> str:
    if report.first_day is None:
        return "none"
    return f"{report.first_day} to {report.last_day}, {len(report.days):,} with purchases"


def _table(report: "Report") -> list[str]:
    from models.sources.stored.day_ranges import in_words
    from models.tables.row_checks import meaning

    rows: list[tuple[str, str]] = []
    for name, table in report.tables.items():
        rows.append((name, f"{table.rows:,} rows, {table.kept:,} kept"))
        for reason, number in table.quarantined.items():
            rows.append((f"  {reason}", f"{number:,}: {meaning(reason, name)}"))
            if sample := report.samples[name].get(reason):
                rows.append(("    such as", sample))
    for name, columns in report.ignored_columns.items():
        rows.append((f"{name}, unused", ", ".join(columns)))
    rows += [
        ("customers known", f"{report.customers:,}"),
        ("products without price", f"{report.products_without_price:,} of {report.products:,}"),
        ("families", ", ".join(f"{level}: {n:,}" for level, n in report.families.items()) or "none"),
        ("days", _days(report)),
        ("days missing", in_words(report.missing_days)),
    ]
    if report.replaced_days or report.late_days:
        rows += [
            ("days replaced", in_words(report.replaced_days)),
            ("lines replaced", f"{report.replaced_lines:,}"),
            ("late lines for", in_words(report.late_days)),
        ]
    if report.erased:
        rows.append(("customers erased", f"{report.erased:,}"))
    for jump in report.jumps[:JUMPS_SHOWN]:
        rows.append(("suspicious", f"{jump.day}: {jump.what} {jump.value:,.6g}, usual {jump.usual:,.6g}"))
    if len(report.jumps) > JUMPS_SHOWN:
        rows.append(("suspicious", f"and {len(report.jumps) - JUMPS_SHOWN} more; --json names them all"))
    rows += [("remark", remark) for remark in report.remarks]
    rows += [("hint", hint) for hint in report.hints]
    width = max(len(name) for name, _ in rows) + 2
    return [f"{name:<{width}}{text}" for name, text in rows]
