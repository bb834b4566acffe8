"""What rotation changes and costs on real nights: `python -m tests.benchmarks.rotation --help`.

    python -m tests.benchmarks.rotation --workspace var/weeks --first 2017-10-23 --nights 8 --out var/rotation
    python -m tests.benchmarks.rotation --workspace var/weeks --first 2017-10-23 --nights 8 --out var/rotation --report docs/rotation.svg

The workspace has the demo's data in use and a model as of the first night at the latest. Every setting lives the same weekly
nights, each the production night into a store of its own; between them what customers bought of their offers while these were
valid is redeemed. Scores do not depend on the setting: they are kept beside the results, so that a setting's nights cost little.

Used is the share of bundles of which the customer bought at least one item while it was valid, by the data's own lines;
differences are paired over the same customers and weeks, with 95 % intervals of 1,000 draws of customers.
"""

import argparse
import json
import os
import pickle
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from sqlalchemy import text

from engine.nightly import bucket_work
from engine.nightly.guard import CHECKS
from engine.nightly.run import NightResult, run
from engine.settings import store_url_in
from engine.store import Store, open_store
from models.ground.moment import local_midnight
from models.ground.progress import silent
from models.sources import open_data
from tests.engine.nightly.shop_nights import with_rotation
from training.evaluation.bootstrap import Interval, Resamples

OFF = "off"
SETTINGS = {
    OFF: "",
    "returning 4": "returning = 4",
    "returning 3": "returning = 3",
    "returning 2": "returning = 2",
    "returning 1": "returning = 1",
    "rest 1, staples at once": "item_bundles = 1\nstaple_gap_days = 10.0",
    "rest 1": "item_bundles = 1",
    "rest 2": "item_bundles = 2",
    "5 families": "families = 5",
    "share .5": "staples_share = 0.5",
    "share .3": "staples_share = 0.3",
    "share .2": "staples_share = 0.2",
    "tired 3": "fatigue_offers = 3\nfatigue_days = 28",
    "gentle": "returning = 4\nfamilies = 4\nstaples_share = 0.5\nfatigue_offers = 4\nfatigue_days = 28",
    "middle": "returning = 3\nfamilies = 5\nstaples_share = 0.4\nfatigue_offers = 3\nfatigue_days = 28",
    "strong": "item_bundles = 1\nstaple_gap_days = 10.0\nreturning = 2\nfamilies = 5\nstaples_share = 0.3\n"
    "fatigue_offers = 3\nfatigue_days = 56",
}
LEVEL = 0.95
WEEK = timedelta(days=7)


def main() -> None:
    """Live the nights of the settings asked for, or print the table of those that were lived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--first", type=date.fromisoformat, required=True)
    parser.add_argument("--nights", type=int, default=8)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--settings", nargs="+", choices=list(SETTINGS), default=list(SETTINGS))
    parser.add_argument(
        "--cost",
        action="store_true",
        help="CPU seconds of the week after these nights, settings that were lived side by side",
    )
    parser.add_argument("--report", type=Path, help="draw what was lived so far")
    arguments = parser.parse_args()
    days = [arguments.first + WEEK * week for week in range(arguments.nights)]
    if arguments.cost:
        print(json.dumps(cost_of_a_night(arguments.out, arguments.settings, days[-1] + WEEK)))
        return
    if arguments.report:
        report(arguments.out, arguments.report)
        return
    for name in arguments.settings:
        file = arguments.out / f"{name}.parquet"
        if not file.exists():
            arguments.out.mkdir(parents=True, exist_ok=True)
            found, cost = live(arguments.workspace, arguments.out, name, days)
            file.with_suffix(".json").write_text(json.dumps(cost), encoding="utf-8")
            found.to_parquet(file, index=False)


def live(workspace: Path, out: Path, name: str, days: list[date]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Run the nights; returns every slot with whether its item was bought while it was valid, and what the night said."""
    own = out / "workspaces" / name
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(parents=True)
    for part in ("data", "registry"):
        (own / part).symlink_to((workspace / part).absolute(), target_is_directory=True)
    remember_scores(out / "scores")
    said: dict[str, Any] = {}
    kept = []
    with closing(open_store(store_url_in(own))) as store:
        for day in days:
            result = one_night(own, day, name, store)
            slots = bought(own, result.run_id).assign(night=day.isoformat())
            redeem_what_was_bought(store, slots)
            kept.append(slots)
            said[day.isoformat()] = result.manifest.get("rotation", {})
            print(name, day, len(slots), flush=True)
    return pd.concat(kept, ignore_index=True), said


def one_night(workspace: Path, day: date, name: str, store: Store) -> NightResult:
    """The production night, with a setting in the shipped programme's place of [rotation]."""
    return run(
        workspace,
        local_midnight(day, open_data(workspace).timezone),
        with_rotation(SETTINGS[name] or None),
        store,
        now=datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=3),
        jobs=1,
        progress=silent,
        accepted=tuple(CHECKS),
    )


def cost_of_a_night(out: Path, names: list[str], day: date, times: int = 2) -> dict[str, list[float]]:
    """CPU seconds of one more night of each setting, scoring and all, in turns; the first turn warms the caches."""
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(times + 1):
        for name in names:
            own = out / "workspaces" / name
            with closing(open_store(store_url_in(own))) as store:
                began = time.process_time()
                one_night(own, day, name, store)
            if turn:
                seconds[name].append(round(time.process_time() - began, 2))
    return seconds


def remember_scores(folder: Path) -> None:
    """Score each bucket of a night once for all settings."""
    folder.mkdir(exist_ok=True)
    score = getattr(bucket_work, "score_afresh", bucket_work.score_bucket)

    def remembered(
        artifact: Any, purchases: Path, customers: Path, shop: Any, *rest: Any, **more: Any
    ) -> Any:
        file = folder / f"{shop.moment.day.isoformat()}-{purchases.stem}.pickle"
        if not file.exists():
            scored = score(artifact, purchases, customers, shop, *rest, **more)
            file.with_suffix(f".{os.getpid()}").write_bytes(pickle.dumps(scored))
            file.with_suffix(f".{os.getpid()}").rename(file)
        return pickle.loads(file.read_bytes())  # noqa: S301 - our own file of a moment ago

    bucket_work.score_afresh = score  # type: ignore[attr-defined]
    bucket_work.score_bucket = remembered


def bought(workspace: Path, run_id: str) -> pd.DataFrame:
    """A night's slots, with `bought`: a line of the customer and item within the window."""
    data = open_data(workspace)
    files = [str(data.purchases(bucket)) for bucket in range(data.buckets)]
    people = [str(data.customers(bucket)) for bucket in range(data.buckets)]
    with duckdb.connect(config={"threads": 1}) as connection:
        return connection.execute(
            f"""WITH lines AS (
                SELECT customer_id, product_id, purchased_at FROM read_parquet(?) JOIN read_parquet(?) USING (customer_no)
                JOIN read_parquet('{data.products}') USING (product_no) WHERE quantity_milli > 0)
            SELECT slots.customer_id, bundle_id, offer_id, slot, item_id, kind, p_buy, value,
                   p.family_1, p.family_2, p.family_3,
                   EXISTS (FROM lines WHERE lines.customer_id = slots.customer_id AND lines.product_id = slots.item_id
                           AND purchased_at >= valid_from AND purchased_at < valid_to) AS bought
            FROM read_parquet('{workspace}/runs/{run_id}/slots/*.parquet') AS slots
            JOIN read_parquet('{data.products}') AS p ON p.product_id = slots.item_id ORDER BY ALL""",
            [files, people],
        ).df()


def redeem_what_was_bought(store: Store, slots: pd.DataFrame) -> None:
    """Mark offers as the tills would have, by the shortest way."""
    used = slots.loc[slots["bought"], "offer_id"].tolist()
    with store.writing() as connection:
        for offer in used:
            connection.execute(
                text("UPDATE offers SET state = 'redeemed', touched_us = 1 WHERE offer_id = :offer"),
                {"offer": offer},
            )
        for bundle in slots.loc[slots["bought"], "bundle_id"].unique().tolist():
            connection.execute(
                text("UPDATE bundles SET touched_us = 1 WHERE bundle_id = :bundle"), {"bundle": bundle}
            )


def figures(slots: pd.DataFrame) -> dict[str, float]:
    """What the nights of one setting were like."""
    nights = sorted(slots["night"].unique())
    repeats, same, novel, again = [], [], 0, 0
    for before, after in pairwise(nights):
        old, new = slots[slots["night"] == before], slots[slots["night"] == after]
        both = set(old["customer_id"]) & set(new["customer_id"])
        old, new = old[old["customer_id"].isin(both)], new[new["customer_id"].isin(both)]
        kept = new.merge(
            old[["customer_id", "item_id", "kind"]], on=["customer_id", "item_id"], suffixes=("", "_was")
        )
        count = kept.groupby("customer_id").size().reindex(sorted(both), fill_value=0)
        size = new.groupby("customer_id").size().reindex(sorted(both))
        repeats += count.tolist()
        same += (count == size).tolist()
        novel += int((old["kind"] != "preferred").sum())
        again += int((kept["kind_was"] != "preferred").sum())
    per_night = slots.groupby("night")
    bundles = slots.groupby(["night", "customer_id"])
    shares = [part["item_id"].value_counts().iloc[0] / part["customer_id"].nunique() for _, part in per_night]
    return {
        "repeated": float(np.mean(repeats)),
        "same": float(np.mean(same)),
        "novelties_return": again / max(novel, 1),
        "top_share": float(np.mean(shares)),
        "families": float(bundles["family_3"].nunique().mean()),
        "middle_twice": float((bundles["family_2"].nunique() < bundles.size()).mean()),
        "bundles": float(bundles.ngroups),
        "used": float(bundles["bought"].any().mean()),
        "bought": float(bundles["bought"].sum().mean()),
        "expected_uses": float(slots["p_buy"].sum() / bundles.ngroups),
    }


def price(off: pd.DataFrame, on: pd.DataFrame) -> Interval:
    """How much more often a bundle is used with a setting than without, paired by customer."""
    customers = sorted({*off["customer_id"], *on["customer_id"]})
    sums = []
    for slots in (on, off):
        bundles = (
            slots.groupby(["customer_id", "night"])["bought"]
            .any()
            .groupby("customer_id")
            .agg(["sum", "size"])
        )
        sums.append(bundles.reindex(customers, fill_value=0))
    pairs = [(one["sum"].to_numpy(float), one["size"].to_numpy(float)) for one in sums]
    return Resamples(len(customers), np.random.default_rng(1)).difference(pairs[0], pairs[1], LEVEL)


def lived(out: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """The settings that were lived, in their order."""
    for name in SETTINGS:
        if (out / f"{name}.parquet").exists():
            yield name, pd.read_parquet(out / f"{name}.parquet")


def report(out: Path, picture: Path) -> None:
    """Print a Markdown row a setting, and draw variety against use."""
    off = pd.read_parquet(out / f"{OFF}.parquet")
    points = []
    print(
        "| setting | bundles | repeated of last | same items again | novelties that return | most frequent item | families | "
        "two of a middle family | used | less than off | items bought |\n" + "|---" * 11 + "|"
    )
    for name, slots in lived(out):
        one, cost = figures(slots), price(off, slots)
        points.append((name, one, cost))
        print(
            f"| {name} | {one['bundles']:,.0f} | {one['repeated']:.2f} | {one['same']:.1%} | {one['novelties_return']:.0%} | "
            f"{one['top_share']:.0%} | {one['families']:.2f} | {one['middle_twice']:.0%} | {one['used']:.4f} | "
            f"{cost.value:+.4f} [{cost.low:+.4f}, {cost.high:+.4f}] | {one['bought']:.3f} |"
        )
    draw(points, picture)


def draw(points: list[tuple[str, dict[str, float], Interval]], picture: Path) -> None:
    """Items repeated against bundles used, each setting with its interval."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "rotation"
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 5))
    for name, one, cost in points:
        axes.errorbar(
            one["repeated"], 100 * cost.value, yerr=[[100 * (cost.value - cost.low)], [100 * (cost.high - cost.value)]],
            fmt="o", capsize=3, color="#0f6b52" if name != OFF else "#555555",
        )  # fmt: skip
        axes.annotate(
            name, (one["repeated"], 100 * cost.value), xytext=(6, 4), textcoords="offset points", fontsize=8
        )
    axes.axhline(0, color="#999999", linewidth=0.8)
    axes.set_xlabel("items of the last bundle that return, of six")
    axes.set_ylabel("bundles used, percentage points against off")
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(picture, metadata={"Date": None})


if __name__ == "__main__":
    main()
