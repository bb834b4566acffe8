"""One cut: every contender is opened or refitted, scores the same customers, and is summed up for each of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from models.features.bucket_history import open_bought
from models.features.catalogue import Catalogue, build_catalogue
from models.features.own_features import installed_features
from models.ground.moment import Moment, local_midnight
from models.ground.progress import silent
from models.items.affinity import AffinityModel, PairScorer
from models.items.baselines import NEIGHBOUR_BASELINES, RULES
from models.items.own_model import neighbours_of
from models.running.cluster import map_buckets
from models.scoring import BucketFeatures, ShopAt, bucket_features
from models.sources import Data
from models.tables import CUSTOMER_NO, ITEM_ID, ITEM_NO
from models.versions import registry
from training.evaluation import outcomes
from training.evaluation.common_ground import on_common_ground
from training.evaluation.contenders import PUBLISHED, Contender, EvaluationPlan
from training.evaluation.outcomes import Scored
from training.fitting.affinity_fit import fit_baseline
from training.fitting.examples import affinity_examples, shops_at
from training.fitting.fit import learn_affinity, survey
from training.fitting.fit_profile import FitProfile
from training.fitting.labels import bought_after, bought_labels

# Buckets are random samples of the customers: as many are judged as hold so many, and no figure gains by more.
ENOUGH_CUSTOMERS = 20_000
# What segments are made of.
DESCRIBED_BY = ("visits", "tenure_days", "visits_84d", "spend_minor_84d")


@dataclass(frozen=True)
class Field:
    """One contender's candidates, and everybody who scores them: the contender itself, and perhaps rules.

    Attributes:
        shop: the shop at the cut, with the reference customers that the contender knows.
        profile: the contender's, for its candidates.
        scorers: by name.
    """

    shop: ShopAt
    profile: FitProfile
    scorers: dict[str, PairScorer]


def judge_cut(
    data: Data, folder: Path, plan: EvaluationPlan, cut: Moment, jobs: int
) -> dict[str, pd.DataFrame]:
    """Tables of one cut: customers, measures, slots, bins, gains, found, importance (see `outcomes`).

    Args:
        data: the shop.
        folder: its registry.
        plan: who is judged, and how.
        cut: everybody predicts from what lies before it.
        jobs: buckets worked on side by side; the result does not depend on it.
    """
    catalogue = build_catalogue(pd.read_parquet(data.products), plan.judged.item_level)
    (shop,) = shops_at(data, catalogue, [cut], plan.judged.profile, jobs)
    scorers = [_scorer(data, folder, plan, contender, cut, jobs) for contender in plan.contenders]
    compared = [
        Field(_known_to(scorer, contender, plan, shop), contender.profile, {contender.version: scorer})
        for contender, scorer in zip(plan.contenders, scorers, strict=True)
    ]
    compared += _rules(data, plan, catalogue, cut, jobs)
    tables = judge_fields(data, compared, plan.days, jobs)
    tables["importance"] = _importance(plan, scorers).assign(cut=cut.day.isoformat())
    return tables


def judge_fields(data: Data, fields: Sequence[Field], days: int, jobs: int) -> dict[str, pd.DataFrame]:
    """Tables of everybody who scores candidates at one cut: customers, measures, slots, bins, gains, found.

    Args:
        data: the shop.
        fields: all at the same moment.
        days: local days in which a purchase counts.
        jobs: buckets worked on side by side.
    """
    tasks = [(data, bucket, fields, days) for bucket in judged_buckets(data)]
    parts = list(map_buckets(_judge_bucket, tasks, jobs=jobs, what="judging a cut", progress=silent))
    tables = {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in parts[0]}
    tables["gains"] = tables["gains"].groupby(["method", "part"], as_index=False).sum()
    day = fields[0].shop.moment.day.isoformat()
    return {name: table.assign(cut=day) for name, table in tables.items()}


def judged_buckets(data: Data) -> range:
    """As many buckets as hold ENOUGH_CUSTOMERS, all of a smaller shop."""
    return range(max(1, min(data.buckets, ENOUGH_CUSTOMERS * data.buckets // max(data.customers_total, 1))))


def _scorer(
    data: Data, folder: Path, plan: EvaluationPlan, contender: Contender, cut: Moment, jobs: int
) -> PairScorer:
    if plan.how == PUBLISHED:
        return registry.open_version(folder, contender.version).affinity
    known = local_midnight(cut.day - timedelta(days=contender.age_days), cut.timezone)
    ground = survey(data, known, contender.item_level, contender.profile, jobs)
    return learn_affinity(ground).model


def _known_to(scorer: PairScorer, contender: Contender, plan: EvaluationPlan, shop: ShopAt) -> ShopAt:
    """The shop with the reference customers and the features that the scorer was fitted with, as a night has it."""
    named = neighbours_of(scorer)
    neighbours = None if named is None else named.numbered(shop.catalogue.items[ITEM_ID])
    own_features = installed_features(contender.profile.own_features)
    reads = contender.promotions if plan.how == PUBLISHED else shop.promotion_features
    return replace(shop, neighbours=neighbours, own_features=own_features, promotion_features=reads)


def _rules(data: Data, plan: EvaluationPlan, catalogue: Catalogue, cut: Moment, jobs: int) -> list[Field]:
    """The simple rules, each with the probabilities that it would have had right one window earlier.

    Rules that ask customers alike ask them by their own parameters; the others have the judged version's candidates.
    """
    before = local_midnight(cut.day - timedelta(days=plan.days), cut.timezone)
    asked = {rule: NEIGHBOUR_BASELINES.get(rule, plan.judged.profile.neighbours) for rule in RULES}
    fields = []
    for neighbours in dict.fromkeys(asked.values()):
        profile = replace(plan.judged.profile, window_days=(plan.days, plan.days), neighbours=neighbours)
        shops = shops_at(data, catalogue, [cut, before], profile, jobs)
        examples = affinity_examples(data, shops[1:], profile, jobs)
        scorers: dict[str, PairScorer] = {
            rule: fit_baseline(rule, examples) for rule, asks in asked.items() if asks == neighbours
        }
        fields.append(Field(shops[0], profile, scorers))
    return fields


def _judge_bucket(data: Data, bucket: int, compared: Sequence[Field], days: int) -> dict[str, pd.DataFrame]:
    shop = compared[0].shop
    bought = bought_after(data.purchases(bucket), shop.catalogue, shop.moment, days)
    truth = _truth(data, shop, bucket, bought)
    tables: dict[str, list[pd.DataFrame]] = {
        name: [] for name in ("customers", "measures", "slots", "bins", "gains", "found")
    }
    methods = []
    for field in compared:
        features = bucket_features(
            data.purchases(bucket),
            data.customers(bucket),
            field.shop,
            field.profile.limits,
            field.profile.seen_days,
            lambda seen: np.full(len(seen), days),
        )
        people = features.customers.take(features.seen)
        tables["customers"].append(people.keys.assign(**{name: people.column(name) for name in DESCRIBED_BY}))
        methods += [
            _scored(name, scorer, features, shop, bought, truth) for name, scorer in field.scorers.items()
        ]
    for scored in on_common_ground(methods):
        for each in ("measures", "slots", "bins", "gains", "found"):
            tables[each].append(getattr(outcomes, each)(scored))
    gathered = {name: pd.concat(parts) for name, parts in tables.items()}
    gathered["customers"] = gathered["customers"].drop_duplicates(CUSTOMER_NO)
    return {name: _named_apart(table, bucket, data.buckets) for name, table in gathered.items()}


def _named_apart(table: pd.DataFrame, bucket: int, buckets: int) -> pd.DataFrame:
    """Customers are numbered from 0 in every bucket; give them numbers that are theirs alone."""
    if CUSTOMER_NO not in table:
        return table
    return table.assign(customer_no=table[CUSTOMER_NO].astype("int64") * buckets + bucket)


def _truth(data: Data, shop: ShopAt, bucket: int, bought: pd.DataFrame) -> pd.DataFrame:
    """What was bought in the window: customer_no, item_no, kind by the days it had been bought on before."""
    with open_bought(data.purchases(bucket), shop.catalogue, shop.moment) as history:
        before = history.execute(
            "SELECT customer_no, item_no, count(*)::INTEGER AS buys FROM item_days WHERE item_no IS NOT NULL GROUP BY ALL"
        ).df()
    keys = [CUSTOMER_NO, ITEM_NO]
    truth = bought.dropna(subset=ITEM_NO).astype({ITEM_NO: "int64"})[keys]
    buys = truth.merge(before.astype({ITEM_NO: "int64"}), on=keys, how="left")["buys"].fillna(0)
    return truth.assign(kind=outcomes.kind_of(buys.to_numpy()))


def _scored(
    name: str,
    scorer: PairScorer,
    features: BucketFeatures,
    shop: ShopAt,
    bought: pd.DataFrame,
    truth: pd.DataFrame,
) -> Scored:
    pairs = features.pairs
    families = shop.catalogue.items["family_1"].fillna("none").to_numpy()
    rows = pairs.keys[[CUSTOMER_NO, ITEM_NO, "sources"]].assign(
        p=scorer.predict(pairs),
        bought=bought_labels(pairs.keys, pairs.column("window_days"), bought),
        kind=outcomes.kind_of(pairs.column("buys")),
        family=families[pairs.keys[ITEM_NO]],
    )
    customers = features.customers.keys[CUSTOMER_NO].to_numpy()[features.seen]
    return Scored(name, outcomes.ranked(rows), truth, customers, bought[CUSTOMER_NO].unique())


def _importance(plan: EvaluationPlan, scorers: Sequence[PairScorer]) -> pd.DataFrame:
    """Gain of each feature of the contenders' trees: method, feature, gain (a share of all)."""
    parts = []
    for contender, scorer in zip(plan.contenders, scorers, strict=True):
        if isinstance(scorer, AffinityModel):
            gain = scorer.booster.feature_importance("gain")
            share = gain / max(gain.sum(), 1e-12)
            parts.append(
                pd.DataFrame(
                    {"method": contender.version, "feature": scorer.booster.feature_name(), "gain": share}
                )
            )
    return pd.concat(parts) if parts else pd.DataFrame(columns=["method", "feature", "gain"])
