"""A finished run in numbers: what the operator reads in the morning."""

from typing import Any

import duckdb
import pandas as pd

from engine.domain.expected_use import KindOfOffers
from engine.nightly.folder.run_folder import RunFolder


def describe(folder: RunFolder, vat: pd.DataFrame | None = None) -> dict[str, Any]:
    """Count outcomes, arms, kinds, depths and reasons of a run, and add up its expected cost.

    Args:
        folder: the run's.
        vat: item_id and vat_bp, the rate of the VAT that its price includes; None where the shop declares none.

    Returns:
        customers, bundles, offers, shadows (bundles that were logged and not served); outcomes, arms, kinds, depths_bp,
        reasons, plans of the bundles (counts by name); mean_depth_bp, mean_p_buy and expected_uses (offers expected to
        be bought), null where there is no offer; with `vat` also net_cost_milli, what the offers are expected to cost
        the shop: their discounts without VAT.
    """
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"CREATE VIEW slots AS FROM read_parquet('{folder.path}/slots/*.parquet')")
        connection.execute(f"CREATE VIEW outcomes AS FROM read_parquet('{folder.path}/outcomes/*.parquet')")
        customers = connection.execute("SELECT count(*) FROM outcomes").fetchall()[0][0]
        shadows = connection.execute(
            f"SELECT count(DISTINCT customer_id) FROM read_parquet('{folder.path}/shadow/*.parquet')"
        ).fetchall()[0][0]
        bundles, offers, depth, p_buy, uses = connection.execute(
            """
            SELECT count(DISTINCT bundle_id), count(*), round(avg(discount_bp), 2), round(avg(p_buy), 6),
                   round(sum(p_buy), 3)
            FROM slots
            """
        ).fetchall()[0]
        net = {} if vat is None else {"net_cost_milli": _net_cost_milli(connection, vat)}
        return {
            "customers": customers,
            "bundles": bundles,
            "offers": offers,
            "shadows": shadows,
            "outcomes": _counts(connection, "outcomes", "outcome"),
            "arms": _counts(connection, "outcomes", "arm"),
            "kinds": _counts(connection, "slots", "kind"),
            "depths_bp": _counts(connection, "slots", "discount_bp"),
            "reasons": _counts(connection, "slots", "reason"),
            "plans": _counts(connection, "slots WHERE slot = 0", "plan"),
            "mean_depth_bp": depth,
            "mean_p_buy": p_buy,
            "expected_uses": uses,
            **net,
        }


def kinds_tonight(folder: RunFolder) -> dict[str, KindOfOffers]:
    """What the run's offers that [budget] pays are expected to cost, by kind."""
    files = [(file, list(folder.lines_beside(file))) for file in folder.slot_files()]
    beside = [name for _, names in files for name in names]
    with duckdb.connect(config={"threads": 1}) as connection:
        rows = connection.execute(
            f"""
            SELECT kind::VARCHAR, sum(p_buy), sum(expected_cost_milli)::BIGINT,
                   sum(expected_cost_milli::DOUBLE ** 2 / nullif(p_buy, 0))
            FROM read_parquet('{folder.path}/slots/*.parquet')
            WHERE customer_id NOT IN (SELECT unnest(?::VARCHAR[])) GROUP BY 1 ORDER BY 1
            """,
            [beside],
        ).fetchall()
    return {kind: KindOfOffers(uses, cost, variance=spread or 0.0) for kind, uses, cost, spread in rows}


def _net_cost_milli(connection: duckdb.DuckDBPyConnection, vat: pd.DataFrame) -> int:
    connection.register("vat", vat)
    net = "coalesce(sum(expected_cost_milli / (1 + vat_bp / 10000.0)), 0)"
    summed = connection.execute(f"SELECT {net} FROM slots JOIN vat USING (item_id)").fetchall()[0][0]
    return round(float(summed))


def _counts(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> dict[str, int]:
    rows = connection.execute(
        f"SELECT {column}::VARCHAR, count(*) FROM {table} GROUP BY ALL ORDER BY count(*) DESC, 1"
    ).fetchall()
    return dict(rows)
