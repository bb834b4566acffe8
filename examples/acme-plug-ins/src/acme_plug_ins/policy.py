"""Every candidate at one depth, for its chance to be bought."""

import numpy as np

from engine.nightly.choosing.offer_options import Options
from engine.nightly.choosing.policy import Policy, Valuation


def _flat(options: Options, *, depth_bp: int) -> Valuation:
    worth = np.where(options.depths_bp == depth_bp, options.p_buy[:, None], -np.inf)
    return Valuation(worth, np.ones_like(worth))


flat = Policy("acme_flat", _flat, frozenset({"depths_bp", "p_buy"}), {"depth_bp": 1000})
