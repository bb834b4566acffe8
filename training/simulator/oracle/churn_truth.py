"""Who will be silent, as far as anybody can know: P(no visit for H days) from the true parameters, exactly.

A household without an offer comes by its own hazard, is now and then away, and one day stops coming for good; neither
of the latter two is seen from outside. While it does not come its cupboards empty in a known way, so the chance of
every next day's visit is known too, if it is at home. What is hidden is a Markov chain: at home, away, or gone; and in
the future also whether an open complaint has been closed. Two oracles follow from it:

* the one that knows the parameters and has seen the past: its belief over the hidden states is filtered day by day
  (the forward algorithm: Baum and Petrie, Annals of Mathematical Statistics 37, 1966). Nobody who sees what a shop
  sees can know more; it is the Bayes-optimal forecast.
* the one that knows the hidden state itself too: who is gone already, and who is only away.
"""

from dataclasses import dataclass, replace

import numpy as np

from training.simulator.world.behaviour.dropout import dropout_probability
from training.simulator.world.offers_and_lines import Lines, joined, no_offers
from training.simulator.world.world import World

_HOME, _AWAY = 0, 1
_FINE, _COMPLAINING = 0, 1
_DAYS_PER_YEAR = 365.25


@dataclass
class Belief:
    """P(hidden state) of every household.

    Attributes:
        present: `[n, 2, 2]`, still a customer: at home or away, without or with an open complaint.
        gone: `[n]`, dropped out.
    """

    present: np.ndarray
    gone: np.ndarray


def certain(world: World) -> Belief:
    """The truth of this morning."""
    state = world.state
    belief = Belief(np.zeros((len(state.here), 2, 2)), (~state.here).astype(np.float64))
    rows = np.flatnonzero(state.here)
    belief.present[rows, state.away[rows].astype(np.int64), state.complaint[rows].astype(np.int64)] = 1.0
    return belief


def live_watching(world: World, days: int, belief: Belief | None = None) -> tuple[Lines, Belief]:
    """Live days without personal offers; returns what was bought, and what an observer believes on the next morning.

    They know the parameters, every household's traits and what it feels, and the shop's list of open complaints. They
    begin with `belief`, or else with the truth, and see from then on who comes, not who is away or gone. So the belief
    is that of somebody who has seen it all for every household that has come since they were told the truth.
    """
    belief = belief or certain(world)
    lived = []
    for _ in range(days):
        chance = chance_at_home(world)
        lines = world.live(1)
        present, gone = _without_visit(belief.present, chance), belief.gone.copy()
        came = np.unique(lines.household)
        present[came], gone[came] = 0.0, 0.0
        present[came, _HOME, _FINE] = 1.0
        belief = _normalised(
            _night(_complaints_told(Belief(present, gone), world.state.complaint), world, 0.0)
        )
        lived.append(lines)
    return joined(lived), belief


def p_silent(world: World, belief: Belief, days: int) -> np.ndarray:
    """P(no visit in the next `days` days, without personal offers) `[n]`, if `belief` holds this morning."""
    quiet = world.copy()
    quiet.state.here = np.zeros_like(quiet.state.here)  # nobody comes: cupboards empty, feelings fade
    closing = 1.0 / max(world.parameters.feelings.complaint_days, 1.0)
    for _ in range(days):
        chance = chance_at_home(quiet)
        quiet.live(1)
        belief = _night(replace(belief, present=_without_visit(belief.present, chance)), quiet, closing)
    return np.asarray(belief.present.sum(axis=(1, 2)) + belief.gone)


def chance_at_home(world: World) -> np.ndarray:
    """P(visit today, without personal offers) `[n]` of every household, were it here and at home."""
    everybody = np.ones_like(world.state.here)
    state = replace(world.state, here=everybody, away=~everybody)
    seen = World(world.parameters, world.shop, world.traits, state, world.seed)
    seen.day = world.day
    return seen.visit_probability(no_offers()).astype(np.float64)


def _without_visit(present: np.ndarray, chance: np.ndarray) -> np.ndarray:
    stayed = present.copy()
    stayed[:, _HOME] *= (1.0 - chance)[:, None]
    return stayed


def _complaints_told(belief: Belief, complaint: np.ndarray) -> Belief:
    told = np.zeros_like(belief.present)
    rows = np.arange(len(complaint))
    told[rows, :, complaint.astype(np.int64)] = belief.present.sum(axis=2)
    return replace(belief, present=told)


def _night(belief: Belief, world: World, closing: float) -> Belief:
    """Complaints are closed with a chance, households leave and come back, some stop coming for good.

    `world` has ended the day already: it lends what the households feel.
    """
    visits, state, traits = world.parameters.visits, world.state, world.traits
    leaving = visits.away_per_year / _DAYS_PER_YEAR
    staying = 1.0 - 1.0 / max(visits.away_days, 1.0)
    now = belief.present.copy()
    now[:, :, _FINE] += closing * now[:, :, _COMPLAINING]
    now[:, :, _COMPLAINING] *= 1.0 - closing
    home, away = now[:, _HOME].copy(), now[:, _AWAY].copy()
    now[:, _HOME] = (1.0 - leaving) * home + (1.0 - staying) * away
    now[:, _AWAY] = leaving * home + staying * away
    joined_already = traits.joined_day < world.day
    for complaint in (_FINE, _COMPLAINING):
        dropping = joined_already * dropout_probability(
            traits.dropout_per_day,
            state.satisfaction,
            np.full(len(joined_already), bool(complaint)),
            state.fatigue,
            state.reward,
            world.parameters.dropout,
        )
        now[:, :, complaint] *= (1.0 - dropping.astype(np.float64))[:, None]
    lost = belief.present.sum(axis=(1, 2)) - now.sum(axis=(1, 2))
    return Belief(now, belief.gone + lost)


def _normalised(belief: Belief) -> Belief:
    total = belief.present.sum(axis=(1, 2)) + belief.gone
    return Belief(belief.present / total[:, None, None], belief.gone / total)
