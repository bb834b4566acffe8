"""Purchase lines as counts a week: products by how well their buyers knew them and by depth, families by margin.

Counts of one bucket's customers and of another's add up, so a shop of any size is counted bucket by bucket.
"""

from dataclasses import dataclass
from importlib import resources

import duckdb
import pandas as pd

from models.response.elasticities import FAMILIAR_FROM

DAYS_A_WEEK = 7
LINE_COLUMNS = (
    "customer",  # a number
    "product",  # a number
    "family",  # a number, -1 for none
    "day",  # a number from 0 on
    "units",
    "list_minor",  # before any discount
    "off_minor",  # all discounts, whoever gave them
    "margin_minor",  # list_minor less cost; list_minor where no cost is known
)
_CELL = ["product", "family", "week", "familiarity", "depth_pct"]
_FAMILY_WEEK = ["family", "week"]


@dataclass(frozen=True)
class CellSetting:
    """How purchases are counted.

    Attributes:
        weeks: whole weeks from day 0 on.
        first_week: before it customers are only watched: what they bought is what they know.
        block_weeks: weeks for which their familiarity is frozen, before it is told anew.
    """

    weeks: int
    first_week: int
    block_weeks: int


@dataclass(frozen=True)
class PurchaseCells:
    """Counts that add up over customers.

    Attributes:
        cells: product, family, week, familiarity, depth_pct (whole percent off), days (customers' days with the
            product), units, margin_minor (at list price).
        families: family, week, margin_minor, days: of all products.
    """

    cells: pd.DataFrame
    families: pd.DataFrame

    def plus(self, other: "PurchaseCells") -> "PurchaseCells":
        """The counts of these customers and of others."""
        return PurchaseCells(
            _sum([self.cells, other.cells], _CELL), _sum([self.families, other.families], _FAMILY_WEEK)
        )


def _sum(parts: list[pd.DataFrame], key: list[str]) -> pd.DataFrame:
    return pd.concat(parts).groupby(key, as_index=False).sum()


def count_frame(lines: pd.DataFrame, setting: CellSetting) -> PurchaseCells:
    """Count the lines of a frame, LINE_COLUMNS."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("bought", lines)
        return count_bought(connection, setting)


def count_bought(
    connection: duckdb.DuckDBPyConnection, setting: CellSetting, products: pd.Series | None = None
) -> PurchaseCells:
    """Count the relation `bought` of a connection, which has LINE_COLUMNS.

    Args:
        connection: temporary tables are made in it.
        setting: the weeks.
        products: numbers of those that get cells; None for all. Families count all products.
    """
    connection.execute(
        "CREATE TEMP TABLE setting AS SELECT ?::INTEGER AS first_week, ?::INTEGER AS block_weeks",
        [setting.first_week, setting.block_weeks],
    )
    connection.execute(
        resources.files(__package__).joinpath("purchase_cells.sql").read_text(encoding="utf-8")
    )
    few, many = FAMILIAR_FROM
    within = f"week >= 0 AND week < {setting.weeks}"
    wanted = ""
    if products is not None:
        connection.register("wanted", products.rename("product").to_frame())
        wanted = "AND product IN (SELECT product FROM wanted)"
    cells = connection.execute(
        f"""
        SELECT product, any_value(family) AS family, week,
            CASE WHEN bought_before < {few} THEN 0 WHEN bought_before < {many} THEN 1 ELSE 2 END AS familiarity,
            round(100 * off_minor / list_minor)::INTEGER AS depth_pct,
            count(*) AS days, sum(units) AS units, sum(margin_minor)::DOUBLE AS margin_minor
        FROM known_days WHERE {within} AND list_minor > 0 {wanted}
        GROUP BY product, week, familiarity, depth_pct
        ORDER BY product, week, familiarity, depth_pct
        """
    ).df()
    families = connection.execute(
        f"""
        SELECT family, week, sum(margin_minor)::DOUBLE AS margin_minor, count(*) AS days
        FROM product_days WHERE {within} AND list_minor > 0
        GROUP BY family, week ORDER BY family, week
        """
    ).df()
    return PurchaseCells(cells, families)
