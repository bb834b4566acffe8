"""Where a customer stands, which kind of loyalty they show, and what of it does the shop no good.

The ladder is Griffin's (Customer Loyalty: How to Earn It, How to Keep It, 1995): suspect, prospect, disqualified,
first-time, repeat, client, advocate; with those who are leaving it, lapsing and lost, and those who came back. The
types are Dick and Basu's (Customer loyalty: toward an integrated conceptual framework, 1994): patronage that is
repeated or not, times an attitude that is firm or not. Where a customer has answered a survey, their answer is the
attitude; where not, what they do freely stands in for it: paying full prices, over many families.

Every threshold is the owner's (`LoyaltyRules`, the programme's section [loyalty]). Shares are in basis points.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

WHOLE_BP = 10_000
PROMOTER = 9  # of 0 to 10: Reichheld, The one number you need to grow (2003)

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.object_]


class Rung(StrEnum):
    """A place on the ladder."""

    SUSPECT = "suspect"  # known, nothing says that they want to buy
    PROSPECT = "prospect"  # has joined or agreed to offers, never bought
    DISQUALIFIED = "disqualified"  # never bought and will not: refused, or joined too long ago
    FIRST_TIME = "first_time"
    REPEAT = "repeat"
    CLIENT = "client"  # comes regularly
    ADVOCATE = "advocate"  # a client who says that they recommend the shop
    LAPSING = "lapsing"  # silent beyond their own cycle
    LOST = "lost"  # silent far beyond it
    WON_BACK = "won_back"  # was silent like a lost customer and has come back


class Loyalty(StrEnum):
    """A kind of loyalty."""

    TRUE = "true"  # comes often, and means it
    LATENT = "latent"  # means it, and comes seldom
    SPURIOUS = "spurious"  # comes often out of habit, or for the deals
    NONE = "none"


@dataclass(frozen=True)
class LoyaltyRules:
    """The owner's thresholds.

    Attributes:
        period_days: length of the periods that are compared, the current one ending now.
        client_visits: visits in the current period from which a customer comes regularly.
        lapsing_gaps, lapsing_days: silence of at least so many of their own gaps, and days, is lapsing.
        lost_gaps, lost_days: the same for lost; a silence like that which ended is what won back is about.
        won_back_days: how long somebody counts as won back.
        prospect_days: how long after joining without a purchase somebody is still a prospect.
        full_price_bp: share of their buys at full price from which a customer's behaviour speaks for the shop.
        families: families in the current period from which it does.
        satisfied_score: CSI answer from which the attitude is firm, where there is no NPS.
        answer_days: how long an answer counts.
        loss_minor: margin of the current period below which a customer is served at a loss.
        min_buys: buys in a period below which nothing is said about deals, discounts or height.
        deal_only_bp: share of buys with a discount from which a customer comes for deals only.
        height_bp: share of their best earlier period that is the height of their consumption.
        height_growth_bp: growth over the period before up to which they no longer rise.
        alarm_rise_bp: rise of the discount share, and
        alarm_fall_bp: fall of buys at full price, both against the period before, that raise the alarm.
    """

    period_days: int
    client_visits: int
    lapsing_gaps: float
    lapsing_days: int
    lost_gaps: float
    lost_days: int
    won_back_days: int
    prospect_days: int
    full_price_bp: int
    families: int
    satisfied_score: int
    answer_days: int
    loss_minor: int
    min_buys: int
    deal_only_bp: int
    height_bp: int
    height_growth_bp: int
    alarm_rise_bp: int
    alarm_fall_bp: int


def is_lost(days: Floats, gap_days: Floats, rules: LoyaltyRules) -> Mask:
    """Whether a silence of so many days is far beyond a customer's own gap, (n,); False where it is unknown."""
    return np.asarray((days >= rules.lost_gaps * gap_days) & (days >= rules.lost_days))


def rung_of_buyers(buyers: pd.DataFrame, rules: LoyaltyRules) -> Words:
    """The rung of everybody who has bought, shape (n,).

    Args:
        buyers: visits, days_since_visit, visit_gap_days (their own cycle, shrunken), visits_in_period,
            longest_gap_days and returned_days_ago (the longest silence that ended, and when; NaN for none),
            nps (their last answer that counts; NaN for none).
        rules: the owner's thresholds.
    """
    since, gap, visits, longest, returned = (
        buyers[name].to_numpy(np.float64)
        for name in ("days_since_visit", "visit_gap_days", "visits", "longest_gap_days", "returned_days_ago")
    )
    client = buyers["visits_in_period"].to_numpy() >= rules.client_visits
    rungs = {
        Rung.LOST: is_lost(since, gap, rules),
        Rung.LAPSING: (since >= rules.lapsing_gaps * gap) & (since >= rules.lapsing_days),
        Rung.WON_BACK: is_lost(longest, gap, rules) & (returned <= rules.won_back_days),
        Rung.FIRST_TIME: visits <= 1,
        Rung.ADVOCATE: client & (buyers["nps"].to_numpy(np.float64) >= PROMOTER),
        Rung.CLIENT: client,
    }
    return _first_true(rungs, Rung.REPEAT)


def rung_of_others(others: pd.DataFrame, rules: LoyaltyRules) -> Words:
    """The rung of everybody who is known and has never bought, shape (n,); returns alone are no purchase.

    Args:
        others: refused (has said no to offers), agreed (has said yes), joined_days_ago (NaN where unknown).
        rules: the owner's thresholds.
    """
    joined = others["joined_days_ago"].to_numpy(np.float64)
    refused, agreed = (others[name].to_numpy(np.bool_) for name in ("refused", "agreed"))
    rungs = {
        Rung.DISQUALIFIED: refused | (joined > rules.prospect_days),
        Rung.PROSPECT: agreed | ~np.isnan(joined),
    }
    return _first_true(rungs, Rung.SUSPECT)


def loyalty_types(buyers: pd.DataFrame, rules: LoyaltyRules) -> tuple[Words, Mask]:
    """Every buyer's kind of loyalty, and whether an answer of theirs decided it; two arrays of shape (n,).

    Repeated patronage: a client's visits in the current period. Firm attitude: NPS 9 or 10, or without an NPS a
    CSI of `satisfied_score`; without either, buys at full price and from many families in the current period.

    Args:
        buyers: visits_in_period, buys, deal_buys, families, nps and csi (NaN for none).
        rules: the owner's thresholds.
    """
    nps, csi = buyers["nps"].to_numpy(np.float64), buyers["csi"].to_numpy(np.float64)
    often = buyers["visits_in_period"].to_numpy() >= rules.client_visits
    full_price = WHOLE_BP - deal_share_bp(buyers) >= rules.full_price_bp
    behaves = full_price & (buyers["families"].to_numpy() >= rules.families)
    said = ~np.isnan(nps) | ~np.isnan(csi)
    firm = np.where(
        ~np.isnan(nps), nps >= PROMOTER, np.where(~np.isnan(csi), csi >= rules.satisfied_score, behaves)
    )
    kinds = {Loyalty.TRUE: often & firm, Loyalty.SPURIOUS: often, Loyalty.LATENT: firm}
    return _first_true(kinds, Loyalty.NONE), said


def served_at_a_loss(buyers: pd.DataFrame, rules: LoyaltyRules) -> Mask:
    """Whether the current period's margin after discounts is below `loss_minor`, (n,).

    Margin = sum over buys of paid - cost x quantity, or of paid - (1 - assumed margin) x undiscounted price.

    Args:
        buyers: buys, margin_minor.
        rules: the owner's thresholds.
    """
    return np.asarray((buyers["buys"] > 0) & (buyers["margin_minor"] < rules.loss_minor), dtype=np.bool_)


def deal_share_bp(buyers: pd.DataFrame) -> Floats:
    """Share of the current period's buys with a discount, basis points, (n,); NaN without a buy."""
    buys = buyers["buys"].to_numpy(np.float64)
    return np.asarray(buyers["deal_buys"].to_numpy(np.float64) * WHOLE_BP / np.where(buys > 0, buys, np.nan))


def deal_only(buyers: pd.DataFrame, rules: LoyaltyRules) -> Mask:
    """Whether a customer buys next to nothing without a discount, (n,): deal share of at least `deal_only_bp`."""
    enough = buyers["buys"].to_numpy() >= rules.min_buys
    return np.asarray(enough & (deal_share_bp(buyers) >= rules.deal_only_bp))


def at_height(buyers: pd.DataFrame, rules: LoyaltyRules) -> Mask:
    """Whether a customer is at the height of their consumption, (n,): a deeper discount has nothing left to raise.

    Spend of the current period >= height_bp of their best earlier period, and <= (1 + height_growth_bp) of the
    period before: at the top, and no longer rising.

    Args:
        buyers: buys, paid_minor, paid_minor_before, best_paid_minor (NaN without an earlier period).
        rules: the owner's thresholds.
    """
    paid, before, best = (
        buyers[name].to_numpy(np.float64) for name in ("paid_minor", "paid_minor_before", "best_paid_minor")
    )
    enough = (buyers["buys"].to_numpy() >= rules.min_buys) & (before > 0)
    risen = paid * WHOLE_BP > before * (WHOLE_BP + rules.height_growth_bp)
    return np.asarray(enough & ~risen & (paid * WHOLE_BP >= rules.height_bp * best))


def discount_share_bp(paid_minor: Floats, discount_minor: Floats) -> Floats:
    """Discount over undiscounted price, basis points, (n,); NaN where nothing was bought."""
    whole = paid_minor + discount_minor
    return np.asarray(discount_minor * WHOLE_BP / np.where(whole > 0, whole, np.nan))


def reward_alarm(buyers: pd.DataFrame, rules: LoyaltyRules) -> Mask:
    """Whether rewards are replacing habit, (n,): they take more discount, and buy less without one.

    Discount share up by at least alarm_rise_bp points on the period before, while buys at full price fell by at
    least alarm_fall_bp of what they were.

    Args:
        buyers: buys, deal_buys, plain_buys_before, and paid and discount of the period and the one before.
        rules: the owner's thresholds.
    """
    now, before = (
        discount_share_bp(
            buyers[f"paid_minor{of}"].to_numpy(np.float64), buyers[f"discount_minor{of}"].to_numpy(np.float64)
        )
        for of in ("", "_before")
    )
    buys, deals, plain_before = (
        buyers[name].to_numpy(np.float64) for name in ("buys", "deal_buys", "plain_buys_before")
    )
    fallen = (buys - deals) * WHOLE_BP <= plain_before * (WHOLE_BP - rules.alarm_fall_bp)
    enough = (buys >= rules.min_buys) & (plain_before >= rules.min_buys)
    return np.asarray(enough & (now - before >= rules.alarm_rise_bp) & fallen)


def _first_true(tests: dict[Rung, Mask] | dict[Loyalty, Mask], otherwise: StrEnum) -> Words:
    words = [word.value for word in tests]
    return np.asarray(np.select(list(tests.values()), words, otherwise.value), dtype=object)
