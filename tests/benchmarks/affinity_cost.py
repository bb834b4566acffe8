"""What affinity's quality costs: candidates, customers alike, features and trees against CPU time a customer.

    python -m tests.benchmarks.affinity_cost --data var/completejourney --cuts 2017-08-28 2017-09-25

At every cut each setting is fitted by the path of `abonement-train fit` (without a stop and a calibration, which change
no customer's order) and scores every customer by the night's: features and candidates in one process, then so many
trees. A point is a setting with a number of trees. Judged are used and bought of the six best and tried of the two best
new ones, as in `tests.benchmarks.bundles`, on development cuts only. Differences are to the first setting with the most
trees, with 95 % intervals of households drawn again; a point is as good as that where none of the three is surely worse.
Written are a Markdown table and a plot (--plot).
"""

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from models.features.feature_matrix import FeatureMatrix
from models.ground.moment import parse_moment
from models.items.affinity import expected_uses
from models.items.baselines import TUNED
from models.items.candidates import CandidateLimits
from models.neighbours import NeighbourRules
from models.pages.drawing import AMBER, BERRY, CARD, INK, LEAF, LINE, SKY, SOFT, draw
from models.pages.parts import Drawing
from models.pages.rendering import STYLE, render
from models.scoring import bucket_features
from models.sources import Data, load, open_data
from tests.benchmarks.bundles import DAYS, LEVEL, NEW_ITEMS, SIZE, Households, Truth, tried, used
from training.fitting.boosting import lightgbm_dataset, lightgbm_settings
from training.fitting.examples import Examples, affinity_examples
from training.fitting.fit import Ground, survey
from training.fitting.fit_profile import FitProfile
from training.fitting.prediction_metrics import top_items

TREES = (25, 50, 100)
FEW_FEATURES = 30
MEASURES = ("used", "bought of six", "tried of two")


@dataclass(frozen=True)
class Setting:
    """Where candidates come from, who is asked, and how many features the trees may read (None: all)."""

    name: str
    limits: CandidateLimits
    neighbours: NeighbourRules | None = None
    features: int | None = None


LEAN = CandidateLimits(own_history=60, family=10, popular=40, neighbour=20, follow_up=0)
SETTINGS = (
    Setting(
        "everything",
        CandidateLimits(own_history=110, family=50, popular=40, neighbour=20, follow_up=10),
        TUNED,
    ),
    Setting("lean, customers alike", LEAN, TUNED),
    Setting("lean", LEAN),
    Setting(f"lean, {FEW_FEATURES} features", LEAN, None, FEW_FEATURES),
    Setting("leaner", CandidateLimits(own_history=40, family=10, popular=30)),
    Setting("leanest", CandidateLimits(own_history=20, family=5, popular=15, rising=5)),
)


@dataclass
class Point:
    """A setting with so many trees: what a customer costs, and what every household got, cut by cut."""

    setting: str
    trees: int
    candidates: list[float] = field(default_factory=list)
    features_ms: list[float] = field(default_factory=list)
    predict_ms: list[float] = field(default_factory=list)
    six: list[pd.DataFrame] = field(default_factory=list)
    two: list[pd.DataFrame] = field(default_factory=list)

    @property
    def cost_ms(self) -> float:
        """CPU milliseconds a customer of features, candidates and prediction, mean of the cuts."""
        return float(np.mean(self.features_ms) + np.mean(self.predict_ms))


def main() -> None:
    """Measure every point, print the table, draw the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cuts", nargs="+", required=True)
    parser.add_argument("--jobs", type=int, default=2, help="for the fits; the night is measured with one")
    parser.add_argument("--plot", type=Path, help="SVG file to write")
    arguments = parser.parse_args()
    points = {(setting.name, trees): Point(setting.name, trees) for setting in SETTINGS for trees in TREES}
    with tempfile.TemporaryDirectory(prefix="abonement-bench-") as folder:
        load(arguments.data, Path(folder))
        data = open_data(Path(folder))
        for cut in arguments.cuts:
            truth = Truth(arguments.data, cut, "product")
            # settings that differ in nothing but what the trees read share their examples
            for (limits, neighbours), alike in groupby(SETTINGS, lambda each: (each.limits, each.neighbours)):
                profile = replace(
                    FitProfile(), window_days=(DAYS, DAYS), limits=limits, neighbours=neighbours
                )
                ground = survey(data, parse_moment(cut, data.timezone), "product", profile, arguments.jobs)
                measure(ground, list(alike), truth, points)
    rows = report(list(points.values()))
    print(table(rows))
    if arguments.plot:
        arguments.plot.write_text(as_file(plot(rows)), encoding="utf-8")


def measure(
    ground: Ground, settings: list[Setting], truth: Truth, points: dict[tuple[str, int], Point]
) -> None:
    """Fit settings of the same candidates before a cut, score everybody with each number of trees, add to the points."""
    data, profile = ground.data, ground.profile
    started, pairs = time.process_time(), []
    for bucket in range(data.buckets):
        features = bucket_features(
            data.purchases(bucket),
            data.customers(bucket),
            ground.shop,
            profile.limits,
            profile.seen_days,
            lambda seen: np.full(len(seen), DAYS),
        )
        pairs.append(features.pairs)
    features_cpu = time.process_time() - started
    items = ground.shop.catalogue.items["item_id"].to_numpy()
    people = sum(part.keys["customer_no"].nunique() for part in pairs)
    examples = affinity_examples(data, ground.shops_at(ground.affinity_cuts), profile, ground.jobs)
    for setting in settings:
        booster, read = _trees(examples, profile, setting.features, ground.jobs)
        for trees in TREES:
            point = points[setting.name, trees]
            started = time.process_time()
            scores = [
                np.asarray(booster.predict(part.values[:, read], num_iteration=trees, num_threads=1))
                for part in pairs
            ]
            point.predict_ms.append(1000 * (time.process_time() - started) / people)
            point.features_ms.append(1000 * features_cpu / people)
            point.candidates.append(sum(len(part) for part in pairs) / people)
            six, two = zip(*_best(data, pairs, scores, items), strict=True)
            point.six.append(truth.judge(pd.concat(six)))
            point.two.append(truth.judge(pd.concat(two)))
            cost = f"{point.features_ms[-1]:.2f} + {point.predict_ms[-1]:.2f} ms"
            print(setting.name, trees, cost, file=sys.stderr, flush=True)


def _trees(
    examples: Examples, profile: FitProfile, few: int | None, jobs: int
) -> tuple[lgb.Booster, list[int]]:
    """Trees on all features, or on the few that gain most in the first trees; and the columns they read."""
    settings = lightgbm_settings(profile.affinity_lightgbm, profile.seed, jobs)
    names = examples.features.names
    if few is None:
        booster = lgb.train(settings, lightgbm_dataset(examples, settings), num_boost_round=max(TREES))
        return booster, list(range(len(names)))
    tasted = lgb.train(settings, lightgbm_dataset(examples, settings), num_boost_round=min(TREES))
    read = sorted(np.argsort(-tasted.feature_importance("gain"), kind="stable")[:few].tolist())
    kept = FeatureMatrix(
        examples.features.keys,
        np.ascontiguousarray(examples.features.values[:, read]),
        tuple(names[place] for place in read),
    )
    fewer = lightgbm_dataset(Examples(kept, examples.happened, examples.weight), settings)
    return lgb.train(settings, fewer, num_boost_round=max(TREES)), read


def _best(
    data: Data, pairs: list[FeatureMatrix], scores: list[np.ndarray], items: np.ndarray
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """The six best and the two best new items of each bucket's customers, as `abonement-train bench` ranks them."""
    for bucket, (part, p_buy) in enumerate(zip(pairs, scores, strict=True)):
        ids = pd.read_parquet(data.customers(bucket), columns=["customer_no", "customer_id"])
        rows = part.keys.assign(
            item_id=items[part.keys["item_no"]],
            p_buy=p_buy,
            worth=expected_uses(p_buy, part.column("trial_repeat_share").astype(np.float64)),
        ).merge(ids, on="customer_no", validate="many_to_one")
        yield (
            top_items(rows, SIZE),
            top_items(rows[part.column("buys") == 0], NEW_ITEMS, by="worth"),
        )


def report(points: list[Point]) -> pd.DataFrame:
    """A row a point, cheapest first: cost, measures, differences to the richest with their ends, as_good."""
    richest = next(point for point in points if point.trees == max(TREES))
    draws = Households(pd.concat(richest.six)["customer_id"])
    best = _measures(richest)
    rows = []
    for point in points:
        own = _measures(point)
        row = {
            "setting": point.setting,
            "trees": point.trees,
            "candidates": np.mean(point.candidates),
            "features_ms": np.mean(point.features_ms),
            "predict_ms": np.mean(point.predict_ms),
            "cost_ms": point.cost_ms,
            "new": pd.concat(point.six)["new"].sum() / pd.concat(point.six)["items"].sum(),
        }
        for name in MEASURES:
            found = draws.difference(own[name], best[name], LEVEL)
            row |= {
                name: own[name][0].sum() / own[name][1].sum(),
                f"{name} less": found.value,
                f"{name} low": found.low,
                f"{name} high": found.high,
            }
        row["as_good"] = all(row[f"{name} high"] >= 0 for name in MEASURES)
        rows.append(row)
    return pd.DataFrame(rows).sort_values("cost_ms", ignore_index=True)


def _measures(point: Point) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Of each measure what a household adds above and below the line."""
    six, two = pd.concat(point.six), pd.concat(point.two)
    shoppers = six["shopper"].to_numpy(float)
    bought = (six["bought"] * six["shopper"]).to_numpy(float)
    return {"used": used(six), "bought of six": (bought, shoppers), "tried of two": tried(two)}


def table(rows: pd.DataFrame) -> str:
    """The points as Markdown."""
    heads = (
        "setting",
        "candidates",
        "trees",
        "ms: features and candidates",
        "prediction",
        "together",
        *MEASURES,
        "new among the six",
        "as good",
    )
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for _, row in rows.iterrows():
        cells = [
            row["setting"],
            f"{row['candidates']:.0f}",
            f"{row['trees']:.0f}",
            *(f"{row[name]:.2f}" for name in ("features_ms", "predict_ms", "cost_ms")),
            *(
                f"{row[name]:.{digits}f} ({row[f'{name} low']:+.{digits}f} to {row[f'{name} high']:+.{digits}f})"
                for name, digits in zip(MEASURES, (3, 3, 4), strict=True)
            ),
            f"{row['new']:.3f}",
            "yes" if row["as_good"] else "no",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def plot(rows: pd.DataFrame) -> Drawing:
    """Items bought of six against cost: each line is a setting, its points are numbers of trees, larger for more.

    Bars are the intervals of the differences to the richest; a point as good as that is full.
    """
    colours = dict(zip([setting.name for setting in SETTINGS], _COLOURS, strict=True))
    bought = MEASURES[1]
    richest = float(rows.loc[rows["cost_ms"].idxmax(), bought])

    def lines(axes: Axes) -> None:
        axes.axhline(richest, color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
        for name, part in rows.groupby("setting", sort=False):
            colour, ordered = colours[str(name)], part.sort_values("trees")
            axes.plot(ordered["cost_ms"], ordered[bought], color=colour, linewidth=1.2, label=str(name))
            for _, point in ordered.iterrows():
                ends = [richest + point[f"{bought} low"], richest + point[f"{bought} high"]]
                axes.plot([point["cost_ms"]] * 2, ends, color=colour, linewidth=0.6)
                axes.plot(
                    point["cost_ms"],
                    point[bought],
                    "o",
                    markersize=3 + 4 * TREES.index(point["trees"]) / (len(TREES) - 1),
                    color=colour,
                    markerfacecolor=colour if point["as_good"] else CARD,
                )
        axes.set_xlim(0, 1.05 * rows["cost_ms"].max())
        axes.set_xlabel("CPU ms a customer: features, candidates, prediction")
        axes.set_ylabel("items bought of six")
        axes.grid(axis="both", color=LINE, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.tick_params(axis="both", labelcolor=SOFT)
        axes.legend(loc="lower right", fontsize=8.5)

    return draw("affinity-cost", lines, height=3.8)


def as_file(drawing: Drawing) -> str:
    """A drawing that stands alone: in the pages' light colours, on their paper."""
    light = re.search(r":root \{([^}]*)\}", render(STYLE))
    colours = light.group(1).replace("\n", " ") if light else ""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'style="{colours}" role="img" aria-label="Items bought of six against CPU time a customer" '
        f'viewBox="{drawing.view_box}"><rect width="100%" height="100%" style="fill: var(--paper)"/>'
        f"{drawing.shapes}</svg>"
    )
    return svg.replace("font-family: inherit", "font-family: system-ui, sans-serif")


_COLOURS = (INK, SKY, LEAF, BERRY, AMBER, SOFT)


if __name__ == "__main__":
    main()
