"""A finished run in numbers: what the operator reads in the morning."""

from typing import Any

import duckdb

from engine.nightly.folder.run_folder import RunFolder


def describe(folder: RunFolder) -> dict[str, Any]:
    """Count outcomes, arms, kinds, depths and reasons of a run, and add up its expected cost.

    Returns:
        customers, bundles, offers; outcomes, arms, kinds, depths_bp, reasons (counts by name); mean_depth_bp,
        mean_p_buy and expected_uses (offers expected to be bought), null where there is no offer.
    """
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"CREATE VIEW slots AS FROM read_parquet('{folder.path}/slots/*.parquet')")
        connection.execute(f"CREATE VIEW outcomes AS FROM read_parquet('{folder.path}/outcomes/*.parquet')")
        customers = connection.execute("SELECT count(*) FROM outcomes").fetchall()[0][0]
        bundles, offers, depth, p_buy, uses = connection.execute(
            """
            SELECT count(DISTINCT bundle_id), count(*), round(avg(discount_bp), 2), round(avg(p_buy), 6),
                   round(sum(p_buy), 3)
            FROM slots
            """
        ).fetchall()[0]
        return {
            "customers": customers,
            "bundles": bundles,
            "offers": offers,
            "outcomes": _counts(connection, "outcomes", "outcome"),
            "arms": _counts(connection, "outcomes", "arm"),
            "kinds": _counts(connection, "slots", "kind"),
            "depths_bp": _counts(connection, "slots", "discount_bp"),
            "reasons": _counts(connection, "slots", "reason"),
            "mean_depth_bp": depth,
            "mean_p_buy": p_buy,
            "expected_uses": uses,
        }


def _counts(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> dict[str, int]:
    rows = connection.execute(
        f"SELECT {column}::VARCHAR, count(*) FROM {table} GROUP BY ALL ORDER BY count(*) DESC, 1"
    ).fetchall()
    return dict(rows)
