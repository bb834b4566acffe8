"""What a fit may choose, in one frozen profile that the artifact records."""

from dataclasses import asdict, dataclass, field
from typing import Any

from models.customers.churn import ChurnEligibility
from models.items.candidates import CandidateLimits
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
        limits: candidates of each source.
        neighbours: how customers alike are asked, for features and candidates; nobody is asked by default, because a
            bundle of six gains nothing by it that would pay for their part of the night (docs/affinity.md).
        own_features: names of features that installed packages give (`models.features.own_features`); affinity reads
            them after the recipe's own.
        own_model, own_model_parameters: name of the model that an installed package gives and that learns affinity in
            place of LightGBM (`models.items.own_model`), empty for none; and those of its parameters that differ from
            its own defaults.
        calibration_folds: affinity is calibrated on all cuts by trees that saw other customers, in so many folds;
            two give each fold's trees half of the customers, for the price of one more fit. 0 calibrates on the
            held-out cut alone.
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
    neighbours: NeighbourRules | None = None
    own_features: tuple[str, ...] = ()
    own_model: str = ""
    own_model_parameters: dict[str, Any] = field(default_factory=dict)
    churn_eligibility: ChurnEligibility = field(default_factory=ChurnEligibility)
    calibration_folds: int = 2
    # Weeks differ in how much is bought at all. The log loss of one held-out week takes that for over-fitting: on the
    # cuts 2017-09-11 and 2017-09-25 of Complete Journey it stopped after 25 rounds, while the order of the items, which
    # is what a bundle is made of, went on improving for 107 and 140. The level is the calibration's affair.
    affinity_lightgbm: dict[str, Any] = field(
        default_factory=lambda: {
            "learning_rate": 0.05,
            "num_leaves": 63,
            "min_data_in_leaf": 100,
            "feature_fraction": 0.3,
            "lambda_l2": 5.0,
            "max_rounds": 60,
            "patience": 20,
            "metric": "average_precision",
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

    def recorded(self) -> dict[str, Any]:
        """What a manifest keeps: every field, those of plug-ins only where there are some.

        So a fit without plug-ins gives the version that it gave before there were any.
        """
        return {key: value for key, value in asdict(self).items() if not key.startswith("own_") or value}
