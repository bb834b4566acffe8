"""Tables that a visitor sorts, filters and pages by the address alone, and takes along as CSV.

?q=TEXT&sort=KEY&down=1&page=2      what is shown; &as=csv is all of it, in the same order
"""

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from starlette.responses import Response

from engine.console.frame.visit import ConsoleVisit

ROWS_A_PAGE = 50
# A spreadsheet takes a cell that begins so for a formula, wherever the text came from.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Entry(NamedTuple):
    """A cell: what it is sorted by and exported as, what it reads, where it leads."""

    value: Any
    words: str
    address: str = ""
    style: str = ""
    says: str = ""


class Head(NamedTuple):
    """A column's head; figures stand at the right."""

    key: str
    title: str
    is_figure: bool = False


class ShownHead(NamedTuple):
    """A head as the page shows it: where a click on it leads, and how the rows are sorted by it now."""

    title: str
    is_figure: bool
    address: str
    sorted: str  # ascending, descending or nothing


class Listing(NamedTuple):
    """A page of a table."""

    heads: Sequence[ShownHead]
    rows: Sequence[Sequence[Entry]]
    found: int
    of: int
    q: str
    first: int
    last: int
    before: str  # address, or nothing
    after: str
    csv: str


def listing(
    visit: ConsoleVisit,
    heads: Sequence[Head],
    rows: Sequence[Sequence[Entry]],
    *,
    sort: str,
    down: bool = False,
) -> Listing:
    """The part of the rows that the address asks for; `sort` and `down` where it does not say."""
    key, falling, found = _chosen(visit, heads, rows, sort, down=down)
    pages = max(1, -(-len(found) // ROWS_A_PAGE))
    number = min(max(_whole(visit.query.get("page", "")), 1), pages)
    shown = found[(number - 1) * ROWS_A_PAGE : number * ROWS_A_PAGE]

    def address(**changed: str) -> str:
        kept = {name: visit.query[name] for name in ("q", "sort", "down") if visit.query.get(name)}
        query = {name: value for name, value in (kept | changed).items() if value}
        return f"{visit.path}?{urlencode(query)}" if query else visit.path

    return Listing(
        [
            ShownHead(
                head.title,
                head.is_figure,
                address(sort=head.key, down="1" if head.key == key and not falling else ""),
                ("descending" if falling else "ascending") if head.key == key else "",
            )
            for head in heads
        ],
        shown,
        len(found),
        len(rows),
        visit.query.get("q", ""),
        (number - 1) * ROWS_A_PAGE + 1,
        (number - 1) * ROWS_A_PAGE + len(shown),
        address(page=str(number - 1)) if number > 1 else "",
        address(page=str(number + 1)) if number < pages else "",
        address(**{"as": "csv"}),
    )


def is_asked_as_csv(visit: ConsoleVisit) -> bool:
    """Whether the address asks for the table as a file."""
    return visit.query.get("as") == "csv"


def csv_file(
    visit: ConsoleVisit,
    name: str,
    heads: Sequence[Head],
    rows: Sequence[Sequence[Entry]],
    *,
    sort: str,
    down: bool = False,
) -> Response:
    """All rows that the address asks for as CSV; no cell is a formula, and figures are plain numbers."""
    _, _, found = _chosen(visit, heads, rows, sort, down=down)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([head.key for head in heads])
    writer.writerows([_harmless(entry.value) for entry in row] for row in found)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return Response(text.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


def _chosen(
    visit: ConsoleVisit, heads: Sequence[Head], rows: Sequence[Sequence[Entry]], sort: str, *, down: bool
) -> tuple[str, bool, list[Sequence[Entry]]]:
    keys = [head.key for head in heads]
    asked = visit.query.get("sort", "")
    key, falling = (asked, visit.query.get("down") == "1") if asked in keys else (sort, down)
    words = visit.query.get("q", "").casefold().split()
    found = [row for row in rows if _says_all(row, words)]
    return key, falling, sorted(found, key=_by(keys.index(key)), reverse=falling)


def _says_all(row: Sequence[Entry], words: Sequence[str]) -> bool:
    text = " ".join(f"{entry.value} {entry.words} {entry.says}" for entry in row).casefold()
    return all(word in text for word in words)


def _by(place: int) -> Callable[[Sequence[Entry]], tuple[bool, Any]]:
    """Where a cell has no value it comes first."""
    return lambda row: (row[place].value is not None, "" if row[place].value is None else row[place].value)


def _harmless(value: Any) -> Any:
    text = value if isinstance(value, str) else ""
    return f"'{text}" if text.startswith(_FORMULA) else "" if value is None else value


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 1  # noqa: PLR2004 - digits
