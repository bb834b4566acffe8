"""A load from beginning to end: dictionaries, one pass over all lines, each bucket sorted, counted, published."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree

import duckdb

from models.checks import meaning
from models.errors import BadInput, CannotWrite
from models.sources.declaration import Declaration, read_declaration
from models.sources.dictionaries import (
    Shop,
    keep_answers,
    number_customers,
    number_products,
    prepare_quarantine,
)
from models.sources.files import find_file, quoted
from models.sources.lines import sort_lines, write_bucket
from models.sources.publish import incoming_load, next_load_id, publish
from models.sources.stored import (
    LoadSummary,
    TableCounts,
    bucket_file,
    fingerprint,
    sha256,
    write_manifest,
)
from models.tables import ANSWERS, CUSTOMERS, PRODUCTS, PURCHASES

# What an operating system says where a file cannot be written, as DuckDB repeats it.
_UNWRITABLE = (
    "No space left on device",
    "Disk quota exceeded",
    "File too large",
    "Read-only file system",
    "Permission denied",
    "Not a directory",
)
Progress = Callable[[str, int, int], None]  # what is being done, steps done, steps in all


def silent(_what: str, _done: int, _total: int) -> None:
    """Report no progress."""


def load(
    source: Path,
    workspace: Path,
    *,
    buckets: int | None = None,
    memory: str = "2GB",
    threads: int | None = None,
    progress: Progress = silent,
    wait_seconds: float = 0,
) -> LoadSummary:
    """Check the tables of `source` and make them the current data of `workspace`.

    `buckets` None means one for every 1,000 customers, `threads` None all cores. `memory` bounds DuckDB,
    which spills into the workspace beyond it. `wait_seconds` is how long to wait while another process writes into
    the workspace; then Busy is raised. Raises BadInput, and nothing changes, for a file, column or
    value that is not what was expected and for a share of bad rows above the declared one (the bad rows then
    lie in data/quarantine-rejected.parquet); CannotWrite where disk or memory do not suffice.
    """
    declaration = read_declaration(source)
    if buckets is not None and buckets < 1:
        raise BadInput(f"buckets = {buckets} is not allowed; expected at least 1.")
    workers = threads or os.cpu_count() or 1
    with (
        incoming_load(workspace, wait_seconds=wait_seconds) as folder,
        _as_sentences(workspace),
        _connect(folder, declaration, memory, workers) as con,
    ):
        tables = (PURCHASES, PRODUCTS, CUSTOMERS, ANSWERS)
        found = {t.name: find_file(con, source, t, optional=t in (CUSTOMERS, ANSWERS)) for t in tables}
        shop = Shop(con, folder, declaration, {name: file for name, file in found.items() if file})
        total = _read(shop, buckets, progress)
        _write_buckets(shop, total, workers, progress)
        counts = _count(shop)
        _write_quarantine(shop, counts, workspace)
        summary = _describe(shop, total, counts)
        con.close()
        rmtree(folder / "spill", ignore_errors=True)
        publish(folder, workspace)
        return summary


def _read(shop: Shop, buckets: int | None, progress: Progress) -> int:
    progress("reading products and customers", 0, 2)
    prepare_quarantine(shop)
    number_products(shop)
    keep_answers(shop)
    total = number_customers(shop, buckets)
    progress("reading purchases", 1, 2)
    sort_lines(shop)
    progress("reading purchases", 2, 2)
    return total


def _write_buckets(shop: Shop, total: int, workers: int, progress: Progress) -> None:
    for name in ("purchases", "customers"):
        (shop.folder / name).mkdir()

    def write(bucket: int) -> None:
        with shop.cursor() as con:
            write_bucket(shop, con, bucket)

    with ThreadPoolExecutor(max_workers=workers) as pool:
        for done, _ in enumerate(pool.map(write, range(total)), start=1):
            progress("writing buckets", done, total)


def _count(shop: Shop) -> dict[str, TableCounts]:
    kept = {
        "purchases": f"SELECT count(*) FROM {_all_purchases(shop)}",
        "products": "SELECT count(*) FROM shelf",
        "customers": "SELECT count(*) FROM people WHERE listed",
        "answers": "SELECT count(*) FROM good_answers",
    }
    counts = {}
    for name in shop.files:
        bad = shop.con.execute(
            "SELECT reason, count(*) FROM quarantine WHERE table_name = ? GROUP BY 1 ORDER BY 1", [name]
        ).fetchall()
        good = shop.count(kept[name])
        counts[name] = TableCounts(good + sum(number for _, number in bad), good, dict(bad))
    return counts


def _write_quarantine(shop: Shop, counts: dict[str, TableCounts], workspace: Path) -> None:
    """Write the bad rows; where a table has too many, leave them in the workspace and refuse the load."""
    path = shop.folder / "quarantine.parquet"
    shop.con.execute(f"COPY (SELECT * FROM quarantine ORDER BY ALL) TO {quoted(str(path))} (FORMAT parquet)")
    allowed = shop.declaration.max_bad_share
    rejected = workspace / "data" / "quarantine-rejected.parquet"
    for name, table in counts.items():
        bad = table.rows - table.kept
        if bad > allowed * table.rows or (name in {"purchases", "products"} and table.kept == 0):
            path.replace(rejected)
            reasons = "; ".join(
                f"{number:,} {reason} ({meaning(reason)})" for reason, number in table.quarantined.items()
            )
            raise BadInput(
                f"{shop.files[name].path}: {bad:,} of {table.rows:,} rows are bad ({bad / table.rows:.2%}), more"
                f" than max_bad_share = {allowed:g} allows: {reasons}. Every bad row with its reason stands in"
                f" {rejected}; correct the file, or raise max_bad_share in tables.toml, and load again."
            )
    rejected.unlink(missing_ok=True)


def _describe(shop: Shop, buckets: int, counts: dict[str, TableCounts]) -> LoadSummary:
    first, last = shop.con.execute(
        f"SELECT epoch_us(min(purchased_at)), epoch_us(max(purchased_at)) FROM {_all_purchases(shop)}"
    ).fetchall()[0]
    names = ["products.parquet", "quarantine.parquet"]
    names += ["answers.parquet"] if "answers" in shop.files else []
    names += [bucket_file(table, b) for table in ("customers", "purchases") for b in range(buckets)]
    files = {name: sha256(shop.folder / name) for name in names}
    customers = quoted(str(shop.folder / "customers" / "*.parquet"))
    declaration = shop.declaration
    summary = LoadSummary(
        load_id=next_load_id(shop.folder),
        fingerprint=fingerprint(files, declaration.timezone, declaration.currency),
        timezone=declaration.timezone,
        currency=declaration.currency,
        buckets=buckets,
        customers=shop.count(f"SELECT count(*) FROM read_parquet({customers}, hive_partitioning = false)"),
        products=counts["products"].kept,
        lines=counts["purchases"].kept,
        first_purchased_at=_iso(first),
        last_purchased_at=_iso(last),
        tables=counts,
        ignored_columns={name: file.ignored for name, file in shop.files.items() if file.ignored},
    )
    write_manifest(shop.folder, summary, files)
    return summary


def _iso(microseconds: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)).isoformat()


def _all_purchases(shop: Shop) -> str:
    files = quoted(str(shop.folder / "purchases" / "*.parquet"))
    return f"read_parquet({files}, hive_partitioning = false)"


@contextmanager
def _connect(
    folder: Path, declaration: Declaration, memory: str, threads: int
) -> Iterator[duckdb.DuckDBPyConnection]:
    spill = folder / "spill"
    spill.mkdir()
    try:
        con = duckdb.connect(
            config={"memory_limit": memory, "threads": threads, "temp_directory": str(spill)}
        )
    except duckdb.Error as error:
        raise BadInput(
            f"memory = {memory!r} is not allowed; expected a size such as 2GB ({error})."
        ) from None
    with con:
        con.execute(f"SET TimeZone = {quoted(declaration.timezone)}")
        yield con


@contextmanager
def _as_sentences(workspace: Path) -> Iterator[None]:
    """Turn what DuckDB raises for want of disk, memory or readable files into the errors a person reads."""
    try:
        yield
    except (duckdb.InterruptException, RuntimeError) as error:
        if "interrupted" in str(error).lower():  # Ctrl-C inside a query
            raise KeyboardInterrupt from error
        raise
    except duckdb.OutOfMemoryException as error:
        raise CannotWrite(
            f"The load needs more memory or temporary disk space than it was given; raise --memory or free space"
            f" in {workspace} ({_first_line(error)})."
        ) from error
    except duckdb.IOException as error:
        for refusal in _UNWRITABLE:
            if refusal in str(error):
                raise CannotWrite(
                    f"Cannot write into {workspace}: {refusal}; the former load stays."
                ) from error
        raise BadInput(f"A file could not be read: {_first_line(error)}.") from error
    except duckdb.Error as error:
        raise BadInput(f"The tables could not be read: {_first_line(error)}.") from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")
