"""Whose rows a table holds, declared by the table itself: export, erasure and retention follow from it.

A new table says in its `info` that it is `of_customer` (its columns marked CUSTOMER name them), `part_of` such a table
(found by its one foreign key to it) or `of_nobody`, what an erasure does with the rows and how long they last. In rows
that an erasure keeps, every other column that leads back to the customer is marked `renewed` or `cleared`; a column is
handed out to the customer unless it is a number of ours (type Key) or marked INTERNAL. A test walks all tables for
these marks, and `tests/engine/serving/test_whole_life.py` asks for a life that fills each of them.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import Column, MetaData, Table

from engine.store.schema.column_types import Key

Info = dict[Any, Any]
_NAMING = ("customer", "household")  # a column so called is about somebody


class Erasure(Enum):
    """What becomes of a customer's rows when they are erased."""

    REMOVED = "removed"
    RENAMED = "kept under the pseudonym"  # money was given, or somebody must answer for it
    COUNTED = "kept, and about nobody"
    TOMBSTONE = "names the customer until nothing else does"


class Lasts(Enum):
    """How long rows stay without anybody's erasure."""

    FOR_GOOD = "for good"
    UNTIL_PRUNED = "until pruned, or for good once they were touched"
    UNTIL_TOLD = "until a prune is told how old they may be"
    AS_SHELF = "as long as their run's shelf"


class Clock(Enum):
    """By which clock a row ends: the shop's, which may stand still, or the real one."""

    SHOP = "shop"
    REAL = "real"


class Until(NamedTuple):
    """Rows go some time after the moment in a column: `retention.forget_ended` says how long."""

    column: str
    clock: Clock


@dataclass(frozen=True)
class OfCustomer:
    """A table of customers' rows; see `of_customer`."""

    erased: Erasure
    lasts: Lasts | Until
    unless_given: str | None
    exported: bool


@dataclass(frozen=True)
class PartOf:
    """A table of parts of customers' rows; see `part_of`."""

    parent: str
    erased: Erasure | None
    exported: bool


@dataclass(frozen=True)
class OfNobody:
    """A table without anybody's rows, and what they are about instead."""

    why: str
    lasts: Lasts | Until


Whose = OfCustomer | PartOf | OfNobody


class _Named(Enum):
    WHOLE = "whole"
    AT_END = "at the end, after a slash"


CUSTOMER: Info = {_Named: _Named.WHOLE}
ENDS_WITH_CUSTOMER: Info = {_Named: _Named.AT_END}
INTERNAL: Info = {"internal": True}


def of_customer(
    *, erased: Erasure, lasts: Lasts | Until, unless_given: str | None = None, exported: bool = True
) -> Info:
    """Mark a table whose rows are about the customer that a column marked CUSTOMER names.

    Args:
        erased: what becomes of the rows.
        lasts: how long they stay otherwise.
        unless_given: a column `table.column` of the customer's ledger; rows that it names stay under the pseudonym.
        exported: False where the rows are ready-made from others, or no data of the customer.
    """
    return {Whose: OfCustomer(erased, lasts, unless_given, exported)}


def part_of(parent: str, *, erased: Erasure | None = None, exported: bool = True) -> Info:
    """Mark a table whose rows belong to rows of `parent`: they go and stay with them, unless `erased` says otherwise."""
    return {Whose: PartOf(parent, erased, exported)}


def of_nobody(why: str, *, lasts: Lasts | Until) -> Info:
    """Mark a table that holds nothing of any customer, and say what it holds."""
    return {Whose: OfNobody(why, lasts)}


def renewed(kind: str) -> Info:
    """Mark a name that may be derived from the customer's id: an erasure gives a random one, `kind` before it."""
    return {"renewed": kind}


def cleared(to: str | None = None) -> Info:
    """Mark what else leads back to the customer: an erasure writes this instead."""
    return {"cleared": to}


def whose(table: Table) -> Whose:
    """What a table declares; KeyError where it declares nothing."""
    found: Whose = table.info[Whose]
    return found


def parent_of(table: Table) -> tuple[Column[Any], Column[Any]]:
    """The column by which a part refers to its parent, and the column there."""
    mark = whose(table)
    (found,) = (key for key in table.foreign_keys if isinstance(mark, PartOf) and _table(key) == mark.parent)
    return found.parent, found.column


def parts_of(table: Table) -> tuple[Table, ...]:
    """All tables of parts of a table's rows, and of their parts, the parts of parts first."""
    return tuple(
        one
        for one in reversed(table.metadata.sorted_tables)
        if isinstance(whose(one), PartOf) and table in _parents(one)
    )


def erasure_of(table: Table) -> Erasure | None:
    """What an erasure does with a table's rows, also where its parent says so; None for a table of nobody."""
    mark = whose(table)
    if isinstance(mark, OfNobody):
        return None
    if isinstance(mark, PartOf):
        return mark.erased or erasure_of(table.metadata.tables[mark.parent])
    return mark.erased


def lasts_of(table: Table) -> Lasts | Until:
    """How long a table's rows stay, also where its parent says so."""
    mark = whose(table)
    return lasts_of(table.metadata.tables[mark.parent]) if isinstance(mark, PartOf) else mark.lasts


def names_whole(column: Column[Any]) -> bool:
    """The column is a customer's id."""
    return column.info.get(_Named) is _Named.WHOLE


def names_at_end(column: Column[Any]) -> bool:
    """The column is a text that may end with a slash and a customer's id."""
    return column.info.get(_Named) is _Named.AT_END


def handed_out(table: Table) -> tuple[Column[Any], ...]:
    """The columns of a table that a customer gets with their data; none where the table is not exported."""
    mark = whose(table)
    if isinstance(mark, OfNobody) or not mark.exported:
        return ()
    return tuple(column for column in table.c if column.type is not Key and "internal" not in column.info)


def forgotten(schema: MetaData) -> list[str]:
    """What the tables of a schema fail to say, in sentences that begin with the table's name."""
    return [f"{table.name}{said}" for table in schema.sorted_tables for said in _forgotten(table)]


def _forgotten(table: Table) -> list[str]:
    mark = table.info.get(Whose)
    named = [column for column in table.c if _Named in column.info]
    if mark is None:
        return [" says nothing of whose rows it holds"]
    said = [
        f".{column.name} is not marked as CUSTOMER"
        for column in table.c
        if any(word in column.name for word in _NAMING) and column not in named
    ]
    if isinstance(mark, OfNobody):
        said += [" is of nobody and names customers"] if named else []
        said += [
            f" is of nobody and refers to {_table(key)}, which is of customers"
            for key in table.foreign_keys
            if not isinstance(key.column.table.info.get(Whose), OfNobody | None)
        ]
    elif isinstance(mark, PartOf):
        if [_table(key) for key in table.foreign_keys].count(mark.parent) != 1:
            said.append(f" is part of {mark.parent} and has not one foreign key to it")
    elif not named:
        said.append(" is of customers and no column names them")
    return said


def _parents(table: Table) -> list[Table]:
    mark = whose(table)
    if not isinstance(mark, PartOf):
        return []
    parent = table.metadata.tables[mark.parent]
    return [parent, *_parents(parent)]


def _table(key: Any) -> str:
    return str(key.column.table.name)
