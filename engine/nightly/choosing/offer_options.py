"""Every candidate of a bucket at every depth: what may be offered and what it is expected to cost."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.budget import MILLI
from engine.nightly.choosing.assortment import Assortment
from models.ground.errors import BadInput
from models.tables import CUSTOMER_ID, CUSTOMER_NO, EXPECTED_UNITS, ITEM_NO, P_BUY, P_CHURN, P_REPEAT


@dataclass(frozen=True)
class Options:
    """N candidates of n customers, sorted by customer and falling p_buy, against D depths, smallest first.

    Attributes:
        seed: the programme's, for policies that draw; derive from it, the customer's and the item's id, never
            from a row's place, which depends on the buckets.
        depths_bp: (D,).
        customer_id: (n,) strings.
        customer: (N,) place of the candidate's customer in `customer_id`.
        item_id: (N,) strings.
        item_no: (N,) row of the item on the shelf.
        p_buy: (N,) P(customer buys the item within the window).
        p_repeat: (N,) P(bought again | tried) of the item over all customers; NaN where unknown.
        expected_units: (N,) units bought if bought, at most the programme's cap.
        buys: (N,) days on which the customer bought the item before.
        sources: (N,) bit mask of where the candidate came from.
        p_churn: (N,) P(silent for the churn horizon) of the candidate's customer; NaN where unknown.
        price_minor: (N,) price of one unit; UNKNOWN_PRICE for a family.
        allowed: (N, D) within exclusions and floors.
        discount_minor: (N, D) off one unit.
        expected_cost_milli: (N, D) thousandths of a minor unit: p_buy x expected units x discount, rounded up.
        removed_by: (N,) code of the rule that forbids even the smallest depth, else 0.

    """

    seed: int
    depths_bp: npt.NDArray[np.int64]
    customer_id: npt.NDArray[np.object_]
    customer: npt.NDArray[np.int64]
    item_id: npt.NDArray[np.object_]
    item_no: npt.NDArray[np.int64]
    p_buy: npt.NDArray[np.float64]
    p_repeat: npt.NDArray[np.float64]
    expected_units: npt.NDArray[np.float64]
    buys: npt.NDArray[np.int64]
    sources: npt.NDArray[np.uint8]
    p_churn: npt.NDArray[np.float64]
    price_minor: npt.NDArray[np.int64]
    allowed: npt.NDArray[np.bool_]
    discount_minor: npt.NDArray[np.int64]
    expected_cost_milli: npt.NDArray[np.int64]
    removed_by: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        """Return the number of candidates."""
        return len(self.p_buy)

    def only(self, names: Collection[str]) -> "Options":
        """Return the same candidates with these fields; reading another one is a BadInput that names it."""
        narrowed = object.__new__(_Narrowed)
        narrowed.__dict__.update({name: getattr(self, name) for name in names}, _rows=len(self))
        return narrowed


class _Narrowed(Options):
    """Options of which a policy sees what it says it needs, so that `needs` is true."""

    _rows: int

    def __getattr__(self, name: str) -> NoReturn:
        if name in INPUTS:
            raise BadInput(f"The policy reads {name!r} and does not say so; add it to the policy's `needs`.")
        raise AttributeError(name)

    def __len__(self) -> int:
        return self._rows


# What a policy may read.
INPUTS = frozenset(field.name for field in fields(Options))


def build_options(
    customers: pd.DataFrame, candidates: pd.DataFrame, assortment: Assortment, *, max_units: int, seed: int
) -> Options:
    """Join candidates with the shelf.

    Args:
        customers: customer_no (ascending), customer_id, p_churn of those who may get a bundle.
        candidates: customer_no, item_no, p_buy, p_repeat, expected_units, buys, sources, sorted by customer_no and
            falling p_buy; rows of other customers are not allowed here.
        shelf: the night's items.
        max_units: units of one item that get the discount.
        seed: the programme's.

    Raises:
        BadInput: candidates are unsorted, of unknown customers, or p_buy or units are not what they should be.

    """
    numbers = customers[CUSTOMER_NO].to_numpy(dtype=np.int64)
    owner = candidates[CUSTOMER_NO].to_numpy(dtype=np.int64)
    customer = np.searchsorted(numbers, owner)
    p_buy = candidates[P_BUY].to_numpy(dtype=np.float64)
    units = candidates[EXPECTED_UNITS].to_numpy(dtype=np.float64)
    _check(numbers, owner, customer, p_buy, units)
    item_no = candidates[ITEM_NO].to_numpy(dtype=np.int64)
    capped = np.minimum(units, max_units)
    discount = assortment.discount_minor[item_no]
    # Rounded to a billionth first, so that 0.1 x 30 minor units is 3000 thousandths and not 3001.
    cost = np.ceil(np.round((p_buy * capped)[:, None] * discount * MILLI, 6)).astype(np.int64)
    return Options(
        seed=seed,
        depths_bp=assortment.depths_bp,
        customer_id=customers[CUSTOMER_ID].to_numpy(dtype=object),
        customer=customer,
        item_id=assortment.item_id[item_no],
        item_no=item_no,
        p_buy=p_buy,
        p_repeat=candidates[P_REPEAT].to_numpy(dtype=np.float64),
        expected_units=capped,
        buys=candidates["buys"].to_numpy(dtype=np.int64),
        sources=candidates["sources"].to_numpy(dtype=np.uint8),
        p_churn=customers[P_CHURN].to_numpy(dtype=np.float64)[customer],
        price_minor=assortment.price_minor[item_no],
        allowed=assortment.allowed[item_no],
        discount_minor=discount,
        expected_cost_milli=cost,
        removed_by=assortment.removed_by[item_no],
    )


def _check(
    numbers: npt.NDArray[np.int64],
    owner: npt.NDArray[np.int64],
    customer: npt.NDArray[np.int64],
    p_buy: npt.NDArray[np.float64],
    units: npt.NDArray[np.float64],
) -> None:
    if len(owner) == 0:
        return
    if customer.max() >= len(numbers) or (numbers[customer] != owner).any():
        raise BadInput("expected candidates of the given customers only; filter them by customer_no first")
    same = owner[1:] == owner[:-1]
    if (owner[1:] < owner[:-1]).any() or (p_buy[1:] > p_buy[:-1])[same].any():
        raise BadInput("expected candidates sorted by customer_no and falling p_buy; sort them first")
    if not ((p_buy >= 0) & (p_buy <= 1)).all():
        raise BadInput(
            "expected p_buy between 0 and 1 for every candidate; the model's scores are not probabilities"
        )
    if not (np.isfinite(units) & (units >= 0)).all():
        raise BadInput(
            "expected finite, non-negative expected_units for every candidate; the scores are broken"
        )
