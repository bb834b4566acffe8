"""What a household has at home, what it uses up, and whether a visit's basket has something of a family. Pure.

Arrays are `[n, f]` (households and families) or broadcast to that.
"""

import numpy as np
from scipy.special import expit

from training.simulator.world.draws import Floats
from training.simulator.world.world_parameters import Needs

_SPOILT_PER_DAY = np.float32(0.1)  # of what is stocked beyond the usual and does not keep


def usual_stock(units_per_day: Floats, gap_days: Floats) -> Floats:
    """Units with which a household feels provided: one, and what it uses between two of its visits."""
    usual: Floats = 1 + units_per_day * gap_days
    return usual


def shortage(stock_units: Floats, usual_units: Floats) -> Floats:
    """1 with nothing at home, 0 with the usual stock, negative (to -2) with more."""
    lacking: Floats = np.maximum(1 - stock_units / usual_units, np.float32(-2))
    return lacking


def household_shortage(lacking: Floats, units_per_day: Floats) -> Floats:
    """Mean positive shortage over families, weighted by what is used of each: `[n]`, 0 to 1."""
    total = np.maximum(units_per_day.sum(axis=1), np.float32(1e-9))
    short: Floats = (np.maximum(lacking, 0) * units_per_day).sum(axis=1) / total
    return short


def used_up(
    stock_units: Floats, units_per_day: Floats, usual_units: Floats, keeps: Floats, parameters: Needs
) -> Floats:
    """Units used in a day: the rate follows the stock, up to a maximum of consumption.

    Consumption rises with inventory (Ailawadi and Neslin 1998, "The effect of promotion on consumption: buying more
    and consuming it faster", Journal of Marketing Research), so that a stockpiled unit is in part a unit more used
    and not only one less bought later; here by a straight line with a ceiling. What does not keep spoils beyond the
    usual stock.
    """
    fullness = stock_units / usual_units - 1
    pace = np.minimum(1 + np.float32(parameters.pace_weight) * fullness, np.float32(parameters.most_pace))
    spoilt = _SPOILT_PER_DAY * (1 - keeps) * np.maximum(stock_units - usual_units, 0)
    used: Floats = np.minimum(stock_units, units_per_day * pace + spoilt)
    return used


def incidence_log_odds(units_per_gap: Floats, lacking: Floats, trip: Floats, parameters: Needs) -> Floats:
    """Log odds of buying something of a family on a visit, before what is on deal.

    Inventory drives incidence (Gupta 1988, "Impact of sales promotions on when, what and how much to buy", Journal
    of Marketing Research; Bucklin and Gupta 1992 for the logit). `units_per_gap` is what is used between two usual
    visits (0: never bought), `trip` the visit's own draw: small and large trips.
    """
    odds = (
        np.float32(parameters.log_odds)
        + np.float32(parameters.turnover_weight) * np.log(np.maximum(units_per_gap, np.float32(1e-30)))
        + np.float32(parameters.shortage_weight) * lacking
        + np.float32(parameters.trip_sd) * trip
    )
    possible: Floats = np.where(units_per_gap > 0, odds, np.float32(-np.inf))
    return possible


def raised_log_odds(odds: Floats, inclusive_gain: Floats, parameters: Needs) -> Floats:
    """Log odds of buying of the family, once the gain in the family's inclusive value is known.

    The nested logit of Bucklin and Gupta 1992 ("Brand choice, purchase incidence, and segmentation", Journal of
    Marketing Research): what choice finds attractive reaches incidence through the inclusive value.
    """
    raised: Floats = odds + np.float32(parameters.deal_weight) * inclusive_gain
    return raised


def probability(odds: Floats) -> Floats:
    """P(buy) of log odds."""
    share: Floats = expit(odds)
    return share


def log_odds_drawn(drawn: Floats) -> Floats:
    """The log odds that a uniform stands for: a family is bought where its own log odds are above these."""
    odds: Floats = np.log(drawn / (1 - drawn))
    return odds
