"""How well leaving is told, against a logistic RFM and a plain LightGBM fitted on the same examples.

    python -m tests.benchmarks.churn --data var/completejourney --horizon 28 --cuts 2017-05-21 2017-07-02

Every model learns from what lies before its cut alone, by the path of `abonement-train fit`. The table gives for each
cut AUC, PR-AUC, log loss and calibration error (10 bins of equal size) with the 95 % band that a perfectly calibrated
predictor with the same scores would keep to, and for customers late by their own cycle how many were said to stay
away and how many did. Below it the differences to both rivals over all cuts together, with the 95 % interval of a
bootstrap of customers, the same customers for both.
"""

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.customers.overdue import late_by_own_cycle
from models.features.feature_matrix import FeatureMatrix
from models.ground.moment import Moment, parse_moment
from models.sources import Data, load, open_data
from training.fitting.examples import Examples, return_examples
from training.fitting.fit import Ground, learn_churn, survey
from training.fitting.fit_profile import FitProfile
from training.fitting.prediction_metrics import auc, calibration_error, mean_log_loss, pr_auc

LATE_SHARE = 0.10  # as the shipped programme has it in outreach.late_share
RFM = ("days_since_visit", "visits_84d", "spend_minor_84d", "gap_mean_days", "tenure_days")
PLAIN = {
    "learning_rate": 0.03,
    "num_leaves": 15,
    "min_data_in_leaf": 50,
    "verbosity": -1,
    "num_threads": 2,
    "seed": 1,
}
PLAIN_ROUNDS = 200
RESAMPLES = 500
OURS, LOGISTIC, BOOSTED = "ours", "logistic RFM", "plain LightGBM"


@dataclass(frozen=True)
class Judged:
    """One cut: whose, what happened, each model's chance, and who was late by their own cycle."""

    cut: str
    customer: np.ndarray
    happened: np.ndarray
    p: dict[str, np.ndarray]
    late: np.ndarray


def judge(data: Data, cut: str, horizon_days: int, label: str, jobs: int) -> Judged:
    """Fit all three on what lies before the cut, and see what happened after it."""
    profile = replace(FitProfile(), churn_horizon_days=horizon_days, churn_longer_days=())
    moment = parse_moment(cut, data.timezone)
    ground = survey(data, moment, "product", profile, jobs)
    churn = learn_churn(ground).model
    learn, after = _examples(ground, ground.churn_cuts, label, jobs), _examples(ground, [moment], label, jobs)
    people = after.features
    keys = people.keys["bucket"].astype(str) + "/" + people.keys["customer_no"].astype(str)
    return Judged(
        cut,
        keys.to_numpy(),
        after.happened,
        {
            OURS: churn.p_partial(people) if label == "partial" else churn.p_silent(people, horizon_days),
            LOGISTIC: logistic_rfm(learn)(people),
            BOOSTED: plain_lightgbm(learn)(people),
        },
        late_by_own_cycle(people, ground.rhythm, LATE_SHARE),
    )


def _examples(ground: Ground, cuts: list[Moment], label: str, jobs: int) -> Examples:
    returns = return_examples(ground.data, ground.shop.catalogue, cuts, ground.profile, jobs)
    far = pd.Timestamp.max.date()
    return (
        returns.partial(far) if label == "partial" else returns.silent(ground.profile.churn_horizon_days, far)
    )


def logistic_rfm(examples: Examples) -> Callable[[FeatureMatrix], np.ndarray]:
    """Logistic regression on the logarithms of recency, frequency, money, mean gap and tenure."""

    def inputs(people: FeatureMatrix) -> np.ndarray:
        values = np.stack([people.column(name).astype(np.float64) for name in RFM], axis=1)
        return np.log1p(np.nan_to_num(values, nan=60.0))

    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(
        inputs(examples.features), examples.happened
    )
    return lambda people: np.asarray(model.predict_proba(inputs(people))[:, 1])


def plain_lightgbm(examples: Examples) -> Callable[[FeatureMatrix], np.ndarray]:
    """LightGBM on the customer features as they are."""
    data = lgb.Dataset(examples.features.values, label=examples.happened)
    model = lgb.train(PLAIN | {"objective": "binary"}, data, num_boost_round=PLAIN_ROUNDS)
    return lambda people: np.asarray(model.predict(people.values))


def calibration_band(p: np.ndarray, draws: int = 1000, seed: int = 1) -> float:
    """The calibration error that a perfectly calibrated predictor with these scores stays below in 95 of 100 draws."""
    rng = np.random.default_rng(seed)
    return float(np.quantile([calibration_error(rng.random(len(p)) < p, p) for _ in range(draws)], 0.95))


def binomial_band(p: np.ndarray, draws: int = 4000, seed: int = 2) -> tuple[float, float]:
    """Between which shares 95 of 100 groups with these chances come out."""
    drawn = (np.random.default_rng(seed).random((draws, len(p))) < p).mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def differences(judged: list[Judged], rival: str, score: Callable[[np.ndarray, np.ndarray], float]) -> str:
    """Ours less the rival's score, the mean over cuts, with its paired bootstrap interval."""
    customers = np.unique(np.concatenate([one.customer for one in judged]))
    rows = [np.searchsorted(customers, one.customer) for one in judged]
    rng = np.random.default_rng(3)

    def gap(weights: np.ndarray) -> float:
        gaps = []
        for one, row in zip(judged, rows, strict=True):
            drawn = np.repeat(np.arange(len(row)), weights[row])
            gaps.append(
                score(one.happened[drawn], one.p[OURS][drawn])
                - score(one.happened[drawn], one.p[rival][drawn])
            )
        return float(np.mean(gaps))

    at_all = gap(np.ones(len(customers), dtype=int))
    drawn = [
        gap(np.bincount(rng.integers(0, len(customers), len(customers)), minlength=len(customers)))
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return f"{at_all:+.4f} ({low:+.4f} to {high:+.4f})"


def table(judged: list[Judged]) -> pd.DataFrame:
    """One row a cut and model."""
    rows = []
    for one in judged:
        for name, p in one.p.items():
            late = p[one.late]
            low, high = binomial_band(late)
            rows.append(
                {
                    "cut": one.cut,
                    "model": name,
                    "n": len(p),
                    "base": one.happened.mean(),
                    "mean p": p.mean(),
                    "AUC": auc(one.happened, p),
                    "PR-AUC": pr_auc(one.happened, p),
                    "log loss": mean_log_loss(one.happened, p),
                    "calibration": calibration_error(one.happened, p),
                    "band": calibration_band(p),
                    "late": int(one.late.sum()),
                    "late said": late.mean(),
                    "late did": one.happened[one.late].mean(),
                    "late band": f"{low:.3f}-{high:.3f}",
                }
            )
    return pd.DataFrame(rows)


def main() -> None:
    """Judge the cuts asked for and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cuts", nargs="+", required=True)
    parser.add_argument("--horizon", type=int, default=28)
    parser.add_argument("--label", choices=["silent", "partial"], default="silent")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="abonement-bench-") as workspace:
        load(asked.data, Path(workspace))
        data = open_data(Path(workspace))
        judged = [judge(data, cut, asked.horizon, asked.label, asked.jobs) for cut in asked.cuts]
    found = table(judged)
    print(found.to_string(index=False, float_format=lambda number: f"{number:.4f}"))
    print(
        found.groupby("model", sort=False)[["AUC", "PR-AUC", "log loss", "calibration"]]
        .mean()
        .round(4)
        .to_string()
    )
    for rival in (LOGISTIC, BOOSTED):
        print(
            f"ours less {rival}: AUC {differences(judged, rival, auc)}, PR-AUC {differences(judged, rival, pr_auc)}"
        )


if __name__ == "__main__":
    main()
