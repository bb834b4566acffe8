"""How each input column is read: SQL expressions that give null, never an error, for a value that does not fit.

`typed_select` turns a source file into the typed rows that the checks of `models.checks` speak about. Ids are
trimmed text (whole floating point numbers, as pandas writes integer columns with gaps, lose their `.0`).
Times without zone are read in the shop's time zone and zoned ones are converted; both because the
connection's time zone is the shop's. Money is read to four decimal places and rounded once, half away from
zero, to whole minor units (`whole`); quantities are rounded likewise to whole thousandths.
"""

from models.errors import BadInput
from models.sources.declaration import Declaration
from models.sources.files import SourceFile, quoted
from models.tables import PURCHASES, Column, Table

TEXT = frozenset({"VARCHAR", "UUID", "ENUM", "JSON"})
WHOLE = frozenset(f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG", "HUGE")) | {
    "INTEGER",
    "UINTEGER",
}
FLOATS = frozenset({"FLOAT", "DOUBLE"})
NUMBERS = TEXT | WHOLE | FLOATS | {"DECIMAL"}
NAIVE_TIMES = frozenset({"TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S", "DATE"})
# What a Parquet column may hold for each type of the vocabulary; "NULL" is a column without any value.
ACCEPTED = {
    "VARCHAR": (TEXT | WHOLE | FLOATS, "text or whole numbers"),
    "BIGINT": (NUMBERS, "numbers"),
    "DECIMAL(18,4)": (NUMBERS, "numbers"),
    "TIMESTAMPTZ": (TEXT | NAIVE_TIMES | {"TIMESTAMP WITH TIME ZONE"}, "timestamps or ISO 8601 text"),
    "DATE": (TEXT | NAIVE_TIMES, "dates or ISO 8601 text"),
    "BOOLEAN": (TEXT | WHOLE | {"BOOLEAN"}, "true or false"),
}
MONEY = ("paid", "discount", "price", "cost")
ZONE = r":\d\d.*([zZ]|[A-Za-z]{3,}|[+-]\d\d(:?\d\d)?)\s*$"


def whole(expression: str, digits: int) -> str:
    """SQL: a decimal amount below 10^11 as whole units of 10^-digits, rounded once, half away from zero."""
    return f"CAST(round(TRY_CAST({expression} AS DECIMAL(15,4)) * {10**digits}, 0) AS BIGINT)"


def input_columns(table: Table, declaration: Declaration) -> tuple[Column, ...]:
    """The table's columns under the names that the shop's files use for them."""
    if table is not PURCHASES or declaration.quantity == "milli":
        return table.columns
    quantity = Column("quantity", "DECIMAL(18,4)", "pieces or kilograms; negative for a return")
    return tuple(quantity if column.name == "quantity_milli" else column for column in table.columns)


def typed_select(source: SourceFile, declaration: Declaration) -> str:
    """SQL: one typed row for each row of the file; `raw_x` beside each column is what the source held.

    Raises BadInput where a required column is missing or has a type that no reading makes sense of.
    """
    columns = input_columns(source.table, declaration)
    missing = [column.name for column in columns if column.required and column.name not in source.columns]
    if missing:
        found = ", ".join(sorted(source.columns))
        raise BadInput(f"{source.path} lacks the column {' and '.join(missing)}; it has {found}.")
    parts = []
    for column in columns:
        if column.name in source.columns:
            kind = _accepted_type(source, column, declaration)
            parts += [f"{_typed(column, kind, declaration)}", f'"{column.name}" AS raw_{column.name}']
        else:
            parts += [_absent(column, declaration), f"NULL AS raw_{column.name}"]
    return f"SELECT {', '.join(parts)} FROM {source.relation}"


def raw_row(source: SourceFile, declaration: Declaration) -> str:
    """SQL: what the source held in a row, as a JSON object of the columns that were read."""
    names = [c.name for c in input_columns(source.table, declaration) if c.name in source.columns]
    pairs = ", ".join(f"{quoted(name)}, CAST(raw_{name} AS VARCHAR)" for name in names)
    return f"CAST(json_object({pairs}) AS VARCHAR)"


def _accepted_type(source: SourceFile, column: Column, declaration: Declaration) -> str:
    given = source.columns[column.name]
    kind = "ENUM" if given.startswith("ENUM") else "DECIMAL" if given.startswith("DECIMAL") else given
    accepted, wording = ACCEPTED[column.sql_type]
    kind = "VARCHAR" if kind == '"NULL"' else kind
    if kind not in accepted:
        raise BadInput(f"{source.path}: column {column.name} has type {given}; expected {wording}.")
    if column.sql_type == "TIMESTAMPTZ" and kind in NAIVE_TIMES and declaration.times == "zoned":
        raise BadInput(
            f"{source.path}: column {column.name} has times without zone (type {given}), but tables.toml"
            ' declares times = "zoned"; write zoned times or declare times = "local".'
        )
    return kind


def _absent(column: Column, declaration: Declaration) -> str:
    if column.name == "unit":
        return f"{quoted(declaration.unit)} AS unit"
    if column.name == "flags":
        return "'' AS flags"
    if column.name in MONEY:
        return f"CAST(NULL AS BIGINT) AS {column.name}_minor"
    return f"CAST(NULL AS {column.sql_type}) AS {column.name}"


def _typed(column: Column, kind: str, declaration: Declaration) -> str:
    name = f'"{column.name}"'
    if column.sql_type == "TIMESTAMPTZ":
        return _time(column.name, kind, declaration)
    if column.name in MONEY:
        digits = declaration.minor_digits if declaration.money == "decimal" else 0
        return f"{whole(name, digits)} AS {column.name}_minor"
    if column.name == "quantity":
        return f"{whole(name, 3)} AS quantity_milli"
    if column.sql_type != "VARCHAR":
        return f"TRY_CAST({name} AS {column.sql_type}) AS {column.name}"
    defaults = {"unit": f", {quoted(declaration.unit)}", "flags": ", ''"}
    return f"coalesce({_text(name, kind)}{defaults.get(column.name, '')}) AS {column.name}"


def _text(name: str, kind: str) -> str:
    if kind in FLOATS:
        return f"CAST(CASE WHEN {name} = floor({name}) THEN TRY_CAST({name} AS BIGINT) END AS VARCHAR)"
    return f"nullif(trim(CAST({name} AS VARCHAR)), '')" if kind in TEXT else f"CAST({name} AS VARCHAR)"


def _time(name: str, kind: str, declaration: Declaration) -> str:
    moment = f'TRY_CAST("{name}" AS TIMESTAMPTZ)'
    within = "BETWEEN TIMESTAMPTZ '1970-01-01 00:00:00+00' AND TIMESTAMPTZ '2199-12-31 00:00:00+00'"
    checked = f"CASE WHEN {moment} {within} THEN {moment} END AS {name}"
    if declaration.times == "zoned" and kind in TEXT:
        return f"{checked}, regexp_matches(CAST(\"{name}\" AS VARCHAR), '{ZONE}') AS zoned"
    return f"{checked}, true AS zoned"
