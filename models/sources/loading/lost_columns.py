"""Columns that a table lacks and the load in use has values of: renamed, or left out by mistake.

A row that comes anew takes the place of the stored one whole. Without its column every refusal would be gone, tobacco would
be offered like milk, and a store's day would stand beside itself, so a delivery without it is refused; a load of everything
says what nobody knows any more. Who means it delivers the column empty.
"""

from contextlib import suppress
from pathlib import Path

import duckdb

from models.ground.errors import BadInput
from models.sources.loading.delivery import paths
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.reading.csv_header import read_header
from models.sources.reading.data_folder import Source, is_csv, name_of, quoted
from models.sources.stored.finished_load import Data
from models.tables import (
    ANSWERS,
    COST_MINOR,
    CUSTOMERS,
    DELISTED,
    FUNDINGS,
    PRICE_MINOR,
    PRODUCTS,
    PROMOTIONS,
    PURCHASES,
    SHOWN_OF_PRODUCTS,
    VAT_BP,
    Table,
)
from models.tables.row_checks import UNREADABLE_LINE

MORE_THAN_ONE = 2
# SQL over a stored row: it has a value; of other columns, that it is not null. A bad row of customers refuses as well.
_SAYS = {
    "price": f"{PRICE_MINOR} IS NOT NULL",
    "cost": f"{COST_MINOR} IS NOT NULL",
    "discount": "discount_minor <> 0",
    "flags": f"flags NOT IN ('', '{DELISTED}')",
    "unit_cap": "unit_cap_minor IS NOT NULL",
    "mailer": "mailer",
    "display": "display",
}


def refuse_lost_columns(shop: LoadUnderWay) -> None:
    """Raise BadInput where a table of a delivery lacks a column of which the load that it is added to has values."""
    if shop.former:
        for source in shop.sources.values():
            # Answers are added: none takes the place of a stored one.
            if source.table is not ANSWERS and (lost := _lost(shop, shop.former, source)):
                raise BadInput(
                    f"{_lacks(source, lost)}, of which the load in use has values: rows that come anew take the place of the"
                    f" stored ones, and it would be lost. Name the shop's column in tables.toml under"
                    f" [{source.table.name}.columns], or deliver it empty if it is meant to be forgotten."
                )


def refuse_uneven_files(shop: LoadUnderWay) -> tuple[str, ...]:
    """Raise BadInput where one of several files of products or customers lacks a column that another one has.

    Purchases are delivered over years and may change: a sentence for the first such file is returned.
    """
    said = []
    for source in shop.sources.values():
        if found := _uneven(shop, source):
            poor, rich, lost = found
            what = f"{poor} lacks the column{'s' * (len(lost) > 1)} {' and '.join(lost)}, which {rich} has: its rows have no such value"
            if source.table is not PURCHASES:
                raise BadInput(
                    f"{what}. Give all files the same header, or deliver it empty if nobody knows it there."
                )
            said.append(f"{what}. If they have another name there, give all files the same header.")
    return tuple(said)


def _uneven(shop: LoadUnderWay, source: Source) -> tuple[Path, Path, list[str]] | None:
    """The first file that lacks columns, one that has the first of them, and which they are, in our words."""
    if len(source.files) < MORE_THAN_ONE:
        return None
    optional = {
        column.name: [name.lower() for name in source.called[column.name]]
        for column in source.table.columns
        if not column.required and column.name in source.called
    }
    held = {path: _columns_of(shop, path) for path in source.files}
    for poor, columns in held.items():
        lost = [ours for ours, theirs in optional.items() if not columns.issuperset(theirs)]
        if lost:
            rich = next(path for path, have in held.items() if have.issuperset(optional[lost[0]]))
            return poor, rich, [ours for ours in lost if held[rich].issuperset(optional[ours])]
    return None


def _columns_of(shop: LoadUnderWay, path: Path) -> set[str]:
    """A file's columns in lower case, with those that its folders name."""
    parts = {part.split("=")[0].lower() for part in path.parts[:-1] if "=" in part}
    if is_csv([path]):
        return parts | {name.lower() for name in read_header(path, shop.declaration.encoding).names}
    described = shop.con.execute(
        f"DESCRIBE FROM read_parquet({quoted(str(path))}, hive_partitioning = false)"
    )
    return parts | {row[0].lower() for row in described.fetchall()}


def lost_columns_in_words(shop: LoadUnderWay) -> tuple[str, ...]:
    """A sentence for each table of a load of everything that lacks what the load in use has."""
    if shop.former or not shop.known:
        return ()
    said = []
    for source in shop.sources.values():
        lost: list[str] = []
        with suppress(duckdb.Error):  # a load that is damaged is there to be replaced
            lost = _lost(shop, shop.known, source)
        if lost:
            said.append(
                f"{_lacks(source, lost)}, of which the load in use has values: from now on nothing of it is known. If it has"
                f" another name now, say so in tables.toml under [{source.table.name}.columns] and load again."
            )
    return tuple(said)


def _lacks(source: Source, lost: list[str]) -> str:
    unread = f" (not read: {', '.join(source.ignored)})" if source.ignored else ""
    return f"{source.place} lacks the column{'s' * (len(lost) > 1)} {' and '.join(lost)}{unread}"


def _lost(shop: LoadUnderWay, stored: Data, source: Source) -> list[str]:
    table = source.table
    missing = [c.name for c in table.columns if not c.required and c.name not in source.columns]
    return [name for name in missing if _has_values(shop, stored, table, name)]


def _has_values(shop: LoadUnderWay, stored: Data, table: Table, column: str) -> bool:
    if column == "merged_into":
        return stored.cards is not None
    if column == "consent":
        return _consents(shop, stored) > 0
    optional = {PROMOTIONS: stored.promotions, ANSWERS: stored.answers, FUNDINGS: stored.fundings}
    if table in optional and optional[table] is None:
        return False
    if table is PURCHASES and column == "unit":
        says = f"unit = 'kg' AND {quoted(shop.declaration.unit)} = 'piece'"
    else:
        says = _SAYS.get(column, f"{name_of(column)} IS NOT NULL")
    relation = _files(stored, table)
    there = {row[0] for row in shop.con.execute(f"DESCRIBE FROM {relation}").fetchall()}
    # Not there in a load of an earlier version, and of VAT or parameters in one that told none.
    if column in {*SHOWN_OF_PRODUCTS, VAT_BP, "parameter"} and column not in there:
        return False
    return bool(shop.con.execute(f"SELECT 1 FROM {relation} WHERE {says} LIMIT 1").fetchall())


def _consents(shop: LoadUnderWay, stored: Data) -> int:
    """How many customers said something, without those whose row was bad: they count as having refused."""
    quarantine = quoted(str(stored.folder / "quarantine.parquet"))
    return shop.count(f"""SELECT count(*) FROM {_files(stored, CUSTOMERS)} WHERE consent IS NOT NULL
        AND (consent OR NOT EXISTS (SELECT 1 FROM read_parquet({quarantine}) WHERE table_name = '{CUSTOMERS.name}'
            AND (trim("row" ->> 'customer_id') = customer_id
                 OR (reason = '{UNREADABLE_LINE}' AND contains("row", customer_id)))))""")


def _files(stored: Data, table: Table) -> str:
    """SQL: the stored rows of an input table."""
    if table is PRODUCTS:
        return f"read_parquet({quoted(str(stored.products))})"
    if table is PROMOTIONS:
        return f"read_parquet({quoted(str(stored.promotions))})"
    if table is FUNDINGS:
        return f"read_parquet({quoted(str(stored.fundings))})"
    if table is ANSWERS:
        return f"read_parquet({quoted(str(stored.answers))})"
    of = stored.purchases if table is PURCHASES else stored.customers
    return (
        f"read_parquet({paths([of(bucket) for bucket in range(stored.buckets)])}, hive_partitioning = false)"
    )
