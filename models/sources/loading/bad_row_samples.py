"""A bad row to look at: in which file and line it stands, which column is at fault, what it holds, what to do.

A reason counts rows; a person who must mend them needs one to see. Only the rows that are shown are judged a second time,
by `models.sources.reading.typed_columns` as the first time, to find the column.
"""

import json
import re
from collections.abc import Mapping
from itertools import product

from models.ground.shop_ids import no_id
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.reading.csv_lines import line_of
from models.sources.reading.data_folder import Source, is_csv, name_of, quoted
from models.sources.reading.declaration import CHOICES, Declaration
from models.sources.reading.typed_columns import (
    BLANKS,
    IDS,
    MONEY,
    input_columns,
    number_pattern,
    typed_select,
)
from models.tables import BASKET_ID, PRODUCT_ID, VAT_BP, Column
from models.tables.row_checks import OF_SEVERAL_LINES, UNLISTED_CUSTOMER, UNREADABLE_LINE

NUMBERS = ("BIGINT", "DECIMAL(18,4)")
# Longer values are cut: the line is there to look at.
SHOWN_CHARACTERS = 60
# The column at fault where a reason speaks of one only.
_OF_ONE = {
    "unknown_unit": "unit",
    "negative_discount": "discount",
    "unknown_product": "product_id",
    "zero_quantity_without_money": "quantity",
    "merged_into_itself": "merged_into",
    "impossible_vat": VAT_BP,
    "unknown_kind": "kind",
    "ends_before_it_starts": "ends_on",
    "impossible_share": "funded_bp",
    "two_budgets": "budget",
    "unknown_family": "family",
}
# The types of the columns at fault where a reason says that one of them cannot be read.
_OF_TYPE = {
    "bad_number": NUMBERS,
    "unparsable_time": ("TIMESTAMPTZ",),
    "time_without_zone": ("TIMESTAMPTZ",),
    "unparsable_date": ("DATE",),
    "bad_boolean": ("BOOLEAN",),
}


def samples(shop: LoadUnderWay, table: str) -> dict[str, str]:
    """For each reason one row of the table that is bad for it: `line 2: paid is '€ 3.58'; write it without '€'`.

    Of customers who are not listed nothing is kept, and nothing is shown.
    """
    found = shop.con.execute(
        """SELECT reason, min("row") FROM quarantine WHERE table_name = ? GROUP BY 1 ORDER BY 1""", [table]
    ).fetchall()
    source = shop.sources[table]
    return {
        reason: _sample(shop, source, reason, json.loads(row))
        for reason, row in found
        if reason != UNLISTED_CUSTOMER
    }


def _sample(shop: LoadUnderWay, source: Source, reason: str, row: Mapping[str, str | None]) -> str:
    if reason == UNREADABLE_LINE:
        return f"{row['file']}, line {row['line']}: {row.get('why')}: {_shown(row['text'])}"
    if (
        reason in OF_SEVERAL_LINES
    ):  # told from columns as they are stored, so not to be found by what the file holds
        return f"receipt {_shown(row[BASKET_ID])}, product {_shown(row[PRODUCT_ID])}"
    cells = {
        theirs[0]: row[ours] for ours, theirs in source.called.items() if len(theirs) == 1 and ours in row
    }
    in_lines = source.files and is_csv(source.files)
    place = line_of(source.files, shop.declaration.encoding, cells) if in_lines else None
    where = f"{place[0].name}, line {place[1]}: " if place else ""
    column = _at_fault(shop, source, reason, row)
    if column is None:  # a whole row would say who bought what, in a sentence that goes into logs
        return where.rstrip(": ")
    called = "+".join(source.called.get(column.name, (column.name,)))
    value = row.get(column.name)
    if value is None:
        return f"{where}{called} is empty"
    remedy = _remedy(reason, value, shop.declaration)
    return f"{where}{called} is {_shown(value)}" + (f"; {remedy}" if remedy else "")


def _at_fault(
    shop: LoadUnderWay, source: Source, reason: str, row: Mapping[str, str | None]
) -> Column | None:
    """The first column of the row to which the reason applies; None for a reason that names no column."""
    columns = {column.name: column for column in input_columns(source.table, shop.declaration)}
    if reason in _OF_ONE:
        return columns.get(_OF_ONE[reason]) or columns.get(f"{_OF_ONE[reason]}_milli")
    faults = {name: fault for name, column in columns.items() if (fault := _fault(column, reason))}
    if not faults:
        return None
    texts = ", ".join(
        f"{'NULL' if row.get(name) is None else quoted(str(row[name]))} AS {name_of(name)}"
        for name in source.columns
    )
    extra = ", 0 AS file_no, NULL AS row_no" if source.table.name == "purchases" else ""
    judged = Source(
        source.table,
        source.place,
        dict.fromkeys(source.columns, "VARCHAR"),
        f"(SELECT {texts}{extra})",
    )
    cases = " ".join(f"WHEN {fault} THEN {quoted(name)}" for name, fault in faults.items())
    found = shop.con.execute(f"SELECT CASE {cases} END FROM ({typed_select(judged, shop.declaration)})")
    return columns.get(found.fetchall()[0][0])


def _fault(column: Column, reason: str) -> str | None:
    """SQL: true where the column of a typed row is bad in this way; None where it cannot be."""
    name = column.name
    stored = "quantity_milli" if name == "quantity" else f"{name}_minor" if name in MONEY else name
    if reason == "null_id":
        return f"{name} IS NULL" if name in IDS and column.required else None
    if reason == "bad_id":
        return no_id(name) if name in IDS else None
    if reason == "negative_price":
        return f"{stored} < 0" if name in MONEY else None
    if column.sql_type not in _OF_TYPE.get(reason, ()):
        return None
    if reason == "time_without_zone":
        return "NOT zoned"
    return f"{stored} IS NULL" if column.required else f"{stored} IS NULL AND raw_{name} IS NOT NULL"


def _remedy(reason: str, value: str, declaration: Declaration) -> str:
    """What to write, or which key of tables.toml to set; empty where that does not follow from the value."""
    if reason == "bad_number":
        return _remedy_of_number(value.strip(BLANKS).strip("-\u2212()" + BLANKS), declaration)
    if reason in {"unparsable_time", "unparsable_date"}:
        key, example = (
            ("time_format", "%d.%m.%Y %H:%M") if reason == "unparsable_time" else ("date_format", "%d.%m.%Y")
        )
        declared = declaration.time_format if key == "time_format" else declaration.date_format
        return (
            f'{key} = "{declared}" does not fit it'
            if declared
            else f'if all are like it, set {key} = "{example}"'
        )
    return {
        "bad_boolean": "give its word a meaning under [booleans]",
        "unknown_unit": "give it a meaning under [units]",
        "time_without_zone": 'write its zone, or set times = "local"',
    }.get(reason, "")


def _remedy_of_number(value: str, declaration: Declaration) -> str:
    foreign = re.search(r"[^\W\d_]+|[^\w\s.,'\u2019-]", value)
    if foreign and re.search(r"\d", value):
        return f"write it without {foreign[0]!r}"
    given = {"decimal_mark": declaration.decimal_mark, "thousands_mark": declaration.thousands_mark}
    fitting = [
        {key: mark for key, mark in zip(given, marks, strict=True) if mark != given[key]}
        for marks in product(*(CHOICES[key] for key in given))
        if marks[0] != marks[1] and re.fullmatch(number_pattern(*marks), value)
    ]
    fewest = min(map(len, fitting), default=0)
    keys = [
        " and ".join(f'{key} = "{mark}"' for key, mark in changes.items())
        for changes in fitting
        if len(changes) == fewest
    ]
    return f"if all are like it, set {' or '.join(keys)}" if fewest else ""


def _shown(value: object) -> str:
    text = str(value)
    return repr(text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}...")
