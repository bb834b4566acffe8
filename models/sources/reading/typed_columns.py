"""How each input column is read: SQL expressions that give null, never an error, for a value that does not fit.

`typed_select` turns a source into the typed rows that the checks of `models.tables.row_checks` speak about. Ids are trimmed
text (whole floating point numbers, as pandas writes integer columns with gaps, lose their `.0`). Times without
zone are read in the shop's time zone, or the one declared for them, and zoned ones are converted; an hour that the
autumn change of clocks repeats is read as the later of the two, one that the spring change skips as the hour after
it. Money is read to four decimal places and rounded once, half away from zero, to whole minor units (`whole`);
quantities are rounded likewise to whole thousandths. Numbers written as text may have blanks around them, also such as
do not break, and say that they are negative as accountants and mainframes do: `(2.99)`, `2.99-`.
"""

import re
from collections.abc import Mapping

from models.ground.errors import BadInput
from models.ground.shop_ids import NUMBER_PATTERN
from models.sources.reading.data_folder import BETWEEN_PARTS, Source, quoted
from models.sources.reading.declaration import Declaration
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
IDS = ("customer_id", "basket_id", "product_id", "store_id", "household_id", "merged_into")
MONEY = ("paid", "discount", "price", "cost", "budget", "unit_cap")
# As large as a decimal quantity can be; beyond it, sums of thousandths leave 64 bits.
LARGEST_MILLI = 10**14
# How a number is padded and grouped by programs: also with spaces that do not break.
BLANKS = " \t\r\u00a0\u2007\u202f"
# The signs that stand for what tables.toml declares as thousands_mark.
GROUPS = {" ": "[ \u00a0\u2007\u202f]", "'": "['\u2019]"}
_DIGITS = "([0-9.,][^()\u2212-]*?)"
_MINUS = "[\u2212-]"
NEGATIVE = (
    rf"^(?:\([{BLANKS}]*{_DIGITS}[{BLANKS}]*\)|{_DIGITS}[{BLANKS}]*{_MINUS}|{_MINUS}[{BLANKS}]*{_DIGITS})$"
)
ZONE = r":\d\d.*([zZ]|[A-Za-z]{3,}|[+-]\d\d(:?\d\d)?)\s*$"


def whole(expression: str, digits: int) -> str:
    """SQL: a decimal amount below 10^11 as whole units of 10^-digits, rounded once, half away from zero."""
    return f"CAST(round(TRY_CAST({expression} AS DECIMAL(15,4)) * {10**digits}, 0) AS BIGINT)"


def input_columns(table: Table, declaration: Declaration) -> tuple[Column, ...]:
    """The table's columns as the declaration says they come: a decimal `quantity` instead of thousandths."""
    if table is not PURCHASES or declaration.quantity == "milli":
        return table.columns
    quantity = Column("quantity", "DECIMAL(18,4)", "pieces or kilograms; negative for a return")
    return tuple(quantity if column.name == "quantity_milli" else column for column in table.columns)


def typed_select(source: Source, declaration: Declaration) -> str:
    """SQL: one typed row for each row of the source; `raw_x` beside each column is what the source held.

    Purchases keep `file_no` and `row_no`: in which file they lay, and where in it.

    Raises BadInput where a required column is missing or has a type that no reading makes sense of.
    """
    columns = input_columns(source.table, declaration)
    missing = [column.name for column in columns if column.required and column.name not in source.columns]
    if missing:
        found = ", ".join(sorted((*source.columns, *source.ignored)))
        raise BadInput(
            f"{source.place} lacks the column {' and '.join(missing)}; it has {found}. Name the shop's column in"
            f" tables.toml under [{source.table.name}.columns] if it is there under another name."
        )
    kinds = {c.name: _accepted_type(source, c, declaration) for c in columns if c.name in source.columns}
    parts = []
    for column in columns:
        if column.name in kinds:
            parts += [_typed(column, kinds, declaration), f'"{column.name}" AS raw_{column.name}']
        else:
            parts += [_absent(source.table, column, declaration), f"NULL AS raw_{column.name}"]
    if source.table is PURCHASES:
        parts += ["file_no", "row_no"]
    return f"SELECT {', '.join(parts)} FROM {source.relation}"


def raw_row(source: Source, declaration: Declaration) -> str:
    """SQL: what the source held in a row, as a JSON object of the columns that were read."""
    names = [c.name for c in input_columns(source.table, declaration) if c.name in source.columns]
    pairs = ", ".join(f"{quoted(name)}, CAST(raw_{name} AS VARCHAR)" for name in names)
    return f"CAST(json_object({pairs}) AS VARCHAR)"


def flag_word(declaration: Declaration) -> str:
    """SQL: our word for `flag`, which is trimmed and in lower case; an unknown word stays."""
    return _translated("flag", declaration.vocabulary.flags, "flag")


def _accepted_type(source: Source, column: Column, declaration: Declaration) -> str:
    given = source.columns[column.name]
    kind = "ENUM" if given.startswith("ENUM") else "DECIMAL" if given.startswith("DECIMAL") else given
    accepted, wording = ACCEPTED[column.sql_type]
    kind = "VARCHAR" if kind == '"NULL"' else kind
    if kind not in accepted and not (column.name in IDS and kind == "DECIMAL" and given.endswith(",0)")):
        raise BadInput(f"{source.place}: column {column.name} has type {given}; expected {wording}.")
    if column.sql_type == "TIMESTAMPTZ" and kind in NAIVE_TIMES and declaration.times == "zoned":
        raise BadInput(
            f"{source.place}: column {column.name} has times without zone (type {given}), but tables.toml"
            ' declares times = "zoned"; write zoned times or declare times = "local".'
        )
    return kind


def _absent(table: Table, column: Column, declaration: Declaration) -> str:
    if column.name == "unit" and table is PURCHASES:
        return f"{quoted(declaration.unit)} AS unit"
    if column.name == "flags":
        return "'' AS flags"
    if column.name in MONEY:
        return f"CAST(NULL AS BIGINT) AS {column.name}_minor"
    return f"CAST(NULL AS {column.sql_type}) AS {column.name}"


def _typed(column: Column, kinds: Mapping[str, str], declaration: Declaration) -> str:
    kind = kinds[column.name]
    if column.sql_type == "TIMESTAMPTZ":
        return _time(column.name, kind, declaration)
    if column.name in MONEY:
        return f"{_money(column.name, kind, declaration)} AS {column.name}_minor"
    if column.name in {"quantity", "quantity_milli"}:
        return f"{_quantity(column, kinds, declaration)} AS quantity_milli"
    return f"{_value(column, kind, declaration)} AS {column.name}"


def _value(column: Column, kind: str, declaration: Declaration) -> str:
    name = f'"{column.name}"'
    if column.name == "unit":
        unit = _unit(kind, declaration)
        return f"CASE {unit} WHEN 'g' THEN 'kg' ELSE {unit} END"
    if column.sql_type == "BOOLEAN":
        word = f"lower(trim(CAST({name} AS VARCHAR)))"
        plain = f"TRY_CAST({name} AS BOOLEAN)"
        # Any other number would be true.
        known = f"CASE WHEN {name} IN (0, 1) THEN {plain} END" if kind in WHOLE else plain
        return _translated(word, declaration.vocabulary.booleans, known)
    if column.sql_type == "DATE":
        return _date(name, kind, declaration)
    if column.sql_type == "BIGINT":
        return f"TRY_CAST({_number(name, kind, declaration, 'BIGINT')} AS BIGINT)"
    default = ", ''" if column.name == "flags" else ""
    return f"coalesce({_text(column.name, kind, declaration)}{default})"


def _money(name: str, kind: str, declaration: Declaration) -> str:
    digits = declaration.minor_digits if declaration.money == "decimal" else 0
    return whole(_number(f'"{name}"', kind, declaration, "DECIMAL(15,4)"), digits)


def _text(column: str, kind: str, declaration: Declaration) -> str:
    name = f'"{column}"'
    if kind in FLOATS:
        return f"CAST(CASE WHEN {name} = floor({name}) THEN TRY_CAST({name} AS BIGINT) END AS VARCHAR)"
    if kind not in TEXT:
        return f"CAST({name} AS VARCHAR)"
    # Trimming walks through the text; asking whether that is needed does not.
    given = f"CAST({name} AS VARCHAR)"
    padded = f"starts_with({given}, ' ') OR ends_with({given}, ' ') OR {given} = ''"
    text = f"CASE WHEN {padded} THEN nullif(trim({given}), '') ELSE {given} END"
    if column in IDS and declaration.ids == "numbers":
        if isinstance(declaration.vocabulary.of(PURCHASES.name).columns.get(column), tuple):
            part = f"lambda part: {_bare_number('part')}"
            listed = f"list_transform(string_split({text}, '{BETWEEN_PARTS}'), {part})"
            return f"array_to_string({listed}, '{BETWEEN_PARTS}')"
        return _bare_number(text)
    return text


def _bare_number(text: str) -> str:
    """What `models.ground.shop_ids.bare_number` gives, as SQL."""
    return f"regexp_replace({text}, '{NUMBER_PATTERN}', '\\1')"


def _number(name: str, kind: str, declaration: Declaration, sql_type: str) -> str:
    """A number as something that casts to `sql_type`; text is read with the shop's marks."""
    if kind not in TEXT:
        return name
    # What is written as SQL writes it, which is nearly everything, is asked for nothing more.
    plain = _plain(f"CAST({name} AS VARCHAR)", declaration)
    bare = f"trim(CAST({name} AS VARCHAR), {quoted(BLANKS)})"
    negative = _plain(f"regexp_replace({bare}, {quoted(NEGATIVE)}, '-\\1\\2\\3')", declaration)
    return f"coalesce(TRY_CAST({plain} AS {sql_type}), TRY_CAST({negative} AS {sql_type}))"


def _plain(text: str, declaration: Declaration) -> str:
    """Text with the shop's marks in SQL's form; null where it is no such number."""
    point, group = declaration.decimal_mark, declaration.thousands_mark
    if point == "." and not group:
        return text
    bare = f"trim({text})"
    plain = (
        f"regexp_replace({bare}, {quoted(GROUPS.get(group, re.escape(group)))}, '', 'g')" if group else bare
    )
    pattern = quoted(number_pattern(point, group))
    return f"CASE WHEN regexp_full_match({bare}, {pattern}) THEN replace({plain}, {quoted(point)}, '.') END"


def number_pattern(point: str, group: str) -> str:
    """How a number looks that is written with these marks, as Python and RE2 (DuckDB) read it."""
    grouped = f"|[0-9]{{1,3}}({GROUPS.get(group, re.escape(group))}[0-9]{{3}})+" if group else ""
    return f"[+-]?([0-9]+{grouped})?({re.escape(point)}[0-9]*)?"


def _quantity(column: Column, kinds: Mapping[str, str], declaration: Declaration) -> str:
    name, kind = f'"{column.name}"', kinds[column.name]
    if column.name == "quantity_milli":
        quantity = f"TRY_CAST({_number(name, kind, declaration, 'BIGINT')} AS BIGINT)"
        thousandths = f"TRY_CAST({_number(name, kind, declaration, 'DECIMAL(18,0)')} AS DECIMAL(18,0))"
        grams = f"CAST(round({thousandths} / 1000, 0) AS BIGINT)"
    else:
        number = _number(name, kind, declaration, "DECIMAL(15,4)")
        quantity, grams = whole(number, 3), whole(number, 0)
    if "unit" in kinds:
        quantity = f"(CASE WHEN {_unit(kinds['unit'], declaration)} = 'g' THEN {grams} ELSE {quantity} END)"
    if column.name == "quantity_milli":  # a decimal is bounded by its type
        quantity = f"(CASE WHEN {quantity} BETWEEN -{LARGEST_MILLI} AND {LARGEST_MILLI} THEN {quantity} END)"
    return quantity


def _unit(kind: str, declaration: Declaration) -> str:
    text = _text("unit", kind, declaration)
    words = {word: word for word in ("piece", "kg", "g")} | dict(declaration.vocabulary.units)
    translated = _translated(f"lower({text})", words, text)
    return f"CASE WHEN {text} IN ('piece', 'kg') THEN {text} ELSE coalesce({translated}, {quoted(declaration.unit)}) END"


def _translated(word: str, words: Mapping[str, str | bool], otherwise: str) -> str:
    if not words:
        return otherwise
    cases = " ".join(
        f"WHEN {quoted(theirs)} THEN {ours if isinstance(ours, bool) else quoted(ours)}"
        for theirs, ours in words.items()
    )
    return f"CASE {word} {cases} ELSE {otherwise} END"


def _date(name: str, kind: str, declaration: Declaration) -> str:
    date = f"TRY_CAST({name} AS DATE)"
    if kind in TEXT and declaration.date_format:
        date = f"CAST(try_strptime(trim(CAST({name} AS VARCHAR)), {quoted(declaration.date_format)}) AS DATE)"
    # DuckDB and PostgreSQL know infinity and the years before Christ; what reads the load does not.
    return f"CASE WHEN {date} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN {date} END"


def _time(column: str, kind: str, declaration: Declaration) -> str:
    moment = _moment(f'"{column}"', kind, declaration)
    within = "BETWEEN TIMESTAMPTZ '1970-01-01 00:00:00+00' AND TIMESTAMPTZ '2199-12-31 00:00:00+00'"
    checked = f"CASE WHEN {moment} {within} THEN {moment} END AS {column}"
    if declaration.times == "zoned" and kind in TEXT:
        if declaration.time_format:
            return f"{checked}, {str('%z' in declaration.time_format.lower()).lower()} AS zoned"
        return f"{checked}, regexp_matches(CAST(\"{column}\" AS VARCHAR), '{ZONE}') AS zoned"
    return f"{checked}, true AS zoned"


def _moment(name: str, kind: str, declaration: Declaration) -> str:
    zone = declaration.times_zone or declaration.timezone
    if kind in NAIVE_TIMES:
        return _from_naive(f"CAST({name} AS TIMESTAMP)", zone, declaration)
    if kind not in TEXT:
        return f"TRY_CAST({name} AS TIMESTAMPTZ)"
    text = f"trim(CAST({name} AS VARCHAR))"
    if declaration.time_format:
        parsed = f"try_strptime({text}, {quoted(declaration.time_format)})"
        if "%z" in declaration.time_format.lower():
            return f"CAST({parsed} AS TIMESTAMPTZ)"
        return _from_naive(parsed, zone, declaration)
    if zone == declaration.timezone:
        return f"TRY_CAST({text} AS TIMESTAMPTZ)"
    naive = _from_naive(f"TRY_CAST({text} AS TIMESTAMP)", zone, declaration)
    return f"CASE WHEN regexp_matches({text}, '{ZONE}') THEN TRY_CAST({text} AS TIMESTAMPTZ) ELSE {naive} END"


def _from_naive(naive: str, zone: str, declaration: Declaration) -> str:
    if zone in {"UTC", "Etc/UTC"}:  # the same as below at a fraction of the cost
        return f"make_timestamptz(epoch_us({naive}))"
    if zone == declaration.timezone:  # the connection's zone
        return f"CAST({naive} AS TIMESTAMPTZ)"
    return f"timezone({quoted(zone)}, {naive})"
