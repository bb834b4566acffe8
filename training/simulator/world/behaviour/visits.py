"""When a household comes: gamma gaps, and what moves the hazard of a visit. Pure functions of arrays `[n]`.

Gaps between a household's visits are gamma with an own mean and an own shape, both differing between households
(Herniter 1971, "A probabilistic market model of purchase timing and brand selection", Management Science, for
Erlang gaps; Platzer and Reutterer 2016, "Ticking away the moments", Marketing Science, for shapes that differ
between customers). Days are discrete: what is drawn each day is the hazard.
"""

import numpy as np
from scipy.special import gammaincc

from training.simulator.world.draws import Flags, Floats, Ints
from training.simulator.world.world_parameters import Visits

_DAYS_PER_YEAR = 365.25
_NEXT_TO_NONE = 1e-12  # surviving: beyond it the hazard is the gamma's limit


def gap_hazard(days_since: Ints, gap_days: Floats, regularity: Floats) -> Floats:
    """P(visit today | last visit `days_since` >= 1 days ago, none since) of gamma gaps with a mean and a shape.

    A continuous gap is seen as the whole days it is rounded up to, so its mean is half a day below `gap_days`.
    """
    shape = regularity.astype(np.float64)
    rate = shape / np.maximum(gap_days - 0.5, 0.25)
    before = gammaincc(shape, rate * np.maximum(days_since - 1, 0))
    after = gammaincc(shape, rate * np.maximum(days_since, 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        hazard = np.where(before > _NEXT_TO_NONE, 1 - after / before, 1 - np.exp(-rate))
    found: Floats = hazard.astype(np.float32)
    return found


def visit_probability(
    hazard: Floats, shortage: Floats, drawn_by_offers: Floats, fatigue: Floats, parameters: Visits
) -> Floats:
    """P(visit today): the gap's hazard, moved in proportion (Cox 1972; Gupta 1991 for purchase times).

    `drawn_by_offers` is the log hazard that the day's personal offers add (`attention.drawn`).
    """
    moved = (
        parameters.shortage_weight * (shortage - parameters.shortage_usual)
        + drawn_by_offers
        - parameters.fatigue_weight * fatigue
    )
    probability: Floats = 1 - (1 - hazard) ** np.exp(moved.astype(np.float32))
    return probability


def journeys(away: Flags, leaves: Floats, returns: Floats, parameters: Visits) -> Flags:
    """Who is away tomorrow, from uniforms `[n]`: departures at a constant rate, lengths geometric."""
    leaving = leaves < parameters.away_per_year / _DAYS_PER_YEAR
    staying = returns >= 1 / max(parameters.away_days, 1)
    found: Flags = np.where(away, staying, leaving)
    return found
