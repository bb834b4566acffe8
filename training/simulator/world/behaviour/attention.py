"""What of the day's personal offers brings a household to the shop, and what bringing it costs. Pure functions.

Nobody can see in a shop's data why an offer brings somebody, so a world says it by its keys: because something is
short at home, because the item is a habit, because it is new, in proportion to the chance that it is used, or only
where offers were used before. What is counted is weighed against the trip's cost in time (Becker 1965, "A theory of
the allocation of time", Economic Journal: time has a price that differs between households).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from training.simulator.world.draws import Flags, Floats
from training.simulator.world.world_parameters import Attention

OWED_DAYS = 7  # after a visit that offers brought, for which the next one may be missing
_USED_UP = np.float32(1e-3)  # a memory below it is none


@dataclass(frozen=True)
class OfferTies:
    """What ties households to the offers they have, one entry an offer; arrays broadcast to each other.

    Attributes:
        lacking: shortage of the item's family at home, -2 to 1.
        habit: of the item, 0: never bought.
        novelty: the household's utility of an item never bought.
        uses: whether the household uses the family at all.
        chance: that a visit of today uses the offer.
    """

    lacking: Floats
    habit: Floats
    novelty: Floats
    uses: Flags
    chance: Floats


def counted(ties: OfferTies, parameters: Attention) -> Floats:
    """How much of each offer's saving its household counts when it thinks of coming, 0 to 1."""
    known = np.clip(ties.habit, 0, 1)
    share = (
        np.float32(parameters.on_short) * np.clip(ties.lacking, 0, 1)
        + np.float32(parameters.on_habit) * known
        + np.float32(parameters.on_new) * (1 - known) * expit(ties.novelty)
        + np.float32(parameters.on_chance) * likely(ties.chance, parameters)
    )
    found: Floats = np.where(ties.uses, np.minimum(share, np.float32(1)), np.float32(0)).astype(np.float32)
    return found


def likely(chance: Floats, parameters: Attention) -> Floats:
    """A chance of use as a share of the one that counts as sure, 0 to 1."""
    share: Floats = np.minimum(chance / np.float32(parameters.full_chance), np.float32(1)).astype(np.float32)
    return share


def worth_the_way(
    saving_minor: Floats, money_weight: Floats, time_weight: Floats, parameters: Attention
) -> Floats:
    """How much the savings counted `[n]` are worth the way, 0 to 1: the weight of money against that of time."""
    worth = money_weight * saving_minor
    cost = time_weight * np.float32(parameters.trip_cost_minor)
    with np.errstate(invalid="ignore"):
        share: Floats = np.where(worth > 0, worth / (worth + cost), 0).astype(np.float32)
    return share


def drawn(worth: Floats, used_lately: Floats, fatigue: Floats, parameters: Attention) -> Floats:
    """Log hazard of a visit that offers add `[n]`: what is worth the way, where it is trusted and not worn out.

    That exposure wears out is the wear-out of advertising (Calder and Sternthal 1980, "Television commercial
    wearout: an information processing view", Journal of Marketing Research), here through fatigue.
    """
    trusted = 1 - np.float32(parameters.used_before) * (1 - used_lately)
    added: Floats = (
        np.float32(parameters.weight) * worth * trusted * np.exp(-np.float32(parameters.wear) * fatigue)
    )
    return added


def on_errand(brought: Flags, offered: Flags, parameters: Attention) -> Floats:
    """Log odds `[n, f]` that a visit brought by offers loses in every family without one: a trip for the deal alone.

    Small trips for a deal are cherry picking (Fox and Hoch 2005, "Cherry-picking", Journal of Marketing).
    """
    lost: Floats = np.float32(parameters.errand) * (brought[:, None] & ~offered)
    return lost


def left_out(chance: Floats, owes: Flags, parameters: Attention) -> Floats:
    """P(visit today) of `chance`, less the share of it that an earlier visit had only brought forward.

    Who was brought by an offer within the last days leaves the next visit out with this probability: then a visit
    brought is a visit taken from the week after (acceleration, Neslin, Henderson and Quelch 1985, Marketing Science).
    """
    found: Floats = np.where(owes, chance * np.float32(1 - parameters.borrowed), chance)
    return found


def used_lately(memory: Floats, used_today: Flags, parameters: Attention) -> Floats:
    """Having used an offer, 1 on the day and fading by its half-life; 0: never, or long ago."""
    faded = memory * np.float32(0.5 ** (1 / parameters.used_days))
    found: Floats = np.where(used_today, np.float32(1), np.where(faded < _USED_UP, np.float32(0), faded))
    return found.astype(np.float32)
