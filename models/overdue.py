"""Who is late by his own cycle, what he is due to buy, and what his staying away would cost.

One function of a bucket, as everything per customer. Late is said of the customer's own gaps (`models.rhythm`), how
sure we are by the calibrated chance of silence (`models.churn`): the overdue ratio explains well and ranks badly.
"""

import numpy as np

from models.features.matrix import FeatureMatrix
from models.rhythm import Rhythm

# Of a customer's own gaps, at most this share is as long as the present silence.
LATE_SHARE = 0.10


def late_by_own_cycle(customers: FeatureMatrix, rhythm: Rhythm, late_share: float) -> np.ndarray:
    """True for customers of whose gaps at most `late_share` would have lasted as long as the silence; shape (n,)."""
    silence = np.maximum(customers.column("days_since_visit").astype(np.float64), 0.5)
    return np.asarray(rhythm.gaps(customers).survival(silence) <= late_share)
