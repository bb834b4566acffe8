"""What tables.toml could say of a folder: a text that the owner reads, corrects and confirms."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from models.ground.currencies import minor_digits
from models.ground.errors import BadInput
from models.sources.proposing.shop_files import TableFiles, find_tables
from models.sources.proposing.shop_words import CURRENCY, TILL, bare
from models.sources.proposing.written_values import (
    TIME_FORMATS,
    Marks,
    booleans_of,
    marks_of,
    signs_of,
    units_of,
)
from models.sources.reading.data_folder import name_of, quoted
from models.sources.reading.declaration import check_declaration
from models.tables import BASKET_ID, LEAST_VAT_BP, MOST_VAT_BP, PRODUCT_ID, VAT_BP

# Different texts of a column that are looked at.
SAMPLE = 20_000
# Money where the shop's zone says which, and nothing in the files does.
_CURRENCIES = {
    "Europe/London": "GBP",
    "Europe/Moscow": "RUB",
    "Europe/Zurich": "CHF",
    "Europe/Prague": "CZK",
    "Europe/Warsaw": "PLN",
    "Europe/Kyiv": "UAH",
    "Europe/Istanbul": "TRY",
    "Asia/Tokyo": "JPY",
    "Asia/Seoul": "KRW",
    "Asia/Kolkata": "INR",
    "Asia/Almaty": "KZT",
    "America/New_York": "USD",
    "America/Chicago": "USD",
    "America/Los_Angeles": "USD",
    "America/Sao_Paulo": "BRL",
}
_MONEY = {
    "purchases": ("paid", "discount"),
    "products": ("price", "cost"),
    "promotions": ("price", "discount"),
    "fundings": ("budget", "unit_cap"),
}
_DATES = {
    "products": ("introduced_on",),
    "customers": ("joined_on", "birth_date"),
    "promotions": ("starts_on", "ends_on"),
    "fundings": ("starts_on", "ends_on"),
}
_BOOLEANS = {"customers": ("consent", "open_complaint"), "promotions": ("mailer", "display")}
_CONFIRM = "CONFIRM: "


@dataclass(frozen=True)
class ProposedTables:
    """The text of tables.toml, and what in it the files did not decide, one sentence each."""

    text: str
    to_confirm: tuple[str, ...]


@dataclass(frozen=True)
class _Key:
    """One key with what it says and why; `sure` is False where the files do not decide it."""

    name: str
    value: object
    why: str
    sure: bool = True


def propose_tables(folder: Path, *, timezone: str, currency: str | None) -> ProposedTables:
    """Read a folder of CSV or Parquet files and propose its tables.toml.

    Args:
        folder: where a shop's tables lie.
        timezone: the shop's zone, as the owner or the machine says.
        currency: ISO 4217, where the owner says it.

    Raises:
        BadInput: purchases or products are not found, two currencies are, or a file cannot be read.
    """
    with TemporaryDirectory(prefix="abonement-init-") as scratch, duckdb.connect() as con:
        try:
            tables, encoding = find_tables(con, folder, Path(scratch))
            keys = [
                _Key("timezone", timezone, "whose days and clock the shop follows", sure=False),
                _currency(con, tables, timezone, currency),
                *_marks(con, tables),
                *_times(con, tables),
                *(
                    []
                    if encoding == "utf-8"
                    else [_Key("encoding", encoding, "of the CSV files", sure=False)]
                ),
                *_ids(con, tables),
            ]
            vat, asked = _vat(con, tables["products"])
            text = "\n".join([*_HEAD, *map(_line, keys), *_sections(con, tables), *vat]) + "\n"
        except duckdb.Error as error:
            raise BadInput(
                f"The files of {folder} could not be read: {str(error).splitlines()[0]}."
            ) from error
    check_declaration(tomllib.loads(text))
    unsure = tuple(f"{key.name} = {_toml(key.value)}; {key.why}" for key in keys if not key.sure)
    return ProposedTables(text, (*unsure, asked))


_HEAD = (
    "# Proposed by `abonement init` from the files beside it; docs/bring-your-data.md explains every key.",
    "# Lines with CONFIRM are what the files do not say: look at each, correct it, and take the word out.",
)


def _line(key: _Key) -> str:
    return f"{key.name} = {_toml(key.value)}".ljust(28) + f"  # {'' if key.sure else _CONFIRM}{key.why}"


def _toml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _texts(con: duckdb.DuckDBPyConnection, found: TableFiles, ours: str) -> list[str]:
    """Different texts of one of our columns; none where it is no text."""
    theirs = found.columns.get(ours)
    if theirs is None or found.kinds[theirs] != "VARCHAR":
        return []
    query = f"SELECT DISTINCT {name_of(theirs)} FROM {found.relation} WHERE {name_of(theirs)} IS NOT NULL LIMIT {SAMPLE}"
    return [row[0] for row in con.execute(query).fetchall()]


def _amounts(con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableFiles]) -> list[str]:
    return [
        text
        for name, columns in _MONEY.items()
        for ours in columns
        if name in tables
        for text in _texts(con, tables[name], ours)
    ]


def _currency(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableFiles], timezone: str, said: str | None
) -> _Key:
    codes: set[str] = set()
    for found in (tables["purchases"], tables["products"]):
        for name in found.kinds:
            if bare(name) in CURRENCY:
                query = f"SELECT DISTINCT upper(trim({name_of(name)})) FROM {found.relation} WHERE {name_of(name)} <> ''"
                codes |= {row[0] for row in con.execute(query).fetchall()}
        if len(codes) > 1:
            raise BadInput(
                f"{found.place} has amounts in {len(codes)} currencies ({', '.join(sorted(codes))}), and one shop is summed"
                " in one: convert them, or keep the lines of each in a folder of its own."
            )
    if said:
        return _Key("currency", said, "as said with --currency")
    if codes:
        return _Key("currency", codes.pop(), "the column that names it has this one value")
    signs = signs_of(_amounts(con, tables))
    if len(signs) == 1:
        return _Key("currency", signs[0], "by the sign beside the amounts", sure=False)
    code = _CURRENCIES.get(timezone, "EUR")
    return _Key("currency", code, f"nothing in the files names it; {_digits_in_words(code)}", sure=False)


def _digits_in_words(code: str) -> str:
    digits = minor_digits(code)
    return f"its amounts have {digits} decimals" if digits else "its amounts have no decimals"


def _marks(con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableFiles]) -> list[_Key]:
    amounts = _amounts(con, tables)
    marks = marks_of([*amounts, *_texts(con, tables["purchases"], "quantity")])
    named = bare(" ".join(tables["purchases"].columns[name] for name in ("paid",)))
    minor = any(word in named for word in ("minor", "cent", "kopek", "pence")) and marks == Marks()
    milli = "quantity_milli" in tables["purchases"].columns
    keys = [
        _Key("money", "minor", "by the column's name: amounts are whole cents", sure=False)
        if minor
        else _Key("money", "decimal", '1.99 is one unit and 99 parts of it; "minor" would be 199'),
        _Key("quantity", "milli" if milli else "decimal", "1500 or 1.5 for one and a half"),
        _Key("unit", "piece", 'of a line that names none; "kg" where everything is weighed'),
        _Key("tax", "included", "whether prices and what is paid include sales tax", sure=False),
        _Key("max_bad_share", 0.01, "above this share of bad rows nothing is loaded"),
    ]
    if marks.decimal != ".":
        keys.append(_Key("decimal_mark", marks.decimal, "as the amounts are written"))
    if marks.thousands:
        keys.append(_Key("thousands_mark", marks.thousands, "as the amounts are written", sure=marks.told))
    return keys


def _times(con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableFiles]) -> list[_Key]:
    keys = []
    moments = [(tables["purchases"], "purchased_at")]
    dates = [(tables[name], ours) for name, columns in _DATES.items() if name in tables for ours in columns]
    for key, columns in (("time_format", moments), ("date_format", dates)):
        written = [found for found in columns if found[1] in found[0].columns and _texts(con, *found)]
        for found, ours in written[:1]:
            fitting = _formats(con, found, ours)
            if fitting:
                doubt = f"; {fitting[1]} would read it too" if len(fitting) > 1 else ""
                why = f"as {found.columns[ours]} is written{doubt}"
                keys.append(_Key(key, fitting[0], why, sure=not doubt))
    return keys


def _formats(con: duckdb.DuckDBPyConnection, found: TableFiles, ours: str) -> list[str]:
    """The formats that read as many texts of a column as any does; none where ISO 8601 reads them."""
    name = f"trim({name_of(found.columns[ours])})"
    tries = ", ".join(f"count(try_strptime({name}, {quoted(letters)}))" for letters in TIME_FORMATS)
    query = f"SELECT count(*), count(TRY_CAST({name} AS TIMESTAMP)), {tries} FROM {found.relation} WHERE {name} <> ''"
    rows, iso, *read = con.execute(query).fetchall()[0]
    best = max(read)
    if best <= iso or best * 2 < rows:
        return []
    return [letters for letters, count in zip(TIME_FORMATS, read, strict=True) if count == best]


def _ids(con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableFiles]) -> list[_Key]:
    """`ids` where lines find their products only, or others find them, as numbers."""
    lines, products = tables["purchases"], tables["products"]
    columns = lines.columns[PRODUCT_ID], products.columns[PRODUCT_ID]
    given, known = (f"trim(CAST({name_of(name)} AS VARCHAR))" for name in columns)
    as_number = "regexp_replace({}, '^0*([0-9]+)(\\.0*)?$', '\\1')"
    counts = con.execute(f"""SELECT
            count(*) FILTER (id NOT IN (SELECT {known} FROM {products.relation})),
            count(*) FILTER (bare NOT IN (SELECT {as_number.format(known)} FROM {products.relation}))
        FROM (SELECT DISTINCT {given} AS id, {as_number.format(given)} AS bare FROM {lines.relation} WHERE {given} <> '')
        """).fetchall()[0]
    if counts[1] < counts[0]:
        return [
            _Key("ids", "numbers", f"0042 and 42 are one: else {counts[0]} products of lines are in no table")
        ]
    return []


def _till(con: duckdb.DuckDBPyConnection, lines: TableFiles) -> str | None:
    """The column of tills where two of one store gave a day's number to two receipts; None where it tells nothing."""
    taken = set(lines.columns.values())
    till = next((name for name in lines.kinds if bare(name) in TILL and name not in taken), None)
    if till is None:
        return None
    # Ten signs are the day in most ways to write a moment; where they are more, fewer receipts look alike.
    day = f"left(CAST({name_of(lines.columns['purchased_at'])} AS VARCHAR), 10)"
    receipt = ", ".join(
        name_of(lines.columns[ours]) for ours in (BASKET_ID, "store_id") if ours in lines.columns
    )
    query = f"SELECT 1 FROM {lines.relation} GROUP BY {day}, {receipt} HAVING count(DISTINCT {name_of(till)}) > 1 LIMIT 1"
    return till if con.execute(query).fetchone() else None


def _sections(con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableFiles]) -> Iterable[str]:
    for name, found in tables.items():
        if found.files:
            yield from ("", f"[{name}]", f"files = {_toml(found.files)}")
        renamed = {ours: theirs for ours, theirs in found.columns.items() if ours != theirs.lower()}
        till = _till(con, found) if name == "purchases" else None
        if till:
            renamed.pop(BASKET_ID, None)
        if renamed or till:
            yield from ("", f"[{name}.columns]  # our name = the shop's name")
            yield from (f"{ours} = {_toml(theirs)}" for ours, theirs in renamed.items())
        if till:
            receipt = [till, found.columns[BASKET_ID]]
            yield f"{BASKET_ID} = {_toml(receipt)}".ljust(28) + "  # the tills of a store count alike"
    units = units_of(_texts(con, tables["purchases"], "unit"))
    if units:
        yield from ("", "[units]")
        yield from (f"{_toml(word)} = {_toml(unit)}" for word, unit in units.items())
    words = [
        text
        for name, columns in _BOOLEANS.items()
        if name in tables
        for ours in columns
        for text in _texts(con, tables[name], ours)
    ]
    known, unknown = booleans_of(words)
    if known or unknown:
        yield from ("", "[booleans]  # what the shop's words say; one without a meaning here is a bad row")
        yield from (f"{_toml(word)} = {_toml(value)}" for word, value in known.items())
        yield from (f"# {_toml(word)} =   # {_CONFIRM}true or false" for word in unknown[:20])


def _vat(con: duckdb.DuckDBPyConnection, products: TableFiles) -> tuple[list[str], str]:
    """The section [vat], and what is to be confirmed of it: commented out where a product's rate is in no column."""
    basis = f'{_CONFIRM}whether the cost of products includes VAT: "included" or "excluded"'
    theirs = products.columns.get(VAT_BP)
    if theirs is not None:
        rate = f"TRY_CAST({name_of(theirs)} AS BIGINT)"
        query = f"""SELECT coalesce(bool_and({rate} IS NOT NULL AND ({rate} = 0 OR {rate} BETWEEN {LEAST_VAT_BP}
            AND {MOST_VAT_BP})), false) FROM {products.relation}"""
        if con.execute(query).fetchall()[0][0]:
            return [
                "",
                "[vat]",
                'cost = "excluded"'.ljust(28) + f"  # {basis}",
            ], 'vat.cost = "excluded"; as usual'
    lines = (
        "",
        f"# {_CONFIRM}no file says the rates of VAT; take the # away, so that margins are net of it",
        "# [vat]",
        '# cost = "excluded"'.ljust(28) + f"  # {basis}",
        "# default_bp = 1900".ljust(28)
        + "  # 19 %; a column vat_bp, [vat.families] or [vat.flags] say another rate",
    )
    return list(lines), "[vat] stands there as a comment; without it margins count no tax"
