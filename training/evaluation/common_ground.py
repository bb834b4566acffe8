"""The ground on which methods can be compared: the pairs that all of them proposed, and everybody's customers.

A mean over a method's own candidates is the better the more pairs it proposes that nobody would have bought. So log
loss, gains, lift and calibration look at the pairs that every method had to score, and what a method did not propose is
counted among the purchases it missed. Customers whom a method gave no candidates count for it too, with nothing found.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import numpy as np
import pandas as pd

from models.tables import CUSTOMER_NO, ITEM_NO
from training.evaluation.outcomes import Scored


def on_common_ground(methods: Sequence[Scored]) -> list[Scored]:
    """The same methods of one bucket, with a column `common` in their rows and the customers of all of them."""
    pairs = [pd.MultiIndex.from_frame(method.rows[[CUSTOMER_NO, ITEM_NO]]) for method in methods]
    common = reduce(lambda kept, others: kept.intersection(others), pairs)
    customers = np.unique(np.concatenate([method.customers for method in methods]))
    return [
        replace(method, rows=method.rows.assign(common=own.isin(common)), customers=customers)
        for method, own in zip(methods, pairs, strict=True)
    ]
