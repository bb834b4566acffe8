"""How this shop's words become ours: the optional sections of `tables.toml`.

[purchases]                       # likewise [products], [customers], [answers], [promotions], [fundings]
files = "sales/**/*.parquet"      # in a folder: a file, a folder or a pattern; without it purchases.* or purchases/
table = "dwh.sales_lines"         # in a database: a table, or
query = "SELECT ..."              # a query; without both the table called purchases
resume_by = "line_id"             # in a database: a unique column that only grows; a broken-off reading goes on after it
complete = true                   # products, customers, promotions, fundings: what is not in the table is gone (docs/bring-your-data.md)

[purchases.columns]               # our name = the shop's name
customer_id = "card_number"
basket_id = ["till", "receipt"]   # a receipt's number that only several columns together make unique

[units]                           # the shop's word = "piece", "kg" or "g"
ST = "piece"

[flags]                           # the shop's word = one of our flags, or "" for a word without meaning here
ALC = "alcohol"

[booleans]                        # the shop's word = true or false
J = true

[currencies]                      # what the column currency holds = the declared currency
"€" = "EUR"
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.ground.errors import BadInput
from models.tables import INPUT_TABLES, PRODUCT_FLAGS, PURCHASES, Table

# The columns of ours that several of the shop's may make up together.
MAY_BE_COMPOSITE = ("basket_id",)
# Read to be compared with the declared currency, and kept nowhere.
CURRENCY = "currency"
HAVE_CURRENCY = ("purchases", "products")
UNITS = ("piece", "kg", "g")
SECTIONS = (*(table.name for table in INPUT_TABLES), "units", "flags", "booleans", "currencies")
WHERE_KEYS = ("files", "table", "query", "resume_by")
MAY_BE_COMPLETE = ("products", "customers", "promotions", "fundings")


@dataclass(frozen=True)
class TableWords:
    """Where one table lies and what the shop calls its columns; None and empty mean our own names.

    A column of MAY_BE_COMPOSITE may have several names: its value is theirs, one after the other.
    """

    files: str | None = None
    table: str | None = None
    query: str | None = None
    resume_by: str | None = None
    complete: bool = False
    columns: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Vocabulary:
    """The shop's words, keyed by table name and, for values, by the word in lower case."""

    tables: Mapping[str, TableWords] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, str] = field(default_factory=dict)
    booleans: Mapping[str, bool] = field(default_factory=dict)
    currencies: Mapping[str, str] = field(default_factory=dict)

    def of(self, table: str) -> TableWords:
        """What was declared for a table."""
        return self.tables.get(table, TableWords())


def our_columns(table: Table) -> tuple[str, ...]:
    """The names of ours that a column of a shop's table may have: the table's, and those that are read beside them."""
    return (
        *table.names,
        *(["quantity"] if table is PURCHASES else []),
        *([CURRENCY] if table.name in HAVE_CURRENCY else []),
    )


def check_vocabulary(sections: Mapping[str, Any], where: str, currency: str) -> Vocabulary:
    """Turn the sections of tables.toml into a Vocabulary; raises BadInput at the first entry that is wrong."""
    for name, section in sections.items():
        if not isinstance(section, dict):
            raise BadInput(f"{where}: {name} = {section!r} is not allowed; expected a section [{name}].")
    tables = {t.name: _table(t, sections[t.name], where) for t in INPUT_TABLES if t.name in sections}
    return Vocabulary(
        tables,
        _words("units", sections, UNITS, where),
        _words("flags", sections, (*PRODUCT_FLAGS, ""), where),
        _words("booleans", sections, (True, False), where),
        _words("currencies", sections, (currency,), where),
    )


def _table(table: Table, section: Mapping[str, Any], where: str) -> TableWords:
    allowed = (*WHERE_KEYS, "columns", *(["complete"] if table.name in MAY_BE_COMPLETE else []))
    for key, value in section.items():
        name = f"[{table.name}] {key}"
        if key not in allowed:
            raise BadInput(f"{where}: unknown key {name}; expected only {', '.join(allowed)}.")
        if key in WHERE_KEYS and not (isinstance(value, str) and value.strip()):
            raise BadInput(f"{where}: {name} = {value!r} is not allowed; expected text.")
        if key == "complete" and not isinstance(value, bool):
            raise BadInput(f"{where}: {name} = {value!r} is not allowed; expected true or false.")
    if "table" in section and "query" in section:
        raise BadInput(f"{where}: [{table.name}] names both a table and a query; keep one of them.")
    columns = section.get("columns", {})
    known = our_columns(table)
    if not isinstance(columns, dict):
        raise BadInput(f"{where}: [{table.name}] columns must be a section [{table.name}.columns].")
    for ours, theirs in columns.items():
        if ours not in known:
            raise BadInput(
                f"{where}: [{table.name}.columns] has {ours!r}, which is no column of ours;"
                f" expected {', '.join(known)} on the left and the shop's name on the right."
            )
        several = ours in MAY_BE_COMPOSITE and isinstance(theirs, list) and theirs
        names = theirs if several else [theirs]
        if not all(isinstance(name, str) and name for name in names) or _repeats(names):
            expected = "text, or a list of different column names" if ours in MAY_BE_COMPOSITE else "text"
            raise BadInput(
                f"{where}: [{table.name}.columns] {ours} = {theirs!r} is not allowed; expected {expected}."
            )
    named = {ours: tuple(theirs) if isinstance(theirs, list) else theirs for ours, theirs in columns.items()}
    return TableWords(**{**section, "columns": named})


def _repeats(names: Iterable[object]) -> bool:
    lower = [str(name).lower() for name in names]
    return len(set(lower)) < len(lower)


def _words(name: str, sections: Mapping[str, Any], allowed: tuple[object, ...], where: str) -> dict[str, Any]:
    words = {}
    for word, meaning in sections.get(name, {}).items():
        if not any(
            meaning is choice or (isinstance(meaning, str) and meaning == choice) for choice in allowed
        ):
            choices = ", ".join(repr(choice) for choice in allowed)
            raise BadInput(
                f"{where}: [{name}] {word} = {meaning!r} is not allowed; expected one of {choices}."
            )
        words[word.strip().lower()] = meaning
    return words
