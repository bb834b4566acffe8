"""A rule that takes single candidates from single customers, whatever they are worth.

What is forbidden for everybody is decided once a night in `assortment`; a rule of this kind depends on the customer: their
age, their stores, what they got last week. Each rule is a module of this room, a frozen value that holds what it must know.
"""

from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.eligibility import Removal


class CandidateRule(Protocol):
    """Takes candidates from their customers."""

    @property
    def removal(self) -> Removal:
        """What the log says of a candidate that the rule took."""

    def bars(
        self, customers: pd.DataFrame, candidates: pd.DataFrame, item_id: npt.NDArray[np.object_]
    ) -> npt.NDArray[np.bool_]:
        """(N,) whether each candidate is taken from its customer.

        Args:
            customers: customer_no (ascending), customer_id and valid_days of the n customers who may have a bundle.
            candidates: their N candidates, as the model scored them: customer_no, item_no, buys, days_since_buy, ...
            item_id: of every item of the night, by item_no.
        """
