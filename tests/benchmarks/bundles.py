"""How many bundles are used, and how many new items are tried: `abonement-train bench`, scored from outside.

    python -m tests.benchmarks.bundles --data var/completejourney --cuts 2017-08-28 2017-09-25 --level product
    python -m tests.benchmarks.bundles --data var/completejourney --cuts 2017-08-28 2017-09-25 --novelties

Nothing of the product but its predictions is used: the truth is read from the data folder's own lines, without the
departments of NOT_GOODS. Asked for are households with such a line in the SEEN_DAYS before the cut; a shopper is one
of them with such a line in the DAYS from it. Used is the share of shoppers who bought at least one of their items,
bought is how many of them. New, occasional and habitual are the shares of items that the household had bought on none,
one to three, or more days before the cut. The calibration is that of P(buy) over all items given to anybody. Intervals
are those of 1,000 draws of households, the same draws for both sides of a difference.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from joblib import cpu_count

from training.bench.bundles_and_churn import bench_bundles, bench_novelties
from training.evaluation.bootstrap import Interval, Resamples

NOT_GOODS = ("FUEL", "MISCELLANEOUS", "COUPON")
SEEN_DAYS, DAYS = 56, 7
SIZE, NEW_ITEMS = 6, 2
SIMPLE_RULES = ("popular_in_families", "popularity")
OURS, FREQUENCY = "ours", "frequency"
LEVEL = 0.95
Predict = Callable[[str], pd.DataFrame]


def main() -> None:
    """Predict at every cut, score, and print a Markdown row for each cut and their mean."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="data folder that `abonement-train demo-data` wrote"
    )
    parser.add_argument("--cuts", nargs="+", required=True)
    parser.add_argument("--level", choices=["product", "family"], default="product")
    parser.add_argument("--novelties", action="store_true", help="two new items instead of six")
    arguments = parser.parse_args()
    methods = _novelties(arguments) if arguments.novelties else _bundles(arguments)
    judged: dict[str, list[pd.DataFrame]] = {name: [] for name in methods}
    for cut in arguments.cuts:
        truth = Truth(arguments.data, cut, arguments.level)
        for name, predict in methods.items():
            judged[name].append(truth.judge(predict(cut)).assign(cut=cut))
            print_row(cut, name, judged[name][-1])
    for name, parts in judged.items():
        print_row("mean of the cuts", name, pd.concat(parts))
    ours = pd.concat(judged.pop(OURS))
    for name, parts in judged.items():
        print_difference(ours, name, pd.concat(parts))


def _bundles(arguments: argparse.Namespace) -> dict[str, Predict]:
    def ours(cut: str) -> pd.DataFrame:
        return bench_bundles(arguments.data, cut, DAYS, SIZE, arguments.level, cpu_count(), lambda *_: None)

    return {OURS: ours, FREQUENCY: lambda cut: Truth(arguments.data, cut, arguments.level).frequent()}


def _novelties(arguments: argparse.Namespace) -> dict[str, Predict]:
    def by(rule: str | None) -> Predict:
        return lambda cut: bench_novelties(
            arguments.data, cut, DAYS, NEW_ITEMS, arguments.level, rule, cpu_count(), lambda *_: None
        )

    return {OURS: by(None)} | {rule: by(rule) for rule in SIMPLE_RULES}


class Truth:
    """What households bought before and after a cut, from the data folder alone."""

    def __init__(self, folder: Path, cut: str, level: str) -> None:
        item = "product_id" if level == "product" else "family_3"
        departments = ", ".join(f"'{name}'" for name in NOT_GOODS)
        self.db = duckdb.connect()
        self.db.execute(
            f"""CREATE TABLE lines AS
            SELECT customer_id, {item} AS item_id, date_diff('day', DATE '{cut}', purchased_at::DATE) AS ahead
            FROM '{folder}/purchases.parquet' JOIN '{folder}/products.parquet' USING (product_id)
            WHERE family_1 NOT IN ({departments}) AND ahead < {DAYS}"""
        )
        self.db.execute(
            f"""CREATE TABLE asked AS SELECT customer_id, bool_or(ahead >= 0) AS shopper FROM lines
            GROUP BY customer_id HAVING bool_or(ahead BETWEEN -{SEEN_DAYS} AND -1)"""
        )

    def judge(self, predictions: pd.DataFrame) -> pd.DataFrame:
        """One row a household asked for: shopper, items, bought, used, new, occasional, habitual, p_buy (sums)."""
        self.db.register("predictions", predictions)
        return self.db.execute(
            """SELECT
                customer_id,
                any_value(shopper)::INTEGER AS shopper,
                count(item_id) AS items,
                count(*) FILTER (days_after > 0) AS bought,
                (count(*) FILTER (days_after > 0) > 0)::INTEGER AS used,
                count(*) FILTER (item_id IS NOT NULL AND coalesce(days_before, 0) = 0) AS new,
                count(*) FILTER (days_before BETWEEN 1 AND 3) AS occasional,
                count(*) FILTER (days_before > 3) AS habitual,
                coalesce(sum(p_buy), 0) AS p_buy
            FROM asked
            LEFT JOIN predictions USING (customer_id)
            LEFT JOIN (
                SELECT customer_id, item_id,
                    count(DISTINCT ahead) FILTER (ahead < 0) AS days_before,
                    count(*) FILTER (ahead >= 0) AS days_after
                FROM lines GROUP BY ALL
            ) USING (customer_id, item_id)
            GROUP BY customer_id ORDER BY customer_id"""
        ).df()

    def frequent(self) -> pd.DataFrame:
        """The items that each household bought on most days, ties by recency: customer_id, item_id, p_buy (missing)."""
        return self.db.execute(
            f"""SELECT customer_id, item_id, NULL::DOUBLE AS p_buy
            FROM lines SEMI JOIN asked USING (customer_id)
            WHERE ahead < 0 AND item_id IS NOT NULL
            GROUP BY customer_id, item_id
            QUALIFY row_number() OVER (
                PARTITION BY customer_id ORDER BY count(DISTINCT ahead) DESC, max(ahead) DESC, item_id
            ) <= {SIZE}"""
        ).df()


def used(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Shoppers who bought at least one of their items, and shoppers."""
    return (rows["used"] * rows["shopper"]).to_numpy(float), rows["shopper"].to_numpy(float)


def tried(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Items bought by shoppers, and items given to them."""
    return (rows["bought"] * rows["shopper"]).to_numpy(float), (rows["items"] * rows["shopper"]).to_numpy(
        float
    )


def print_row(cut: str, method: str, rows: pd.DataFrame) -> None:
    """One Markdown row: what is said in this module's text."""
    draws = Households(rows["customer_id"])
    share, part = draws.ratio(*used(rows), LEVEL), draws.ratio(*tried(rows), LEVEL)
    error = draws.ratio(
        (rows["p_buy"] - rows["bought"]).to_numpy(float), rows["bought"].to_numpy(float), LEVEL
    )
    kinds = [rows[kind].sum() / rows["items"].sum() for kind in ("new", "occasional", "habitual")]
    shoppers = int(rows["shopper"].sum())
    cells = [
        cut,
        method,
        f"{shoppers:,} of {len(rows):,}, {int((rows['items'] == 0).sum())} without items",
        _shown(share),
        f"{(rows['bought'] * rows['shopper']).sum() / shoppers:.3f}",
        _shown(part),
        " / ".join(f"{kind:.2f}" for kind in kinds),
        "-" if rows["p_buy"].sum() == 0 else _shown(error, "+.3f"),
    ]
    print("| " + " | ".join(cells) + " |", flush=True)


def print_difference(ours: pd.DataFrame, name: str, other: pd.DataFrame) -> None:
    """Ours less another method on the same draws, and how many times as many of its items were bought."""
    draws = Households(ours["customer_id"])
    share = draws.difference(used(ours), used(other), LEVEL)
    part = draws.difference(tried(ours), tried(other), LEVEL)
    times = tried(ours)[0].sum() / tried(ours)[1].sum() / (tried(other)[0].sum() / tried(other)[1].sum())
    print(
        f"ours less {name}: used {_shown(share, '+.4f')}, share of items bought {_shown(part, '+.4f')}, "
        f"{times:.2f} times"
    )


class Households:
    """Households drawn again, each with all its cuts."""

    def __init__(self, households: pd.Series) -> None:
        self.place, different = pd.factorize(households, sort=True)
        self.count = len(different)
        self.resamples = Resamples(self.count, np.random.default_rng(1))

    def _sums(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.place, values, minlength=self.count)

    def ratio(self, over: np.ndarray, under: np.ndarray, level: float) -> Interval:
        """Like `Resamples.ratio`, of rows."""
        return self.resamples.ratio(self._sums(over), self._sums(under), level)

    def difference(
        self, one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray], level: float
    ) -> Interval:
        """Like `Resamples.difference`, of rows in the same order."""
        first, second = ((self._sums(over), self._sums(under)) for over, under in (one, other))
        return self.resamples.difference(first, second, level)


def _shown(interval: Interval, form: str = ".4f") -> str:
    return f"{interval.value:{form}} [{interval.low:{form}}, {interval.high:{form}}]"


if __name__ == "__main__":
    main()
