"""How many units of an item, once it is chosen. Pure functions of arrays `[k]`, one entry for each chosen item."""

import numpy as np

from training.simulator.world.draws import Floats, Ints
from training.simulator.world.world_parameters import Quantity

MOST_UNITS = 24  # of one item in one basket


def expected_extra_units(
    units_per_gap: Floats,
    stock_units: Floats,
    usual_units: Floats,
    gain: Floats,
    stockpiling: Floats,
    keeps: Floats,
    parameters: Quantity,
) -> Floats:
    """Mean units beyond the first: what is used between visits, more at a gain, less with a full cupboard.

    A Poisson for quantity given incidence and choice (Bucklin, Gupta and Siddarth 1998, "Determining segmentation in
    sales response across consumer purchase behaviors", Journal of Marketing Research), here beyond the first unit;
    stockpiling at a gain (`log` shelf price over price, 0 or more) is the third part of Bell, Chiang
    and Padmanabhan 1999 ("The decomposition of promotional response", Marketing Science). What does not keep is
    not stockpiled.
    """
    room = 1 / (1 + np.maximum(stock_units - usual_units, 0) / np.float32(parameters.room_units))
    lift = np.float32(parameters.deal_weight) * stockpiling * np.maximum(gain, 0) * keeps
    mean: Floats = (
        np.float32(parameters.extra_units)
        * units_per_gap ** np.float32(parameters.turnover_power)
        * np.exp(np.minimum(lift, np.float32(3)))
        * room
    )
    return mean


def units(extra: Floats, drawn: Floats) -> Ints:
    """One and a Poisson of mean `extra`, by inversion of the uniform `drawn`, at most `MOST_UNITS` altogether.

    By inversion, so that a larger mean never gives fewer units.
    """
    found = np.ones(extra.shape, np.int64)
    share = np.exp(-extra)
    below = share.copy()
    for further in range(1, MOST_UNITS):
        more = drawn > below
        if not more.any():
            break
        found += more
        share = share * extra / np.float32(further)
        below += share
    return found


def with_offer(without: Ints, at_offer: Ints, max_units: Ints) -> Ints:
    """Units when an offer takes its discount off the first `max_units` only: nobody stockpiles beyond them."""
    found: Ints = np.maximum(without, np.minimum(at_offer, max_units))
    return found
