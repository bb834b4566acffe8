"""How well next baskets are foreseen: `python -m tests.benchmarks.next_basket --history FILE`.

Every customer's last basket is hidden, `abonement-train bench next-basket` predicts it from the others, and the
rules of `tests.benchmarks.basket_rules` stand beside it, all judged on the same customers. A customer with one basket
is left out. With --journey FOLDER the history is Complete Journey's as `docs/figures.md` defines it, made from the
demo's data folder; --last then hides the last basket of the year instead of the one before it, which is for the record
of a landed model only.

Recall@k counts the hits among a customer's k best against their whole basket, NDCG@k against the best order of it, PHR@k
is the share of customers with a hit. Repeats (products that the customer had bought before) and new ones are reported
apart: Recall@k of either, over the customers whose basket holds some. Differences of ours to each rule come with a 95 % interval of 2,000 paired
bootstraps over customers.
"""

import argparse
import tempfile
from collections.abc import Iterable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from joblib import cpu_count

from tests.benchmarks.basket_rules import (
    TIFU_GRID,
    UPCF_GRID,
    Known,
    Rule,
    known_from,
    predictions,
    published,
    simple_rules,
    tifu_rules,
    upcf_rules,
)
from training.bench.command_cost import measured
from training.bench.next_basket import bench_next_basket

K = 10
JOURNEY_MIN_DAYS = 17
JOURNEY_MIN_BASKETS = 3
# Parameters are tried on one customer in so many, who is judged as well: that flatters the tuned rules a little.
TUNING_SHARE = 10


def main() -> None:
    """Hide, predict, compare, print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--history", type=Path)
    parser.add_argument("--journey", type=Path, help="data folder that `abonement-train demo-data` wrote")
    parser.add_argument("--last", action="store_true", help="with --journey: judge on the year's last basket")
    parser.add_argument(
        "--untuned", action="store_true", help="leave out the tuned rules, which take longest"
    )
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    lines = journey(arguments.journey) if arguments.journey else pd.read_parquet(arguments.history)
    lines = lines.assign(basket=lines["basket_no"] if "basket_no" in lines else lines["purchased_at"].dt.date)
    if arguments.journey and not arguments.last:
        lines, _ = without_last(lines)
    known, truth = without_last(lines)
    truth = truth[truth["customer_id"].isin(known["customer_id"])]
    pairs = ["customer_id", "product_id"]
    truth = truth.merge(known[pairs].drop_duplicates().assign(repeat=True), on=pairs, how="left")
    truth["repeat"] = truth["repeat"].eq(other=True)
    with tempfile.TemporaryDirectory() as scratch, measured() as cost:
        history = Path(scratch) / "history.parquet"
        known.drop(columns="basket").to_parquet(history, index=False)
        found = bench_next_basket(history, K, arguments.seed, cpu_count(), lambda *_: None)
    results = {"bench next-basket": judge(found.predictions, truth)}
    print(f"{truth['customer_id'].nunique():,} customers; bench next-basket {cost}.", flush=True)
    baskets = known_from(known)
    rules = simple_rules(baskets) | published(baskets)
    if not arguments.untuned:
        rules |= tuned(baskets, truth, "TIFU-KNN", tifu_rules(baskets, TIFU_GRID))
        rules |= tuned(baskets, truth, "UP-CF@r", upcf_rules(baskets, UPCF_GRID))
    everybody = np.arange(len(baskets.customer_id))
    results |= {name: judge(predictions(baskets, rule, everybody, K), truth) for name, rule in rules.items()}
    print_table(results)


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
    """Recall, NDCG and hit at K of each customer with a truth; customers without predictions score 0.

    `repeats` and `new` are the recall of either, NaN for whose basket has none; where the truth has a column `repeat`.
    """
    size = truth.groupby("customer_id").size()
    best = predictions[predictions["rank"] <= K].merge(truth, on=["customer_id", "product_id"])
    gain = (
        (1.0 / np.log2(best["rank"] + 1)).groupby(best["customer_id"]).sum().reindex(size.index, fill_value=0)
    )
    hits = best.groupby("customer_id").size().reindex(size.index, fill_value=0)
    ideal = np.cumsum(1.0 / np.log2(np.arange(2, size.max() + 2)))[size - 1]
    parts = {
        name: hits_of.groupby("customer_id").size().reindex(wanted.index, fill_value=0) / wanted
        for name, repeat in (("repeats", True), ("new", False))
        if "repeat" in truth
        for wanted in [truth[truth["repeat"] == repeat].groupby("customer_id").size()]
        for hits_of in [best[best["repeat"] == repeat]]
    }
    return pd.DataFrame(
        {"R": hits / size, "N": gain / ideal, "PHR": (hits > 0).astype(float), **parts}, index=size.index
    )


def tuned(
    known: Known, truth: pd.DataFrame, family: str, rules: Iterable[tuple[object, Rule]]
) -> dict[str, Rule]:
    """Of the rules the one with most recall on every TUNING_SHARE-th customer, under a name that says its parameters."""
    rows = np.flatnonzero(np.isin(known.customer_id, truth["customer_id"]))[::TUNING_SHARE]
    asked = truth[truth["customer_id"].isin(known.customer_id[rows])]
    best, name, found = -1.0, family, None
    for parameters, rule in rules:
        recall = judge(predictions(known, rule, rows, K), asked)["R"].mean()
        if recall > best:
            best, name, found = recall, f"{family}, tuned: {parameters}", rule
    return {name: found} if found else {}


def print_table(results: dict[str, pd.DataFrame]) -> None:
    """One row a method: means, and how much the first method's recall is above it, with intervals."""
    rng = np.random.default_rng(0)
    first = next(iter(results.values()))
    draws = rng.multinomial(len(first), np.full(len(first), 1 / len(first)), size=2_000) / len(first)
    print(
        f"| method | R@{K} | of repeats | of new | N@{K} | PHR@{K} | ours above it, R@{K} |\n|---|---|---|---|---|---|---|"
    )
    for name, result in results.items():
        low, high = np.quantile(draws @ (first["R"] - result["R"]).to_numpy(), [0.025, 0.975])
        means = " | ".join(f"{result[metric].mean():.4f}" for metric in ("R", "repeats", "new", "N", "PHR"))
        print(f"| {name} | {means} | {low:+.4f} to {high:+.4f} |")


if __name__ == "__main__":
    main()
