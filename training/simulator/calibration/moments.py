"""The figures that a simulated shop must share with a real one, each computed by the same function for both."""

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from training.fitting.prediction_metrics import auc
from training.simulator.calibration.observed_response import family_elasticities, lift_by_loyalty
from training.simulator.calibration.sales import YEAR_DAYS, opened

GAP_DAYS = (1, 2, 4, 7, 14, 22)
GAP_SHARES = {25: 0.25, 50: 0.5, 75: 0.75, 90: 0.9, 95: 0.95}
SILENCES = (28, 56)
SILENCE_STEP_DAYS = 28
SILENCE_CUTS = 4
MIN_VISITS = 2
LAST_VISIT_DAYS = 84
REPEAT_FROM_DAY = 273  # three quarters of the year are behind it, the last one is judged
LOYAL_WORDS = {
    "never": "never bought it",
    "1": "bought in 1 week",
    "2": "bought in 2 weeks",
    "3-4": "bought in 3 or 4 weeks",
    "5-8": "bought in 5 to 8 weeks",
    "9+": "bought in 9 weeks or more",
}


@dataclass(frozen=True)
class Figure:
    """A figure of calibration.

    Attributes:
        key: its name in tables and JSON.
        meaning: in words.
        unit: "days", "share", "lift", "money" or "number", which says how it is written.
        tolerance: how far the simulated shop may be off before it counts as a miss: about two standard errors of a
            year of 2,500 households, or, where households say it more exactly, what matters to nobody.
        published: the figure as this project's earlier study found it on Complete Journey, None where it has none.
    """

    key: str
    meaning: str
    unit: str
    tolerance: float
    published: float | None


FIGURES = (
    *(
        Figure(f"gap_{share}", f"days between visits, {share} % are at most", "days", tolerance, published)
        for share, tolerance, published in (
            (25, 0.0, 2), (50, 0.0, 4), (75, 0.0, 7), (90, 1.0, 14), (95, 1.0, 22),
        )
    ),
    *(
        Figure(f"gaps_within_{days}", f"gaps of at most {days} day{'s' if days > 1 else ''}", "share", tolerance, None)
        for days, tolerance in zip(GAP_DAYS, (0.014, 0.02, 0.02, 0.015, 0.008, 0.005), strict=True)
    ),
    Figure("silent_28", "households silent for 28 days", "share", 0.010, 0.144),
    Figure("silent_56", "households silent for 56 days", "share", 0.008, 0.070),
    Figure("on_deal", "sales on deal, of money paid", "share", 0.010, 0.46),
    Figure("elasticity_mean", "price elasticity, mean over families", "number", 0.15, -1.5),
    Figure("elasticity_sd", "price elasticity, SD over families", "number", 0.10, 0.54),
    *(
        Figure(f"lift_{name}", f"lift at 20 % off, {words}", "lift", 0.06, {"never": 0.66, "9+": 0.15}.get(name))
        for name, words in LOYAL_WORDS.items()
    ),
    Figure("repeat_share", "items of a basket bought before", "share", 0.010, None),
)  # fmt: skip
# Nobody asked for these; they tell how alike the shops are elsewhere.
BACKGROUND = (
    *(
        Figure(
            f"visits_a_year_{share}",
            f"visits a year, {share} % of households make at most",
            "number",
            off,
            None,
        )
        for share, off in ((25, 2.0), (50, 3.0), (75, 5.0))
    ),
    Figure("recency_auc", "28-day silence told by days since the last visit, AUC", "number", 0.015, None),
    Figure("frequency_auc", "28-day silence told by visits in 84 days, AUC", "number", 0.015, None),
    Figure("items_a_visit_50", "different items of a visit, median", "number", 1.0, None),
    Figure("items_a_visit", "different items of a visit, mean", "number", 1.0, None),
    Figure("units_an_item", "units of an item", "number", 0.1, None),
    Figure("paid_minor_a_visit", "money paid on a visit", "money", 350.0, None),
    Figure("deal_depth", "depth of a deal, of the shelf price", "share", 0.02, None),
    *(
        Figure(f"incidence_{name}", f"visiting weeks with the item, {words}", "share", tolerance, None)
        for (name, words), tolerance in zip(
            LOYAL_WORDS.items(), (0.001, 0.005, 0.01, 0.015, 0.03, 0.05), strict=True
        )
    ),
)


def moments(sales: pd.DataFrame) -> dict[str, float]:
    """Every one of FIGURES and BACKGROUND, by key, of a year of sales (`training.simulator.calibration.sales`); NaN where it cannot be told.

    * gap_q: days from one visit of a household to its next, a visit being a day with a purchase; the gap that q % of
      all gaps do not exceed. gaps_within_d: share of them of at most d days, which says how near a quantile is to
      another day.
    * silent_H: households with MIN_VISITS visits and the last at most LAST_VISIT_DAYS days before the cut, share
      without a visit in the H days from the cut; mean of cuts that lie 28, 56, 84 and 112 days before the year's
      end, as far as H days follow. recency_auc, frequency_auc: how well days since the last visit, and visits in the
      last LAST_VISIT_DAYS, rank who will be silent for the first of them; mean over the same cuts.
    * on_deal: money paid for lines with a discount over all money paid.
    * elasticity, lift: `training.simulator.calibration.observed_response`.
    * repeat_share: of the different items of a visit, those that the household had bought on an earlier day of the
      year, all visits of its last quarter together.
    * visits_a_year: quartiles over the households seen in the year. items_a_visit: different items; median, mean.
    * deal_depth: what is off, of the shelf price of the lines with a discount.
    * incidence: `training.simulator.calibration.observed_response`.
    """
    with opened(sales) as shop:
        elasticities = family_elasticities(shop)
        loyal = lift_by_loyalty(shop)
        found = {
            **_gaps(shop),
            **_silence(shop),
            "on_deal": _one(
                shop, "SELECT sum(paid_minor) FILTER (discount_minor > 0) / sum(paid_minor) FROM sales"
            ),
            "elasticity_mean": float(elasticities.mean()),
            "elasticity_sd": float(elasticities.std(ddof=1)),
            **{f"lift_{name}": float(lift) for name, lift in loyal["lift"].items()},
            "repeat_share": _one(
                shop,
                f"""
                SELECT avg((first_day < day)::INTEGER)
                FROM (SELECT day, min(day) OVER (PARTITION BY customer, product) AS first_day FROM baskets)
                WHERE day >= {REPEAT_FROM_DAY}
                """,
            ),
            **_rest(shop),
            **{f"incidence_{name}": float(share) for name, share in loyal["incidence"].items()},
        }
    return {figure.key: found[figure.key] for figure in (*FIGURES, *BACKGROUND)}


def _rest(shop: duckdb.DuckDBPyConnection) -> dict[str, float]:
    row = shop.execute(
        """
        SELECT
            (SELECT quantile_cont(n, [.25, .5, .75]) FROM (SELECT count(*) AS n FROM visits GROUP BY customer)),
            (SELECT [median(products), avg(products)] FROM visits),
            sum(quantity_milli) / 1000 / (SELECT count(*) FROM baskets),
            sum(paid_minor) / (SELECT count(*) FROM visits),
            sum(discount_minor) / sum(paid_minor + discount_minor) FILTER (discount_minor > 0)
        FROM sales
        """
    ).fetchone()
    assert row is not None  # noqa: S101 - an aggregate without groups has one row
    visits, items, units, paid_minor, depth = row
    return {
        **{f"visits_a_year_{share}": float(n) for share, n in zip((25, 50, 75), visits, strict=True)},
        "items_a_visit_50": float(items[0]),
        "items_a_visit": float(items[1]),
        "units_an_item": float(units),
        "paid_minor_a_visit": float(paid_minor),
        "deal_depth": np.nan if depth is None else float(depth),
    }


def _gaps(shop: duckdb.DuckDBPyConnection) -> dict[str, float]:
    gaps = shop.execute(
        "SELECT day - lag(day) OVER (PARTITION BY customer ORDER BY day) AS gap FROM visits QUALIFY gap IS NOT NULL"
    ).fetchnumpy()["gap"]
    if not len(gaps):
        return dict.fromkeys([figure.key for figure in FIGURES if figure.key.startswith("gap")], np.nan)
    quantiles = np.quantile(gaps, list(GAP_SHARES.values()), method="inverted_cdf")
    return {f"gap_{share}": float(gap) for share, gap in zip(GAP_SHARES, quantiles, strict=True)} | {
        f"gaps_within_{days}": float(np.mean(gaps <= days)) for days in GAP_DAYS
    }


def _silence(shop: duckdb.DuckDBPyConnection) -> dict[str, float]:
    shares: dict[int, list[float]] = {days: [] for days in SILENCES}
    told: dict[str, list[float]] = {"recency": [], "frequency": []}
    for back in range(1, SILENCE_CUTS + 1):
        cut = YEAR_DAYS - SILENCE_STEP_DAYS * back
        people = shop.execute(
            f"""
            SELECT $cut - max(day) FILTER (day < $cut) AS recency,
                count(*) FILTER (day < $cut AND day >= $cut - {LAST_VISIT_DAYS}) AS frequency,
                coalesce(min(day) FILTER (day >= $cut), {2 * YEAR_DAYS}) - $cut AS days_after
            FROM visits GROUP BY customer
            HAVING count(*) FILTER (day < $cut) >= {MIN_VISITS} AND recency <= {LAST_VISIT_DAYS}
            """,
            {"cut": cut},
        ).df()
        for days in SILENCES:
            if cut + days <= YEAR_DAYS and len(people):
                shares[days].append(float((people["days_after"] >= days).mean()))
        if len(people):
            silent = (people["days_after"] >= SILENCES[0]).to_numpy()
            told["recency"].append(auc(silent, people["recency"].to_numpy()))
            told["frequency"].append(auc(silent, -people["frequency"].to_numpy()))
    return {f"silent_{days}": _mean(values) for days, values in shares.items()} | {
        f"{name}_auc": _mean(values) for name, values in told.items()
    }


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _one(shop: duckdb.DuckDBPyConnection, query: str) -> float:
    row = shop.execute(query).fetchone()
    return float(row[0]) if row and row[0] is not None else float("nan")
