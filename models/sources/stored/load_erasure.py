"""Customers taken out of the load in use: a new load without them becomes the current one, the former ones go.

Files in which they do not stand are the same files under a second name; a bucket in which they do is written again.
"""

import json
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from models.ground.durable import file_sha256, flush
from models.ground.errors import BadInput
from models.sources.stored.current_load import former_loads, incoming_load, publish, remove_erased_loads
from models.sources.stored.finished_load import (
    REPLACED_FILE,
    UNMATCHED_FILE,
    Data,
    bucket_file,
    fingerprint,
    open_data,
)


class TakenOut(NamedTuple):
    """Whom a load had: how many of its customers went, and which of the names asked for stood anywhere in it."""

    customers: int
    named: frozenset[str]


def erase_from_load(workspace: Path, customer_ids: Collection[str], *, wait_seconds: float = 0) -> TakenOut:
    """Take customers, and the cards that were merged into them, out of the workspace's data.

    Former loads go where the load in use has one of them, or they have themselves: runs made from those can be neither resumed
    nor computed again. Otherwise nothing is changed.

    Raises:
        BadInput: the load is damaged.
        Busy: another process still writes into the workspace.
    """
    with incoming_load(workspace, wait_seconds=wait_seconds) as folder:
        try:
            data = open_data(workspace)
        except BadInput:
            if (workspace / "data" / "current").exists():
                raise
            return TakenOut(0, frozenset())
        with duckdb.connect() as con:
            con.execute("CREATE TABLE gone (customer_id VARCHAR)")
            con.executemany("INSERT INTO gone VALUES (?)", [[name] for name in customer_ids])
            former = {path: _named(con, path) for path in former_loads(workspace)}
            named = _named(con, data.folder).union(*former.values())
            if data.cards is not None:
                con.execute(
                    "INSERT INTO gone SELECT customer_id FROM read_parquet(?) WHERE owner_id IN (FROM gone)",
                    [str(data.cards)],
                )
            found = sum(_take_out(con, data, folder, bucket) for bucket in range(data.buckets))
            rest = sum(_filter(con, data, folder, name, which) for name, which in _ELSEWHERE.items())
            if not found and not rest:
                remove_erased_loads(workspace, [path for path, names in former.items() if names])
                return TakenOut(0, named)
            _link_the_rest(data, folder)
            _write_about(con, data, folder, found)
        flush(folder)
        publish(folder, workspace, erasing=True)
    return TakenOut(found, named)


_QUARANTINE = "quarantine.parquet"
# Of a bad row that cannot be read nobody knows whose it is, so it goes if their id stands anywhere in it.
_ELSEWHERE = {
    "answers.parquet": "customer_id NOT IN (FROM gone)",
    "cards.parquet": "customer_id NOT IN (FROM gone) AND owner_id NOT IN (FROM gone)",
    REPLACED_FILE: "customer_id NOT IN (FROM gone)",
    UNMATCHED_FILE: "customer_id NOT IN (FROM gone)",
    _QUARANTINE: """CASE WHEN json_valid("row") AND json_extract_string("row", '$.customer_id') IS NOT NULL
        THEN json_extract_string("row", '$.customer_id') NOT IN (FROM gone)
        ELSE NOT EXISTS (SELECT 1 FROM gone WHERE contains("row", gone.customer_id)) END""",
}


def _named(con: duckdb.DuckDBPyConnection, load: Path) -> frozenset[str]:
    """Those of the names in `gone` that stand anywhere in a load."""
    found = set[str]()
    for file in sorted(load.rglob("*.parquet")):
        columns = {row[0] for row in con.execute("DESCRIBE FROM read_parquet(?)", [str(file)]).fetchall()}
        for column in sorted(columns & {"customer_id", "owner_id"}):
            query = f"SELECT DISTINCT {column} FROM read_parquet(?) WHERE {column} IN (FROM gone)"
            found |= {row[0] for row in con.execute(query, [str(file)]).fetchall()}
        if file.name == _QUARANTINE:
            query = (
                'SELECT DISTINCT customer_id FROM gone JOIN read_parquet(?) ON contains("row", customer_id)'
            )
            found |= {row[0] for row in con.execute(query, [str(file)]).fetchall()}
    return frozenset(found)


def _take_out(con: duckdb.DuckDBPyConnection, data: Data, folder: Path, bucket: int) -> int:
    """Write a bucket without them, customers numbered anew; 0 where none of them is in it."""
    people, lines = str(data.customers(bucket)), str(data.purchases(bucket))
    found = con.execute(
        "SELECT count(*) FROM read_parquet(?) WHERE customer_id IN (FROM gone)", [people]
    ).fetchone()
    if not found or not found[0]:
        return 0
    con.execute(
        """CREATE OR REPLACE TABLE stays AS SELECT *, row_number() OVER (ORDER BY customer_no) - 1 AS new_no
        FROM read_parquet(?) WHERE customer_id NOT IN (FROM gone)""",
        [people],
    )
    _copy(
        con,
        "SELECT new_no::INTEGER AS customer_no, * EXCLUDE (customer_no, new_no) FROM stays ORDER BY new_no",
        folder / bucket_file("customers", bucket),
    )
    con.execute("CREATE OR REPLACE VIEW lines AS FROM read_parquet('" + lines.replace("'", "''") + "')")
    _copy(
        con,
        """SELECT new_no::INTEGER AS customer_no, lines.* EXCLUDE (customer_no) FROM lines JOIN stays USING (customer_no)
        ORDER BY new_no, purchased_at, basket_id, product_no, line_no""",
        folder / bucket_file("purchases", bucket),
    )
    return int(found[0])


def _filter(con: duckdb.DuckDBPyConnection, data: Data, folder: Path, name: str, which: str) -> int:
    source = data.folder / name
    if not source.exists():
        return 0
    relation = "read_parquet('" + str(source).replace("'", "''") + "')"
    bad = con.execute(f"SELECT count(*) FROM {relation} WHERE NOT coalesce({which}, true)").fetchone()
    if not bad or not bad[0]:
        return 0
    _copy(con, f"SELECT * FROM {relation} WHERE coalesce({which}, true)", folder / name)
    return int(bad[0])


def _copy(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    con.execute(
        f"COPY ({query}) TO '{str(path).replace(chr(39), chr(39) * 2)}' (FORMAT parquet, COMPRESSION zstd)"
    )


def _link_the_rest(data: Data, folder: Path) -> None:
    for name in (*_about(data)["files"], REPLACED_FILE, UNMATCHED_FILE):
        path = folder / name
        if not path.exists() and (data.folder / name).exists():
            path.parent.mkdir(exist_ok=True)
            os.link(data.folder / name, path)


def _write_about(con: duckdb.DuckDBPyConnection, data: Data, folder: Path, found: int) -> None:
    about = _about(data)
    purchases = "read_parquet('" + str(folder / "purchases" / "*.parquet").replace("'", "''") + "')"
    days = con.execute(
        f"SELECT local_day::VARCHAR, count(*) FROM {purchases} GROUP BY 1 ORDER BY 1"
    ).fetchall()
    files = {name: file_sha256(folder / name) for name in about["files"]}
    about |= {
        "fingerprint": fingerprint(files, data.timezone, data.currency),
        "customers": data.customers_total - found,
        "lines": sum(lines for _, lines in days),
        "days": dict(days),
        "files": files,
    }
    (folder / "load.json").write_text(
        json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def _about(data: Data) -> dict[str, Any]:
    about: dict[str, Any] = json.loads((data.folder / "load.json").read_text(encoding="utf-8"))
    return about
