"""From a shop's data to its lifetime model: the customers it is fitted on, and a rehearsal inside the past."""

from datetime import date, timedelta

import numpy as np

from models.customers.lifetime import LifetimeModel, visit_history
from models.customers.lifetime.visit_history import Floats
from models.features.catalogue import Catalogue
from models.features.feature_matrix import FeatureMatrix
from models.ground.moment import Moment, local_midnight
from models.ground.progress import silent
from models.running.blas_threads import one_blas_thread
from models.running.cluster import map_buckets
from models.scoring import bucket_customers
from models.sources import Data
from models.tables import CUSTOMER_NO
from training.fitting.affinity_fit import Learnt
from training.fitting.fit_profile import FitProfile
from training.fitting.labels import visits_after
from training.fitting.lifetime_likelihood import (
    Rehearsal,
    fit_lifetime,
    fit_pareto_nbd,
    rehearsed_miss,
)
from training.fitting.lifetime_yardsticks import VisitsFit, mean_rate, own_rate
from training.fitting.yardsticks import CONSTANT, MODEL, RULE

# A likelihood of four parameters is as sharp as it need be with so many customers, drawn by the profile's seed.
MAX_CUSTOMERS = 10_000
# With fewer customers, or fewer who came back, four parameters are a guess.
MIN_CUSTOMERS, MIN_CAME_BACK = 30, 10
# A rehearsal needs some past and some future to be one.
MIN_PAST_DAYS, MIN_REHEARSAL_DAYS = 56, 14
WAYS: dict[str, VisitsFit] = {MODEL: fit_pareto_nbd, RULE: own_rate, CONSTANT: mean_rate}


@one_blas_thread()
def learn_lifetime(
    customers: FeatureMatrix,
    data: Data,
    catalogue: Catalogue,
    as_of: Moment,
    first_day: date,
    profile: FitProfile,
    jobs: int,
) -> Learnt[LifetimeModel | None]:
    """What customers are worth, or None with a note where there are too few to learn from.

    Args:
        customers: features of everybody with a visit before `as_of`.
        data: the load.
        catalogue: the shop's items.
        as_of: nothing at or after it is used.
        first_day: of the shop's history.
        profile: horizon and seed.
        jobs: buckets side by side.
    """
    drawn = _drawn(len(customers), profile.seed)
    history = visit_history(customers).take(drawn)
    if len(history) < MIN_CUSTOMERS or (history.repeats > 0).sum() < MIN_CAME_BACK:
        return Learnt(
            None,
            {},
            f"Lifetime value is not predicted: learning it needs {MIN_CUSTOMERS} customers of whom {MIN_CAME_BACK} "
            f"came back, this shop has {len(history)} of whom {int((history.repeats > 0).sum())} did.",
        )
    baskets = customers.column("basket_minor").astype(np.float64)[drawn]
    paid = baskets > 0
    spend = (history.repeats[paid] + 1.0, baskets[paid])
    past_days, horizon = (as_of.day - first_day).days, profile.lifetime_horizon_days
    inner_days = past_days * past_days // (past_days + horizon)
    if inner_days < MIN_PAST_DAYS or past_days - inner_days < MIN_REHEARSAL_DAYS:
        return Learnt(
            fit_lifetime(history, spend, horizon, None),
            {},
            f"Lifetime value is not corrected by the shop's own past: {past_days} days are too few to rehearse.",
        )
    cut = local_midnight(first_day + timedelta(days=inner_days), as_of.timezone)
    tasks = [(data, catalogue, cut, bucket, past_days - inner_days) for bucket in range(data.buckets)]
    what = "rehearsing lifetime value"
    parts = list(map_buckets(_bucket, tasks, jobs=jobs, what=what, progress=silent))
    inner = visit_history(_together([part[0] for part in parts]))
    came = np.concatenate([part[1] for part in parts])
    rows = _drawn(len(inner), profile.seed)
    rehearsal = Rehearsal(inner.take(rows), came[rows], past_days - inner_days)
    if not rehearsal.came.any():
        return Learnt(fit_lifetime(history, spend, horizon, rehearsal), {})
    off = {name: rehearsed_miss(rehearsal, each) for name, each in WAYS.items()}
    best = min((CONSTANT, RULE, MODEL), key=lambda name: off[name])
    metrics = {"visits_off" if name == best else f"{name}_visits_off": value for name, value in off.items()}
    return Learnt(fit_lifetime(history, spend, horizon, rehearsal, WAYS[best]), metrics, _note(best, off))


def _note(best: str, off: dict[str, float]) -> str | None:
    if best == MODEL:
        return None
    used = "the own rate of each customer so far" if best == RULE else "the shop's mean rate for everybody"
    return (
        f"Lifetime value goes by {used}: in the rehearsal the model was not better (off by {off[MODEL]:.4f} visits a "
        f"customer, the rule by {off[RULE]:.4f}, the constant by {off[CONSTANT]:.4f})."
    )


def _bucket(
    data: Data, catalogue: Catalogue, cut: Moment, bucket: int, days: int
) -> tuple[FeatureMatrix, Floats]:
    """One bucket's customers at the inner cut, and how often each came after it."""
    customers = bucket_customers(data.purchases(bucket), catalogue, cut)
    came = visits_after(data.purchases(bucket), catalogue, cut, days).set_index(CUSTOMER_NO)["visits"]
    return customers, came.reindex(customers.keys[CUSTOMER_NO]).fillna(0).to_numpy(np.float64)


def _together(parts: list[FeatureMatrix]) -> FeatureMatrix:
    values = np.concatenate([part.values for part in parts])
    return FeatureMatrix(parts[0].keys.iloc[:0], values, parts[0].names)


def _drawn(customers: int, seed: int) -> np.ndarray:
    """Which customers the likelihood sees: all, or a seeded draw of them; a mask of shape (customers,)."""
    drawn = np.ones(customers, dtype=np.bool_)
    if customers > MAX_CUSTOMERS:
        left_out = np.random.default_rng([seed, customers]).permutation(customers)[MAX_CUSTOMERS:]
        drawn[left_out] = False
    return drawn
