"""A real shop and a simulated one beside each other: every figure, how far apart, and whether that is a miss."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.tables import CUSTOMER_ID
from training.fitting.prediction_metrics import auc
from training.simulator.calibration.moments import BACKGROUND, FIGURES, Figure

# The shipped model's AUC on Complete Journey's later cuts, 2017-09-10 to 2017-12-03, is .860 (docs/figures.md).
CHURN_AUC = Figure("churn_auc", "AUC of the shipped churn model, 28 days", "number", 0.02, 0.86)
# Futures drawn of every household at every cut: the mean AUC over them is known to about a thousandth.
FUTURES = 100
PREDICTORS = {
    "shipped": "the shipped model",
    "p_history": "oracle: true parameters and the past",
    "p_state": "oracle: hidden state too",
}


@dataclass(frozen=True)
class WorldComparison:
    """What was found.

    Attributes:
        figures: one row each of FIGURES, the churn AUC, then BACKGROUND: key, meaning, unit, real, simulated (mean of
            the lives), spread (standard deviation between lives, NaN for a single one), off (simulated less real),
            tolerance, missed (NaN counts as missed), published, asked (False: background).
        churn: one row for each of PREDICTORS on the simulated shop: predictor, auc (as it happened, mean of the
            cuts), expected (mean over drawn futures), error (standard error of `auc` by chance: standard deviation
            over futures), share and share_error (of the excess over .5 of who knows all parameters and the past).
        cuts: cut_day, real_auc, simulated_auc, real_households, simulated_households, real_silent, simulated_silent.
        currency: of both shops' money, ISO code.
    """

    figures: pd.DataFrame
    churn: pd.DataFrame
    cuts: pd.DataFrame
    currency: str

    @property
    def misses(self) -> pd.DataFrame:
        """Rows of `figures` that were asked for and are off by more than their tolerance."""
        return self.figures[self.figures["asked"] & self.figures["missed"]]


def compare(
    real: Mapping[str, float],
    simulated: Sequence[Mapping[str, float]],
    real_told: pd.DataFrame,
    simulated_told: pd.DataFrame,
    truth: pd.DataFrame,
    seed: int,
    *,
    currency: str,
) -> WorldComparison:
    """Put two shops beside each other.

    Args:
        real: figures of the real shop by key.
        simulated: of the simulated one, for each of its lives.
        real_told: customer_id, cut_day, p_silent, silent of the shipped model on the real shop.
        simulated_told: the same on the first life of the simulated one.
        truth: customer_id, cut_day, p_state, p_history of that life.
        seed: of the futures that are drawn.
        currency: of both shops' money, ISO code.
    """
    cuts = (
        _by_cut(real_told)
        .add_prefix("real_")
        .join(_by_cut(simulated_told).add_prefix("simulated_"))
        .reset_index()
    )
    real = {**real, CHURN_AUC.key: float(cuts["real_auc"].mean())}
    auc_there = {CHURN_AUC.key: [float(cuts["simulated_auc"].mean())]}
    rows = []
    for figure in (*FIGURES, CHURN_AUC, *BACKGROUND):
        lives = np.array(auc_there.get(figure.key) or [life[figure.key] for life in simulated])
        off = float(lives.mean()) - real[figure.key]
        rows.append(
            {
                "key": figure.key,
                "meaning": figure.meaning,
                "unit": figure.unit,
                "real": real[figure.key],
                "simulated": float(lives.mean()),
                "spread": float(lives.std(ddof=1)) if len(lives) > 1 else np.nan,
                "off": off,
                "tolerance": figure.tolerance,
                "missed": not abs(off) <= figure.tolerance,
                "published": np.nan if figure.published is None else figure.published,
                "asked": figure not in BACKGROUND,
            }
        )
    return WorldComparison(pd.DataFrame(rows), churn_scores(simulated_told, truth, seed), cuts, currency)


def churn_scores(told: pd.DataFrame, truth: pd.DataFrame, seed: int) -> pd.DataFrame:
    """AUC of the shipped model and of both oracles: as it happened, and over futures drawn from the truth.

    Households are independent of each other, so a future is one draw for each by the chance of who knows its state.
    The same futures judge all three.
    """
    rows = told.merge(truth, on=[CUSTOMER_ID, "cut_day"], validate="one_to_one")
    rows = rows.rename(columns={"p_silent": "shipped"})
    rng = np.random.default_rng(seed)
    happened: dict[str, list[float]] = {name: [] for name in PREDICTORS}
    futures: dict[str, list[list[float]]] = {name: [] for name in PREDICTORS}
    for _, cut in rows.groupby("cut_day"):
        silent = cut["silent"].to_numpy(dtype=bool)
        drawn = rng.random((FUTURES, len(cut))) < cut["p_state"].to_numpy()
        for name in PREDICTORS:
            p = cut[name].to_numpy()
            happened[name].append(auc(silent, p))
            futures[name].append([auc(future, p) for future in drawn])
    mean = {name: np.mean(futures[name], axis=0) for name in PREDICTORS}  # over the cuts, one for each future
    found = []
    for name in PREDICTORS:
        share = (mean[name] - 0.5) / (mean["p_history"] - 0.5)
        found.append(
            {
                "predictor": name,
                "auc": float(np.mean(happened[name])),
                "expected": float(mean[name].mean()),
                "error": float(mean[name].std(ddof=1)),
                "share": float((mean[name].mean() - 0.5) / (mean["p_history"].mean() - 0.5)),
                "share_error": float(share.std(ddof=1)),
            }
        )
    return pd.DataFrame(found)


def _by_cut(told: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            cut_day: {
                "auc": auc(cut["silent"].to_numpy(dtype=bool), cut["p_silent"].to_numpy()),
                "households": len(cut),
                "silent": float(cut["silent"].mean()),
            }
            for cut_day, cut in told.groupby("cut_day")
        }
    ).T.rename_axis("cut_day")
