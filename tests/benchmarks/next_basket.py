"""How well next baskets are foreseen: `python -m tests.benchmarks.next_basket --history FILE`.

Every customer's last basket is hidden, `abonement-train bench next-basket` predicts it from the others, and the
simple rules stand beside it, all judged on the same customers. A customer with one basket is left out. With --journey
FOLDER the history is Complete Journey's as `docs/figures.md` defines it, made from the demo's data folder; --last then
hides the last basket of the year instead of the one before it, which is for the record of a landed model only.

Recall@k counts the hits among a customer's k best against his whole basket, NDCG@k against the best order of it, PHR@k
is the share of customers with a hit. Differences to the first rule come with a 95 % interval of 2,000 paired
bootstraps over customers.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from joblib import cpu_count

from training.cost import measured
from training.next_basket import bench_next_basket

K = 10
JOURNEY_MIN_DAYS = 17
JOURNEY_MIN_BASKETS = 3


def main() -> None:
    """Hide, predict, compare, print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--history", type=Path)
    parser.add_argument("--journey", type=Path, help="data folder that `abonement-train demo-data` wrote")
    parser.add_argument("--last", action="store_true", help="with --journey: judge on the year's last basket")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    lines = journey(arguments.journey) if arguments.journey else pd.read_parquet(arguments.history)
    lines = lines.assign(basket=lines["basket_no"] if "basket_no" in lines else lines["purchased_at"].dt.date)
    if arguments.journey and not arguments.last:
        lines, _ = without_last(lines)
    known, truth = without_last(lines)
    truth = truth[truth["customer_id"].isin(known["customer_id"])]
    with tempfile.TemporaryDirectory() as scratch, measured() as cost:
        history = Path(scratch) / "history.parquet"
        known.drop(columns="basket").to_parquet(history, index=False)
        found = bench_next_basket(history, K, arguments.seed, cpu_count(), lambda *_: None)
    results = {name: judge(rule(known), truth) for name, rule in RULES.items()}
    results["bench next-basket"] = judge(found.predictions, truth)
    print_table(results)
    print(f"{truth['customer_id'].nunique():,} customers; bench next-basket {cost}.")


def journey(folder: Path) -> pd.DataFrame:
    """Complete Journey without FUEL, products that the history before the last day holds on 17 household-days or more."""
    lines = duckdb.sql(
        f"""SELECT customer_id, product_id, purchased_at, CAST(purchased_at AS DATE) AS basket
        FROM '{folder}/purchases.parquet' JOIN '{folder}/products.parquet' USING (product_id)
        WHERE family_1 <> 'FUEL'"""
    ).df()
    known, _ = without_last(lines)
    days = known.drop_duplicates(["customer_id", "basket", "product_id"])["product_id"].value_counts()
    lines = lines[lines["product_id"].isin(days.index[days >= JOURNEY_MIN_DAYS])]
    baskets = lines.groupby("customer_id")["basket"].nunique()
    kept = lines["customer_id"].isin(baskets.index[baskets >= JOURNEY_MIN_BASKETS])
    return lines[kept].drop(columns="basket")


def without_last(lines: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Everything but each customer's last basket, and the products of that basket."""
    last = lines["basket"] == lines.groupby("customer_id")["basket"].transform("max")
    return lines[~last], lines.loc[last, ["customer_id", "product_id"]].drop_duplicates()


def judge(predictions: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Recall, NDCG and hit at K of each customer with a truth; customers without predictions score 0."""
    size = truth.groupby("customer_id").size()
    best = predictions[predictions["rank"] <= K].merge(truth, on=["customer_id", "product_id"])
    gain = (
        (1.0 / np.log2(best["rank"] + 1)).groupby(best["customer_id"]).sum().reindex(size.index, fill_value=0)
    )
    hits = best.groupby("customer_id").size().reindex(size.index, fill_value=0)
    ideal = np.cumsum(1.0 / np.log2(np.arange(2, size.max() + 2)))[size - 1]
    return pd.DataFrame({"R": hits / size, "N": gain / ideal, "PHR": (hits > 0).astype(float)})


def popular(known: pd.DataFrame) -> pd.DataFrame:
    """The products in most customers' last four baskets, for everybody."""
    place = known.groupby("customer_id")["basket"].rank(method="dense", ascending=False)
    best = known[place <= 4].drop_duplicates(["customer_id", "product_id"])["product_id"].value_counts()
    top = pd.DataFrame({"product_id": best.index[:K], "rank": range(1, K + 1)})
    return known[["customer_id"]].drop_duplicates().merge(top, how="cross")


def frequent(known: pd.DataFrame) -> pd.DataFrame:
    """What the customer bought in most of his baskets, ties by recency, then the popular ones."""
    place = known.groupby("customer_id")["basket"].rank(method="dense", ascending=False)
    days = known.assign(place=place).drop_duplicates(["customer_id", "product_id", "basket"])
    own = (
        days.groupby(["customer_id", "product_id"])
        .agg(buys=("place", "size"), ago=("place", "min"))
        .reset_index()
    )
    filled = pd.concat([own, popular(known).assign(buys=0, ago=lambda rows: rows["rank"])])
    filled = filled.drop_duplicates(["customer_id", "product_id"])
    ordered = filled.sort_values(
        ["customer_id", "buys", "ago", "product_id"], ascending=[True, False, True, True]
    )
    return ordered.assign(rank=ordered.groupby("customer_id").cumcount() + 1)


RULES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {"frequency": frequent, "popularity": popular}


def print_table(results: dict[str, pd.DataFrame]) -> None:
    """One row a method: means, and the mean differences to the first method with their intervals."""
    rng = np.random.default_rng(0)
    first = next(iter(results.values()))
    draws = rng.multinomial(len(first), np.full(len(first), 1 / len(first)), size=2_000) / len(first)
    print(f"| method | R@{K} | N@{K} | PHR@{K} | R, against {next(iter(results))} |\n|---|---|---|---|---|")
    for name, result in results.items():
        low, high = np.quantile(draws @ (result["R"] - first["R"]).to_numpy(), [0.025, 0.975])
        means = " | ".join(f"{result[metric].mean():.4f}" for metric in ("R", "N", "PHR"))
        print(f"| {name} | {means} | {low:+.4f} to {high:+.4f} |")


if __name__ == "__main__":
    main()
