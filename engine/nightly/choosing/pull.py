"""The simplest rule that draws customers to the shop: large savings on what they would hardly buy anyway.

A yardstick beside `depth_rule`, for judging other policies. It is no policy for a shop: with its defaults most of what it
offers is never used (docs/simulator.md), so customers see savings that mean nothing to them.
"""

import numpy as np

from engine.domain.budget import MILLI
from engine.nightly.choosing.offer_options import Options
from engine.nightly.choosing.policy import Policy, Valuation


def _savings(
    options: Options,
    *,
    depth_bp: int,
    factor: float,
    liking_new: float,
    liking_known: float,
    liking_a_day: float,
    least_p_buy: float,
) -> Valuation:
    """Value an item by liking x discount - factor x expected cost, both in minor units, at one depth.

    Only positive values count. An item bought before is left out below a chance `least_p_buy` of being bought.
    """
    depth = int(np.abs(options.depths_bp - depth_bp).argmin())
    known = options.buys > 0
    liking = np.where(known, np.minimum(1.0, liking_known + liking_a_day * options.buys), liking_new)
    saving = liking * options.discount_minor[:, depth]
    cost = options.expected_cost_milli[:, depth] / MILLI
    worth = saving - factor * cost
    plausible = ~known | (options.p_buy >= least_p_buy)
    value = np.full(options.expected_cost_milli.shape, -np.inf)
    value[:, depth] = np.where((worth > 0) & plausible, worth, -np.inf)
    return Valuation(value, np.ones_like(value))


pull = Policy(
    "pull",
    _savings,
    frozenset({"buys", "depths_bp", "discount_minor", "expected_cost_milli", "p_buy"}),
    {
        "depth_bp": 2000,  # the programme's depth next to it
        "factor": 8.0,  # of the expected cost: what is likely to be bought anyway is not worth a saving
        "liking_new": 0.8,  # of an item never bought
        "liking_known": 0.5,  # of an item bought before ...
        "liking_a_day": 0.1,  # ... and for each day on which it was
        "least_p_buy": 0.0,  # an item bought before and less likely than this is left out
    },
    {
        "depth_bp": (1, 10_000),
        "factor": (0, 1000),
        "liking_new": (0, 1),
        "liking_known": (0, 1),
        "liking_a_day": (0, 1),
        "least_p_buy": (0, 1),
    },
)
