"""Every candidate of a bucket at every depth: what may be offered, what it costs, and what is known of its customer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.budget import MILLI
from engine.domain.eligibility import Removal
from engine.domain.money import WHOLE_BP
from engine.nightly.shelf.assortment import REMOVAL_CODES, Assortment
from engine.nightly.shelf.candidate_rule import CandidateRule
from engine.nightly.shelf.ruled_customers import AT_MOST_BP
from models.features.promoted_weeks import PLANNED_OFF
from models.ground.errors import BadInput
from models.tables import CUSTOMER_ID, CUSTOMER_NO, EXPECTED_UNITS, ITEM_NO, P_BUY, P_CHURN, P_REPEAT

DAYS_A_WEEK = 7
# What is told of a customer beside their chance of leaving, where it is known.
CUSTOMER_FACTS = (
    "visits_per_week",
    "margin_per_visit_minor",
    "weeks_exposed",
    "offers_seen",
    "offers_used",
    "marked",
)


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
        vat_bp: (N,) rate of the VAT that price, discount and cost include; 0 where none is, or none is known.
        allowed: (N, D) within exclusions and floors, and more than everybody gets off by a planned promotion.
        discount_minor: (N, D) off one unit.
        expected_cost_milli: (N, D) thousandths of a minor unit: p_buy x expected units x what of the discount the shop pays
            itself, rounded up; in shelf prices, as the till takes it off.
        removed_by: (N,) code of the rule that forbids even the smallest depth, or by a promotion every depth, else 0.

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
    vat_bp: npt.NDArray[np.float64]
    allowed: npt.NDArray[np.bool_]
    discount_minor: npt.NDArray[np.int64]
    expected_cost_milli: npt.NDArray[np.int64]
    removed_by: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        """Return the number of candidates."""
        return len(self.p_buy)

    def only(self, names: Collection[str]) -> "Context":
        """Return the same candidates with these fields; reading another one is a BadInput that names it."""
        narrowed = object.__new__(_Narrowed)
        narrowed.__dict__.update({name: getattr(self, name) for name in names}, _rows=len(self))
        return narrowed


@dataclass(frozen=True)
class Context(Options):
    """Options with what a policy may know besides: more of every candidate (N,), and the n customers as they stand.

    Attributes:
        day_no: local day on which tonight's bundles begin, days since 1970-01-01.
        max_units: units of one item that get the discount.
        family_no: (N,) the item's finest family, equal for equal names; NO_FAMILY where it has none.
        margin_minor: (N,) what one undiscounted unit leaves above its cost, net of VAT, by the programme's assumed margin where the
            cost is unknown; 0 where no price is known, which is never allowed.
        stock: (N,) units in stock when the shop's data were loaded; UNKNOWN_STOCK where the shop does not say.
        response_family: (N,) name of the family that its price response is known by, None without one.
        planned_bp: (N,) the chain's own promotion of the item planned within the window; 0 where none is known.
        own_minor: (N, D) what of the discount of one unit the shop pays itself; all of it where no supplier funds the item.
        funded_milli: (N, D) what the item's supplier is expected to pay, like `expected_cost_milli`.
        overdue: (N,) days since the customer last bought the item in usual gaps; NaN where they never did.
        days_since_buy: (N,) NaN where they never bought it.
        window_days: (n,) days for which a bundle would be valid; p_buy is of this window.
        visits_per_week: (n,) days with a purchase, by their latest period; NaN where unknown, like all that follows.
        margin_per_visit_minor: (n,) of that period, after discounts.
        p_churn_horizon: (n,) the customer's P(silent for the churn horizon).
        hazard_per_week: (n,) constant rate of falling silent that gives this over the horizon.
        weeks_exposed: (n,) since the customer is among those who may get offers.
        offers_seen: (n,) offers of theirs that ended lately; 0 where none did or nothing is known.
        offers_used: (n,) those of them that were used at the till.
        marked: (n,) served at a loss, deals only, at the height of their consumption, or rewards replace habit
            (`models.customers.loyalty`): a policy of plans gives them the smallest depth only.

    """

    day_no: int
    max_units: int
    family_no: npt.NDArray[np.int64]
    margin_minor: npt.NDArray[np.int64]
    stock: npt.NDArray[np.int64]
    planned_bp: npt.NDArray[np.int64]
    own_minor: npt.NDArray[np.int64]
    funded_milli: npt.NDArray[np.int64]
    response_family: npt.NDArray[np.object_]
    overdue: npt.NDArray[np.float64]
    days_since_buy: npt.NDArray[np.float64]
    window_days: npt.NDArray[np.int64]
    visits_per_week: npt.NDArray[np.float64]
    margin_per_visit_minor: npt.NDArray[np.float64]
    p_churn_horizon: npt.NDArray[np.float64]
    hazard_per_week: npt.NDArray[np.float64]
    weeks_exposed: npt.NDArray[np.float64]
    offers_seen: npt.NDArray[np.int64]
    offers_used: npt.NDArray[np.int64]
    marked: npt.NDArray[np.bool_]


class _Narrowed(Context):
    """A context of which a policy sees what it says it needs, so that `needs` is true."""

    _rows: int

    def __getattr__(self, name: str) -> NoReturn:
        if name in INPUTS:
            raise BadInput(f"The policy reads {name!r} and does not say so; add it to the policy's `needs`.")
        raise AttributeError(name)

    def __len__(self) -> int:
        return self._rows


# What a policy may read.
INPUTS = frozenset(field.name for field in fields(Context))


def build_options(
    customers: pd.DataFrame,
    candidates: pd.DataFrame,
    assortment: Assortment,
    *,
    max_units: int,
    seed: int,
    churn_horizon_days: int,
    day: date,
    rules: Sequence[CandidateRule] = (),
) -> Context:
    """Join candidates with the shelf and with their customers.

    Args:
        customers: customer_no (ascending), customer_id, p_churn of those who may get a bundle; valid_days and CUSTOMER_FACTS
            as far as they are known; at_most_bp, the deepest discount that a rule leaves them, NaN without such a rule.
        candidates: customer_no, item_no, p_buy, p_repeat, expected_units, buys, sources, sorted by customer_no and
            falling p_buy, with days_since_buy and item_overdue where known; rows of other customers are not allowed here.
            Where the shop says what it promotes also planned_off_minor: a depth that takes no more off is no offer.
        assortment: the night's items.
        max_units: units of one item that get the discount.
        seed: the programme's.
        churn_horizon_days: of p_churn.
        day: local day on which the bundles begin.
        rules: what takes candidates from single customers; the log names the first that did.

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
    p_churn = customers[P_CHURN].to_numpy(dtype=np.float64)
    known = _known_of(customers)
    own = assortment.own_minor[item_no]
    uses = (p_buy * capped)[:, None]
    cost = expected_milli(uses, own)
    allowed, removed_by = assortment.allowed[item_no], assortment.removed_by[item_no]
    planned_off = np.nan_to_num(_column(candidates, PLANNED_OFF))
    price = assortment.price_minor[item_no]
    if PLANNED_OFF in candidates:
        planned = planned_off[:, None]
        better = allowed & ~((planned > 0) & (discount <= planned))
        promoted = allowed.any(axis=1) & ~better.any(axis=1)
        removed_by = np.where(promoted, REMOVAL_CODES[Removal.PLANNED_PROMOTION], removed_by).astype(np.uint8)
        allowed = better
    for rule in rules:
        barred = rule.bars(customers, candidates, assortment.item_id)
        removed_by = np.where(barred & allowed.any(axis=1), np.uint8(REMOVAL_CODES[rule.removal]), removed_by)
        allowed = allowed & ~barred[:, None]
    if AT_MOST_BP in customers:
        deepest = customers[AT_MOST_BP].fillna(WHOLE_BP).to_numpy(dtype=np.float64)[customer]
        shallow = allowed & (assortment.depths_bp <= deepest[:, None])
        capped = allowed.any(axis=1) & ~shallow.any(axis=1)
        removed_by = np.where(capped, np.uint8(REMOVAL_CODES[Removal.TOO_DEEP]), removed_by)
        allowed = shallow
    return Context(
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
        p_churn=p_churn[customer],
        price_minor=assortment.price_minor[item_no],
        vat_bp=assortment.vat_bp[item_no],
        allowed=allowed,
        discount_minor=discount,
        expected_cost_milli=cost,
        removed_by=removed_by,
        day_no=(day - date(1970, 1, 1)).days,
        max_units=max_units,
        family_no=assortment.family_no[item_no],
        margin_minor=assortment.margin_minor[item_no],
        stock=assortment.stock[item_no],
        planned_bp=np.where(price > 0, planned_off / np.maximum(price, 1) * WHOLE_BP, 0.0)
        .round()
        .astype(np.int64),
        own_minor=own,
        funded_milli=np.zeros_like(cost)
        if assortment.funded is None
        else expected_milli(uses, discount - own),
        response_family=assortment.response_family[item_no],
        overdue=_column(candidates, "item_overdue"),
        days_since_buy=_column(candidates, "days_since_buy"),
        window_days=np.nan_to_num(_column(customers, "valid_days")).astype(np.int64),
        visits_per_week=known["visits_per_week"],
        margin_per_visit_minor=known["margin_per_visit_minor"],
        p_churn_horizon=p_churn,
        # a certain silence is taken for one that is certain to the third digit
        hazard_per_week=-np.log1p(-np.minimum(p_churn, 0.999)) * DAYS_A_WEEK / churn_horizon_days,
        weeks_exposed=known["weeks_exposed"],
        offers_seen=np.nan_to_num(known["offers_seen"]).astype(np.int64),
        offers_used=np.nan_to_num(known["offers_used"]).astype(np.int64),
        marked=known["marked"] == 1,
    )


def expected_milli(units: npt.NDArray[np.float64], minor: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """What expected units cost at so much each, thousandths of a minor unit, rounded up."""
    # Rounded to a billionth first, so that 0.1 x 30 minor units is 3000 thousandths and not 3001.
    return np.ceil(np.round(units * minor * MILLI, 6)).astype(np.int64)


def _known_of(customers: pd.DataFrame) -> dict[str, npt.NDArray[np.float64]]:
    return {name: _column(customers, name) for name in CUSTOMER_FACTS}


def _column(frame: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    """A column as numbers, unknown throughout where the frame has none."""
    if name not in frame:
        return np.full(len(frame), np.nan)
    return frame[name].to_numpy(dtype=np.float64)


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
