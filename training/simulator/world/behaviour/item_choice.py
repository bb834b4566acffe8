"""Which item of a family: a logit on taste, habit, novelty, price against reference price, mailer and offer.

Pure functions of flat arrays: `[m]` one entry for every item considered, families one after the other; `starts`
says where each family's items begin. Choice is a multinomial logit with a loyalty that learns (Guadagni and
Little 1983, "A logit model of brand choice calibrated on scanner data", Marketing Science).
"""

import numpy as np

from training.simulator.world.draws import Bits, Flags, Floats, Ints, Purpose, extended, keyed, normal
from training.simulator.world.flat_runs import largest, run_lengths, run_starts, sums
from training.simulator.world.world_parameters import ItemChoice


def taste_bits(seed: int, household: Ints) -> Bits:
    """The household's part of the draws of its tastes, to be completed by the item."""
    return keyed(seed, Purpose.TASTE, household)


def lasting_utility(
    household_bits: Bits, product: Ints, appeal: Floats, attachment: Floats, parameters: ItemChoice
) -> Floats:
    """What never changes: an item's appeal to everybody, and one's own taste, which counts as its family has it."""
    own = np.float32(parameters.taste_sd) * normal(extended(household_bits, product))
    utility: Floats = appeal + attachment * own
    return utility


def acquired_utility(habit: Floats, habit_weight: Floats, novelty: Floats) -> Floats:
    """What was learnt: habit for what was bought; for what never was, the household's taste for novelty.

    The draw towards the new and its limits are variety seeking (McAlister and Pessemier 1982, "Variety seeking
    behavior", Journal of Consumer Research). Below zero the unknown counts against an item, above it something is
    tried that would not be otherwise; where it lies is what the share of repeats tells.
    """
    utility: Floats = habit_weight * habit + novelty * (habit == 0)
    return utility


def price_response(
    price_share: Floats, reference: Floats, habit: Floats, weight: Floats, parameters: ItemChoice
) -> Floats:
    """Utility of today's price: its log below the shelf price, in part against the price expected.

    `price_share` and `reference` are shares of the shelf price. A price above the reference loses more than one
    below it gains (Winer 1986, "A reference price model of brand choice", Journal of Consumer Research; Hardie,
    Johnson and Fader 1993, "Modeling loss aversion and reference dependence effects on brand choice", Marketing
    Science). Habit damps the response (Krishnamurthi and Raj 1991, "An empirical analysis of the relationship
    between brand loyalty and consumer price elasticity", Marketing Science).
    """
    log_price = np.log(price_share)
    gain = np.log(reference) - log_price
    felt = gain + np.float32(parameters.loss_aversion - 1) * np.minimum(gain, 0)
    share = np.float32(parameters.reference_share)
    damped = weight * (1 - np.float32(parameters.habit_damps_price) * habit)
    response: Floats = damped * (share * (felt + log_price) - log_price)
    return response


def pointed_at(mailer: Flags, offered: Flags, parameters: ItemChoice) -> Floats:
    """Utility of being pointed at, beyond the money: by the mailer, by a personal offer (assumed, not identified)."""
    utility: Floats = np.float32(parameters.mailer_weight) * mailer.astype(np.float32) + np.float32(
        parameters.offer_weight
    ) * offered.astype(np.float32)
    return utility


def inclusive_gain(utility: Floats, response: Floats, starts: Ints) -> Floats:
    """How much a family's inclusive value rises by today's `response`: log of the mean of its exponential.

    `[k]` for k families. Never above the family's largest response, which lets incidence be bounded cheaply.
    """
    weight = np.exp(utility - largest(utility, starts))
    gain: Floats = np.log(sums(weight * np.exp(response), starts) / sums(weight, starts))
    return gain


def probabilities(utility: Floats, starts: Ints) -> Floats:
    """Each item's share of its family's choices, `[m]`: the logit itself, for those who count instead of draw."""
    weight = np.exp(utility - largest(utility, starts))
    share: Floats = weight / np.repeat(sums(weight, starts), run_lengths(starts, len(utility)))
    return share


def best(perturbed: Floats, starts: Ints) -> Ints:
    """Place `[k]` of each family's best item; with Gumbel draws added, that is a draw of the logit.

    The same draws under two policies differ only where an offer made an item better: nothing else is reshuffled.
    """
    at_best = np.flatnonzero(perturbed == largest(perturbed, starts))
    family = np.searchsorted(starts, at_best, side="right") - 1
    places: Ints = at_best[run_starts(family)]
    return places
