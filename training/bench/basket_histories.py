"""A history of baskets becomes a shop folder in our vocabulary, which `models.sources.load` checks like any other.

A history says who bought what in which of their baskets: customer_id, product_id and `basket_no` (whole numbers that
rise from a customer's first basket to their last), `purchased_at` or both. Without `basket_no` a basket is everything
they bought on one day (UTC). Nothing else is read, and no order of the rows matters.

The rule that turns baskets into days: every customer's last basket lies STEP_DAYS before AS_OF, the one before it
STEP_DAYS earlier, and so on. The moment AS_OF is then just before everybody's next basket; the moment n x
STEP_DAYS earlier is where all but everybody's last n baskets are known and the next STEP_DAYS hold exactly one
more; and a window of 28 days is one of four baskets. So rolling calendar cuts become leave-the-last-n-out. The real
day of a basket, that of its first line, is kept beside its place (`training.bench.real_days`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import duckdb

from models.ground.errors import BadInput
from models.ground.moment import Moment, parse_moment
from models.sources.reading.csv_staging import stage_csv
from models.sources.reading.data_folder import quoted
from models.tables import CUSTOMER_ID, PRODUCT_ID, PURCHASES
from training.bench.real_days import SECONDS_OF_DAY

STEP_DAYS = 7
# Any day would do; this one leaves the most room before it, because a load takes times from 1970 to 2199.
AS_OF = "2199-01-01"
MOST_BASKETS = 11_000
MAX_BAD_SHARE = 0.01
TABLES_TOML = f"""\
timezone = "UTC"
currency = "EUR"  # a history has no money, every line is paid with 0
money = "minor"
quantity = "milli"
unit = "piece"
tax = "included"
max_bad_share = {MAX_BAD_SHARE}
"""
# What orders a customer's baskets; a history has one of them or both.
ORDERS = ("basket_no", "purchased_at")
ENDINGS = (".parquet", ".csv", ".csv.gz")
# Ids that another tool reading the same CSV file takes for numbers, and back without loss.
_WHOLE_NUMBER = "0|-?[1-9][0-9]{0,17}"


@dataclass(frozen=True)
class ConvertedHistory:
    """What a history was turned into.

    Attributes:
        customer_type, product_type: DuckDB types of the ids, so that predictions name them as the history did.
        unreadable: lines of a CSV file that could not be split into its columns.
        dated: whether it says the real days of its baskets.
    """

    customer_type: str
    product_type: str
    unreadable: int
    dated: bool


def next_basket_moment() -> Moment:
    """The moment just before everybody's next basket."""
    return parse_moment(AS_OF, "UTC")


def write_shop(history: Path, folder: Path, memory: str = "2GB") -> ConvertedHistory:
    """Write `history` as purchases, products, customers and tables.toml into the new folder `folder`.

    A line that stands in a basket more than once is so many units. Lines without customer, product or basket, or
    with an unreadable time, go on to the load, which sets them aside and refuses too many of them.

    Args:
        history: a Parquet or CSV file.
        folder: is made.
        memory: bounds DuckDB, which spills into the folder beyond it.

    Raises:
        BadInput: there is no such file, a column is missing, neither `basket_no` nor `purchased_at` is there, a
            basket_no is no whole number, a later basket has an earlier day, or a customer has more than MOST_BASKETS
            baskets.
    """
    if not history.is_file():
        raise BadInput(f"There is no file {history}; --history names a Parquet or CSV file.")
    if not history.name.lower().endswith(ENDINGS):
        raise BadInput(f"Expected --history to end in {', '.join(ENDINGS)}, got {history.name!r}.")
    folder.mkdir()
    spill = folder.with_name(f"{folder.name}-spill")
    spill.mkdir()
    with (
        duckdb.connect(config={"memory_limit": memory, "temp_directory": str(spill)}) as con,
        _as_sentence(history),
    ):
        con.execute("SET timezone = 'UTC'")
        relation, unreadable = _open(con, history, spill)
        kinds = _columns(con, relation, history)
        _number_baskets(con, relation, kinds, history)
        _write(con, folder)
        is_text = history.suffix != ".parquet"
        customer_type, product_type = (
            _id_type(con, name, kinds[name], is_text=is_text) for name in (CUSTOMER_ID, PRODUCT_ID)
        )
    rmtree(spill, ignore_errors=True)
    (folder / "tables.toml").write_text(TABLES_TOML, encoding="utf-8")
    return ConvertedHistory(customer_type, product_type, unreadable, "purchased_at" in kinds)


def _open(con: duckdb.DuckDBPyConnection, history: Path, spill: Path) -> tuple[str, int]:
    """SQL that reads the file, and how many of its lines no column could be read from."""
    file, unreadable = history, 0
    if history.suffix != ".parquet":
        con.execute(
            'CREATE TABLE quarantine (table_name VARCHAR, reason VARCHAR, "row" VARCHAR, local_day DATE)'
        )
        (file,) = stage_csv(con, PURCHASES, [history], "utf-8", spill / "staged")
        unreadable = _count(con, "SELECT count(*) FROM quarantine")
    relation = f"read_parquet({quoted(str(file))})"
    rows = _count(con, f"SELECT count(*) FROM {relation}")
    if not rows:
        raise BadInput(f"{history} has no rows; expected at least one purchase.")
    if unreadable > MAX_BAD_SHARE * (rows + unreadable):
        raise BadInput(
            f"{history} has {unreadable:,} lines of {rows + unreadable:,} that have not the header's columns or are"
            f" not in UTF-8; at most {MAX_BAD_SHARE:.0%} may be so."
        )
    return relation, unreadable


def _columns(con: duckdb.DuckDBPyConnection, relation: str, history: Path) -> dict[str, str]:
    """DuckDB's type of each column, checked to be those of a history."""
    kinds = {row[0]: row[1] for row in con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}
    missing = [name for name in (CUSTOMER_ID, PRODUCT_ID) if name not in kinds]
    if missing:
        raise BadInput(f"{history} lacks the column {' and '.join(missing)}; it has {', '.join(kinds)}.")
    if not any(name in kinds for name in ORDERS):
        raise BadInput(
            f"{history} must have basket_no or purchased_at to order a customer's baskets; it has neither among "
            f"{', '.join(kinds)}."
        )
    return kinds


def _number_baskets(
    con: duckdb.DuckDBPyConnection, relation: str, kinds: dict[str, str], history: Path
) -> None:
    """Make `lines`: customer_id, product_id, from_last (1 is the customer's last basket, null if unknown), day.

    `day` is the real one, UTC, of the basket's first line; null where nobody says it.
    """
    day = "NULL::DATE"
    if "purchased_at" in kinds:
        moment = "TRY_CAST(purchased_at AS TIMESTAMPTZ)"
        day = f"CASE WHEN year({moment}) BETWEEN 1970 AND 2199 THEN CAST({moment} AS DATE) END"
    if "basket_no" in kinds:
        odd = con.execute(
            f"""SELECT CAST(basket_no AS VARCHAR) FROM {relation}
            WHERE basket_no IS NOT NULL AND (TRY_CAST(basket_no AS BIGINT) IS NULL
                OR TRY_CAST(basket_no AS DOUBLE) <> TRY_CAST(basket_no AS BIGINT)) LIMIT 1"""
        ).fetchone()
        if odd:
            raise BadInput(
                f"{history}: basket_no {odd[0]!r} is no whole number; expected 1, 2, ... in the order of a customer's baskets."
            )
        basket = "TRY_CAST(basket_no AS BIGINT)"
    else:
        basket = day
    con.execute(
        f"""CREATE TABLE lines AS SELECT customer_id, product_id, basket, CASE WHEN basket IS NOT NULL THEN
            dense_rank() OVER (PARTITION BY customer_id ORDER BY basket DESC NULLS LAST) END AS from_last,
            min(day) OVER (PARTITION BY customer_id, basket) AS day
        FROM (SELECT customer_id, product_id, {basket} AS basket, {day} AS day FROM {relation})"""
    )
    _check_days(con, history)
    longest = con.execute(
        "SELECT customer_id, max(from_last) FROM lines GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
    ).fetchone()
    if longest and longest[1] and longest[1] > MOST_BASKETS:
        raise BadInput(
            f"{history}: customer {longest[0]} has {longest[1]:,} baskets; at most {MOST_BASKETS:,} are read."
        )


def _check_days(con: duckdb.DuckDBPyConnection, history: Path) -> None:
    """Refuse a history whose two clocks contradict each other: nobody could say which of them is right."""
    odd = con.execute(
        """SELECT customer_id, basket, day, before, day_before FROM (
            SELECT customer_id, basket, day, lag(basket) OVER earlier AS before, lag(day) OVER earlier AS day_before
            FROM (SELECT DISTINCT customer_id, basket, day FROM lines WHERE day IS NOT NULL AND basket IS NOT NULL)
            WINDOW earlier AS (PARTITION BY customer_id ORDER BY basket))
        WHERE day < day_before ORDER BY ALL LIMIT 1"""
    ).fetchone()
    if odd:
        customer, basket, day, before, day_before = odd
        raise BadInput(
            f"{history}: basket {basket} of customer {customer} is of {day}, and their basket {before} before it of "
            f"{day_before}; expected days that rise with basket_no. Correct either, or leave one of the two columns out."
        )


def _write(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """The tables of `lines`: one line a purchased unit, every product, every customer."""
    midnight = f"TIMESTAMPTZ '{AS_OF} 00:00:00+00'"
    tables = {
        "purchases": f"""SELECT customer_id, coalesce(from_last, 0) AS basket_id,
                {midnight} - INTERVAL {STEP_DAYS} DAY * from_last + to_seconds({SECONDS_OF_DAY.format(day="day")})
                    AS purchased_at, product_id,
                1000 * count(*) AS quantity_milli, 0 AS paid
            FROM lines GROUP BY ALL""",
        "products": """SELECT DISTINCT product_id, product_id AS name FROM lines WHERE product_id IS NOT NULL""",
        "customers": "SELECT DISTINCT customer_id FROM lines WHERE customer_id IS NOT NULL",
    }
    for name, query in tables.items():
        con.execute(f"COPY ({query}) TO {quoted(str(folder / f'{name}.parquet'))} (FORMAT parquet)")


def _id_type(con: duckdb.DuckDBPyConnection, column: str, kind: str, *, is_text: bool) -> str:
    """The type in which predictions give the ids of a column: as the history has them."""
    if not is_text:
        return kind
    other = con.execute(
        f"SELECT 1 FROM lines WHERE NOT regexp_full_match({column}, '{_WHOLE_NUMBER}') LIMIT 1"
    ).fetchone()
    return "VARCHAR" if other else "BIGINT"


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(con.execute(query).fetchall()[0][0])


@contextmanager
def _as_sentence(history: Path) -> Iterator[None]:
    """What DuckDB finds wrong with the file, as the error a person reads."""
    try:
        yield
    except duckdb.Error as error:
        first = str(error).splitlines()[0].rstrip(".")
        raise BadInput(f"{history} cannot be read as a history: {first}.") from error
