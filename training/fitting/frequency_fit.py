"""The rule of a shop that is too small for trees: an item's chance by how often they bought it, how well it sells, and for how long.

Three slopes and a level, found by maximum likelihood with a ridge (le Cessie and van Houwelingen, 1992) that holds the
slopes near nought where little was bought: ten purchases cannot say that popular items are likelier, four hundred can.
The level has Jeffreys' prior: half a purchase and half a chance that was missed, for none so far does not mean never.
How long the window is needs no learning: where chances are small they are as large as the window is long.
"""

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from models.items.baselines import RULES, BaselineScorer, log_share
from models.items.probability_calibration import EDGE, log_window
from training.fitting.examples import Examples

# Of slopes on inputs of deviation 1: one purchase weighs about as much as the ridge.
RIDGE = 1.0
_WINDOW_SLOPE = 1.0
_PRIOR_LEVEL = 0.5


def fit_frequency(examples: Examples) -> BaselineScorer:
    """The frequency rule's curve, on which what the shop sells more of is likelier too.

    Where frequency or popularity speaks against buying, it is left out, so that neither order is turned around.
    """
    if not len(examples.happened):
        return BaselineScorer("frequency", EDGE, float(np.log(EDGE)))
    offset = _WINDOW_SLOPE * log_window(examples.features.column("window_days"))
    inputs = np.column_stack([np.log1p(RULES["frequency"](examples.features)), log_share(examples.features)])
    mean, scale = inputs.mean(axis=0), inputs.std(axis=0)
    scale = np.where(scale > EDGE, scale, 1.0)
    standard = (inputs - mean) / scale
    weight = np.asarray(examples.weight, dtype=np.float64)
    happened = examples.happened.astype(np.float64)

    def loss(found: np.ndarray) -> tuple[float, np.ndarray]:
        slopes, base = found[:2], found[2]
        logit = standard @ slopes + base + offset
        miss = weight * (expit(logit) - happened)
        total = float(weight @ (np.logaddexp(0.0, logit) - happened * logit))
        prior = RIDGE / 2.0 * float(slopes @ slopes) + float(np.logaddexp(0.0, base) - base * _PRIOR_LEVEL)
        gradient = np.append(standard.T @ miss + RIDGE * slopes, miss.sum() + expit(base) - _PRIOR_LEVEL)
        return total + prior, gradient

    bought = float(weight @ happened) + _PRIOR_LEVEL
    rate = bought / (float(weight.sum()) + 1.0)
    found = minimize(
        loss,
        np.array([0.0, 0.0, np.log(rate / (1.0 - rate))]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, None), (0.0, None), (None, None)],
        options={"ftol": 1e-12, "gtol": 1e-6},
    ).x
    slope, popular = (float(one) for one in found[:2] / scale)
    base = float(found[2] - mean @ (found[:2] / scale))
    return BaselineScorer("frequency", max(slope, EDGE), base, popular, _WINDOW_SLOPE)
