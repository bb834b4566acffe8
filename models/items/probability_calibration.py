"""Turning scores into probabilities that happen as often as they say."""

from dataclasses import dataclass

import numpy as np

# Probabilities closer to 0 or 1 than this are not told apart.
EDGE = 1e-6
REFERENCE_DAYS = 7.0


@dataclass(frozen=True)
class BetaCalibration:
    """Beta calibration: logit(q) = a ln(p) - b ln(1 - p) + c.

    Three parameters keep the order of the scores without ties, unlike isotonic regression, and correct both
    over- and under-confidence (Kull, Silva Filho and Flach, "Beta calibration", AISTATS 2017).
    """

    a: float = 1.0
    b: float = 1.0
    c: float = 0.0

    def __call__(self, p: np.ndarray) -> np.ndarray:
        """Calibrated probabilities, same shape as `p`."""
        p = np.clip(np.asarray(p, dtype=np.float64), EDGE, 1.0 - EDGE)
        return np.asarray(1.0 / (1.0 + np.exp(-(self.a * np.log(p) - self.b * np.log1p(-p) + self.c))))


def shifted(p: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Probabilities whose log odds are moved by `by`, shape (n,)."""
    p = np.clip(np.asarray(p, dtype=np.float64), EDGE, 1.0 - EDGE)
    return np.asarray(1.0 / (1.0 + (1.0 - p) / p * np.exp(-by)))


def log_window(window_days: np.ndarray) -> np.ndarray:
    """The logarithm of the windows' lengths in REFERENCE_DAYS, same shape: odds are about as large as they are long."""
    return np.asarray(np.log(np.asarray(window_days, dtype=np.float64) / REFERENCE_DAYS))
