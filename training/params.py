"""What a fit may choose, in one frozen profile that the artifact records."""

from dataclasses import dataclass, field
from typing import Any

from models.baselines import TUNED
from models.candidates import CandidateLimits
from models.churn import ChurnEligibility
from models.neighbours import NeighbourRules


@dataclass(frozen=True)
class FitProfile:
    """How to learn.

    Attributes:
        window_days: shortest and longest purchase window to learn, inclusive; each example draws one.
        affinity_cuts, affinity_step_days: how many weekly cuts affinity learns from, the latest held out to
            stop and calibrate on before the final fit on all.
        example_customers: how many customers, in whole buckets, teach at each cut; a larger shop draws others at each.
        negative_share: share of unbought candidates kept in training (weighted back up).
        churn_cuts, churn_step_days: the same for churn, whose windows are as long as its horizon.
        churn_horizon_days: length of the silence that `p_churn` is about, and of partial defection.
        churn_longer_days: further horizons of silence, all longer.
        lifetime_horizon_days: what a customer is worth is said for this long.
        history_days: local days of history that a cut needs before it.
        limits, neighbours: where candidates come from.
        calibration_folds: affinity is calibrated on all cuts by trees that saw other customers, in so many folds;
            three give each fold's trees two thirds of the customers, for the price of two more fits. 0 calibrates on
            the held-out cut alone.
        min_positives: with fewer bought candidates a baseline is used instead of LightGBM.
        min_silent: the same for the rarer of silent and not silent.
    """

    window_days: tuple[int, int] = (4, 7)
    affinity_cuts: int = 9
    affinity_step_days: int = 7
    example_customers: int = 15_000
    negative_share: float = 0.3
    churn_cuts: int = 13
    churn_step_days: int = 14
    churn_horizon_days: int = 28
    churn_longer_days: tuple[int, ...] = (56,)
    seen_days: int = 56
    lifetime_horizon_days: int = 182
    history_days: int = 56
    min_positives: int = 500
    min_silent: int = 50
    seed: int = 20171204
    limits: CandidateLimits = field(default_factory=CandidateLimits)
    neighbours: NeighbourRules = field(default_factory=lambda: TUNED)
    churn_eligibility: ChurnEligibility = field(default_factory=ChurnEligibility)
    calibration_folds: int = 3
    affinity_lightgbm: dict[str, Any] = field(
        default_factory=lambda: {
            "learning_rate": 0.1,
            "num_leaves": 63,
            "min_data_in_leaf": 100,
            "feature_fraction": 0.6,
            "lambda_l2": 5.0,
            "max_rounds": 250,
            "patience": 15,
        }
    )
    churn_lightgbm: dict[str, Any] = field(
        default_factory=lambda: {
            "learning_rate": 0.02,
            "num_leaves": 4,
            "min_data_in_leaf": 150,
            "feature_fraction": 0.25,
            "bagging_fraction": 0.7,
            "bagging_freq": 1,
            "lambda_l2": 10.0,
            "rounds": 600,
        }
    )
