"""When a household silently stops coming: a hazard of its own, moved by what it lived through. Pure functions.

An exponential lifetime whose rate differs between households is the Pareto/NBD's (Schmittlein, Morrison and Colombo
1987, "Counting your customers", Management Science); here the rates are log-normal, and satisfaction, an open
complaint, fatigue and recent reward move them in proportion. That satisfaction prolongs a relationship is Bolton
1998 ("A dynamic model of the duration of the customer's relationship", Marketing Science); the weights are assumed.
"""

import numpy as np

from training.simulator.world.draws import Flags, Floats
from training.simulator.world.world_parameters import Dropout


def dropout_probability(
    per_day: Floats,
    satisfaction: Floats,
    complaint: Flags,
    fatigue: Floats,
    reward: Floats,
    parameters: Dropout,
) -> Floats:
    """P(gone from tomorrow on), `[n]`, from each household's own hazard and state."""
    moved = (
        -parameters.satisfaction_weight * satisfaction
        + parameters.complaint_weight * complaint
        + parameters.fatigue_weight * fatigue
        - parameters.reward_weight * reward
    )
    probability: Floats = -np.expm1(-per_day * np.exp(moved.astype(np.float32)))
    return probability
