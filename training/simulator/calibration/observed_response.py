"""What a price does to sales, estimated from a year of sales as anybody could: observational, alike for every shop.

The price of a product in a week is the chain's: one less the depth of its promotion, over its shelf price. Other
weeks of the same product are the comparison, so what makes a product popular falls out; what the whole shop sold in
the week stands for the season. Mailers and displays, which no purchase table holds, are not controlled for: where
promotions come with them, a part of their effect is counted as the price's. True responses are therefore smaller
than these, in the simulated shop as in a real one, and the two are comparable with each other only.
"""

import duckdb
import numpy as np
import pandas as pd

# A family's estimate needs so many products: with fewer the spread between families would be noise.
MIN_PRODUCTS = 10
MOST_ERROR = 0.5
# Loyalty is followed for the most bought products, from the week on in which a product can have been bought often.
LOYAL_PRODUCTS = 500
LOYAL_FROM_WEEK = 13
# Deeper cuts are a different thing: stock is sold off, stores differ, and households stock up.
DEEPEST = 0.30
LIFT_DEPTH = 0.20
# Earlier weeks of the year in which the household bought the item, as FACTS of the trade count loyalty.
LOYALTY = {"never": (0, 0), "1": (1, 1), "2": (2, 2), "3-4": (3, 4), "5-8": (5, 8), "9+": (9, 52)}


def family_elasticities(shop: duckdb.DuckDBPyConnection) -> pd.Series:
    """Own-price elasticity of each family with at least MIN_PRODUCTS steady products, by family name.

    Least squares of log(units of a product in a week / units of the shop in it) on log price, with an own level for
    each product and one slope for each family (the within estimator; Wittink and others' SCAN*PRO is of this kind).
    Families whose standard error, products being independent of each other (Liang and Zeger, Biometrika 73, 1986),
    is above MOST_ERROR are left out: their prices hardly moved.
    """
    rows = shop.execute(
        """
        WITH shop_weeks AS (SELECT week, sum(units) AS units FROM product_weeks GROUP BY week)
        SELECT product, family, ln(product_weeks.units / shop_weeks.units) AS log_units,
            ln(1 - least(depth, 0.95)) AS log_price
        FROM product_weeks JOIN shop_weeks USING (week)
        WHERE product IN (SELECT product FROM steady_products
            QUALIFY count(*) OVER (PARTITION BY family) >= ?)
        """,
        [MIN_PRODUCTS],
    ).df()
    values = rows[["log_units", "log_price"]]
    centred = values - values.groupby(rows["product"]).transform("mean")
    units, price = centred["log_units"], centred["log_price"]
    varied = (price**2).groupby(rows["family"]).sum()
    slope = (units * price).groupby(rows["family"]).sum() / varied.where(varied > 0)
    residual = units - rows["family"].map(slope) * price
    by_product = (price * residual).groupby([rows["family"], rows["product"]]).sum()
    error = np.sqrt((by_product**2).groupby("family").sum()) / varied
    sure: pd.Series = slope[error <= MOST_ERROR]
    return sure


def lift_by_loyalty(shop: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """How a deal moves the share of visiting households that buy an item, by how loyal they are to it.

    Every week from LOYAL_FROM_WEEK on, households that come are counted for each of the LOYAL_PRODUCTS, and how many
    of them buy it: a Poisson regression on log price with a level for each product and class of loyalty, conditional
    on the product's total (Hausman, Hall and Griliches, Econometrica 52, 1984), over weeks with no cut deeper than
    DEEPEST.

    Returns:
        Index: keys of LOYALTY. Columns: elasticity; lift at LIFT_DEPTH off, (1 - LIFT_DEPTH) ** elasticity - 1;
        incidence, share of the household-weeks with a purchase, all weeks. NaN where nobody is so loyal.
    """
    cells = _loyalty_weeks(shop)
    found = {}
    for name in LOYALTY:
        cell = cells[cells["loyalty"] == name]
        shallow = cell[cell["depth"] < DEEPEST]
        elasticity = conditional_poisson(
            shallow["product"].to_numpy(),
            shallow["buyers"].to_numpy(dtype=np.float64),
            shallow["households"].to_numpy(dtype=np.float64),
            np.log1p(-shallow["depth"].to_numpy()),
        )
        exposed = cell["households"].sum()
        found[name] = {
            "elasticity": elasticity,
            "lift": (1.0 - LIFT_DEPTH) ** elasticity - 1.0,
            "incidence": cell["buyers"].sum() / exposed if exposed else np.nan,
        }
    return pd.DataFrame.from_dict(found, orient="index")


def conditional_poisson(
    stratum: np.ndarray, counts: np.ndarray, exposure: np.ndarray, x: np.ndarray
) -> float:
    """Slope b of counts ~ Poisson(level[stratum] * exposure * exp(b * x)), by Newton's method; NaN where x never varies.

    Args:
        stratum: whose level it is, shape (n,).
        counts: what was counted, shape (n,).
        exposure: among how many, above zero, shape (n,).
        x: the only regressor, shape (n,).
    """
    strata, number = np.unique(stratum, return_inverse=True)
    total = np.bincount(number, counts, len(strata))
    slope = 0.0
    for _ in range(50):
        expected = exposure * np.exp(slope * x)
        share = expected / np.bincount(number, expected, len(strata))[number]
        mean = np.bincount(number, share * x, len(strata))
        information = total @ np.maximum(np.bincount(number, share * x * x, len(strata)) - mean**2, 0.0)
        if information < 1e-9:  # noqa: PLR2004 - nothing to learn from
            return float("nan")
        step = float(np.clip((counts @ x - total @ mean) / information, -1.0, 1.0))
        slope += step
        if abs(step) < 1e-8:  # noqa: PLR2004 - Newton's last steps square the error
            break
    return slope


def _loyalty_weeks(shop: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    classes = " ".join(
        f"WHEN bought BETWEEN {least} AND {most} THEN '{name}'" for name, (least, most) in LOYALTY.items()
    )
    return shop.execute(
        f"""
        WITH followed AS (
            SELECT product FROM steady_products ORDER BY lines DESC, product LIMIT {LOYAL_PRODUCTS}
        ),
        came AS (SELECT DISTINCT customer, day // 7 AS week FROM visits),
        -- from the week after a household's n-th week with the item up to the next one, that one included
        spells AS (
            SELECT customer, product, week AS after,
                lead(week, 1, 52) OVER one AS up_to, row_number() OVER one AS bought
            FROM (SELECT DISTINCT customer, product, week FROM baskets WHERE product IN (FROM followed))
            WINDOW one AS (PARTITION BY customer, product ORDER BY week)
        ),
        experienced AS (
            SELECT spells.product, came.week, bought, count(*) AS households
            FROM spells JOIN came ON came.customer = spells.customer AND came.week > after AND came.week <= up_to
            GROUP BY ALL
        ),
        everybody AS (SELECT product, week, count(*) AS households FROM followed, came GROUP BY ALL),
        exposed AS (
            FROM experienced
            UNION ALL
            SELECT product, week, 0, any_value(everybody.households) - coalesce(sum(experienced.households), 0)
            FROM everybody LEFT JOIN experienced USING (product, week)
            GROUP BY ALL
        ),
        buyers AS (
            SELECT product, after AS week, bought - 1 AS bought, count(*) AS buyers FROM spells GROUP BY ALL
        )
        SELECT product, week, CASE {classes} END AS loyalty, any_value(depth) AS depth,
            sum(households)::DOUBLE AS households, sum(coalesce(buyers, 0))::DOUBLE AS buyers
        FROM exposed
        JOIN product_weeks USING (product, week)
        LEFT JOIN buyers USING (product, week, bought)
        WHERE week >= {LOYAL_FROM_WEEK} AND households > 0
        GROUP BY ALL
        ORDER BY product, week, loyalty
        """
    ).df()
