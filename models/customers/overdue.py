"""Which customers are late by their own cycle, what they are due to buy, and what their staying away would cost.

One function of a bucket, as everything per customer. Late is said of the customer's own gaps (`models.customers.rhythm`), how
sure we are by the calibrated chance of silence (`models.customers.churn`): the overdue ratio explains well and ranks badly.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from models.customers.churn import Churn
from models.customers.churn_reasons import ChurnReason, reasons_of
from models.customers.rhythm import Rhythm
from models.features.bucket_history import open_history
from models.features.catalogue import Catalogue
from models.features.dropped_families import read_dropped
from models.features.feature_matrix import FeatureMatrix, customer_matrix
from models.features.recipe import CUSTOMER_FEATURES
from models.ground.moment import Moment
from models.tables import COST_MINOR, CUSTOMER_NO, ITEM_NO

# Spend and margin a day are taken from so many days up to the last visit: half a year sees the dear and the cheap.
RATE_DAYS = 182
# A customer of a week is not worth seven days' shopping every week of the year.
MIN_RATE_DAYS = 28
# An item is regular from so many days on, and due from 0.75 usual gaps until it is given up at four.
REGULAR_BUYS = 3
DUE_FROM, GIVEN_UP = 0.75, 4.0
DUE_ITEMS = 5


@dataclass(frozen=True)
class LateRules:
    """What counts as late, and what is at stake.

    Attributes:
        late_share: late is who is silent for as long as at most this share of their own gaps.
        horizon_days: how much longer they may stay away; one of the model's.
        stake_days: days over which what they bring is at stake.
        margin_share: shape (items,), margin over price, both without VAT, where the cost is unknown.
        other_margin_share: that of products which are no item.
    """

    late_share: float
    horizon_days: int
    stake_days: int
    margin_share: np.ndarray
    other_margin_share: float


@dataclass(frozen=True)
class Late:
    """The late customers of one bucket.

    Attributes:
        customers: one row each: customer_no, last_visit, usual_gap_days, silent_days, times_usual, p_stays_away,
            back_from and back_to (days of 10 and 90 % of such customers' next visit, if they return), due_items
            (item numbers, most bought first), spend_at_stake_minor, margin_at_stake_minor, expected_loss_minor,
            margin_assumed_share (of the spend whose margin rests on an assumption).
        reasons: why each may be leaving.
    """

    customers: pd.DataFrame
    reasons: list[tuple[ChurnReason, ...]]


def late_by_own_cycle(customers: FeatureMatrix, rhythm: Rhythm, late_share: float) -> np.ndarray:
    """True for customers of whose gaps at most `late_share` would have lasted as long as the silence; shape (n,)."""
    silence = np.maximum(customers.column("days_since_visit").astype(np.float64), 0.5)
    return np.asarray(rhythm.gaps(customers).survival(silence) <= late_share)


def late_of_bucket(
    rhythm: Rhythm, churn: Churn, purchases: Path, catalogue: Catalogue, moment: Moment, rules: LateRules
) -> Late:
    """The late customers of one bucket, of those whom the churn model is for, in the order of customer_no."""
    with open_history(purchases, catalogue, moment) as history:
        everybody = customer_matrix(history, CUSTOMER_FEATURES)
        eligible = churn.eligibility.mask(everybody)
        late = everybody.take(eligible & late_by_own_cycle(everybody, rhythm, rules.late_share))
        history.register(
            "late",
            pd.DataFrame({CUSTOMER_NO: late.keys[CUSTOMER_NO], "silent": late.column("days_since_visit")}),
        )
        pairs = history.execute(
            "SELECT customer_no, item_no, buys, item_gap_days, days_since_buy FROM pairs "
            "SEMI JOIN late USING (customer_no) WHERE buys >= ? ORDER BY customer_no, buys DESC, item_no",
            [REGULAR_BUYS],
        ).df()
        money = history.execute(
            "SELECT customer_no, item_no, sum(paid_minor)::DOUBLE AS paid_minor, sum(net_paid_minor)::DOUBLE AS "
            "net_paid_minor, sum(quantity_milli)::DOUBLE AS quantity_milli FROM net_item_days JOIN late USING (customer_no) "
            "WHERE age_days < silent + ? GROUP BY customer_no, item_no ORDER BY customer_no, item_no",
            [RATE_DAYS],
        ).df()
        dropped = read_dropped(history, catalogue)
    gaps = rhythm.gaps(late)
    silence = late.column("days_since_visit").astype(np.float64)
    p = churn.p_silent(late, rules.horizon_days)
    frame = late.keys[[CUSTOMER_NO]].assign(
        last_visit=_days(moment, -silence),
        usual_gap_days=gaps.median_days(),
        silent_days=silence.astype(np.int64),
        times_usual=silence / gaps.median_days(),
        p_stays_away=p,
        back_from=_days(moment, gaps.due_in_days(silence, 0.1)),
        back_to=_days(moment, gaps.due_in_days(silence, 0.9)),
    )
    due = _due(pairs, rhythm, catalogue)
    frame["due_items"] = [due.get(customer_no, []) for customer_no in frame[CUSTOMER_NO].tolist()]
    known_days = (late.column("tenure_days") - silence + 1).clip(MIN_RATE_DAYS, RATE_DAYS)
    brought = _brought(money, catalogue, rules).reindex(frame[CUSTOMER_NO]).fillna(0.0).reset_index(drop=True)
    days = rules.stake_days / known_days.astype(np.float64)
    frame["spend_at_stake_minor"] = np.rint(brought["spend"] * days).astype(np.int64)
    frame["margin_at_stake_minor"] = np.rint(brought["margin"] * days).astype(np.int64)
    frame["expected_loss_minor"] = np.rint(brought["margin"] * days * p).astype(np.int64)
    frame["margin_assumed_share"] = (
        brought["assumed"] / brought["spend"].where(brought["spend"] > 0)
    ).fillna(0.0)
    return Late(frame, reasons_of(churn.silent[rules.horizon_days], late, rhythm, dropped))


def _due(pairs: pd.DataFrame, rhythm: Rhythm, catalogue: Catalogue) -> dict[int, list[int]]:
    """Each customer's regular items that are due, most bought first."""
    centres = rhythm.items.centres(catalogue)[pairs[ITEM_NO].to_numpy(dtype=np.int64)]
    usual = rhythm.items.usual_gap_days(centres, pairs["buys"].to_numpy(), pairs["item_gap_days"].to_numpy())
    times = pairs["days_since_buy"].to_numpy() / usual
    due = pairs[(times >= DUE_FROM) & (times <= GIVEN_UP)]
    return {
        int(customer_no): [int(item) for item in items[:DUE_ITEMS]]
        for customer_no, items in due.groupby(CUSTOMER_NO)[ITEM_NO]
    }


def _brought(money: pd.DataFrame, catalogue: Catalogue, rules: LateRules) -> pd.DataFrame:
    """Spend, margin and the spend whose margin is assumed, by customer_no."""
    item_no = money[ITEM_NO].to_numpy(dtype=np.float64, na_value=np.nan)
    is_item = ~np.isnan(item_no)
    row = np.where(is_item, np.nan_to_num(item_no), 0).astype(np.int64)
    if len(catalogue):
        cost = np.where(is_item, catalogue.items[COST_MINOR].to_numpy(dtype=np.float64)[row], np.nan)
        share = np.where(is_item, rules.margin_share[row], rules.other_margin_share)
    else:
        cost, share = np.full(len(row), np.nan), np.full(len(row), rules.other_margin_share)
    paid, pieces = money["paid_minor"].to_numpy(), money["quantity_milli"].to_numpy() / 1000.0
    assumed, net = np.isnan(cost), money["net_paid_minor"].to_numpy()
    margin = np.where(assumed, net * share, net - np.nan_to_num(cost) * pieces)
    rows = pd.DataFrame(
        {
            CUSTOMER_NO: money[CUSTOMER_NO],
            "spend": paid,
            "margin": margin,
            "assumed": np.where(assumed, paid, 0.0),
        }
    )
    return rows.groupby(CUSTOMER_NO).sum()


def _days(moment: Moment, days: np.ndarray) -> list[str]:
    """Local days so many days from the moment's, ISO."""
    return [(moment.day + timedelta(days=round(min(float(day), 3650.0)))).isoformat() for day in days]
