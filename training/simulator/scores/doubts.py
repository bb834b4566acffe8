"""What speaks against a policy in a world, in the judge's words: a good gain alone does not make a good policy.

* It surely loses money.
* It brings visits while margin falls: a learner that counts visits calls this a success (cherry picking, or visits only
  brought forward).
* Its offers are hardly ever used: it draws with savings that mean nothing to the customer, a decoy.
* It surely leaves money on the table that the best known policy finds.
"""

from training.evaluation.bootstrap import Interval
from training.simulator.scores.over_seeds import OverSeeds

# Of the offers shown, at least so many should be redeemed; the shipped rule's and the likeliest items' are at 6 to 11 %.
LEAST_USED = 0.05
LOSES = "surely loses money"
HOLLOW_VISITS = "brings visits and loses margin"
DECOY = "shows savings that are hardly ever used"
MISSES = "surely gains less than the best known"


def doubts(scores: OverSeeds, regret: Interval | None = None) -> tuple[str, ...]:
    """Which of the four hold, by intervals over seeds; none of a policy that offers nothing where nothing pays.

    Args:
        scores: of the policy.
        regret: what the best known policy gains more, where that was lived.
    """
    found = []
    if scores.gain.below_zero:
        found.append(LOSES)
    if scores.gain.value < 0 and scores.visits.above_zero:
        found.append(HOLLOW_VISITS)
    if scores.used is not None and scores.used < LEAST_USED:
        found.append(DECOY)
    if regret is not None and regret.above_zero:
        found.append(MISSES)
    return tuple(found)
