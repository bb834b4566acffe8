"""What a visit leaves behind: habit, reference price, satisfaction, complaint, fatigue, reward. Pure functions."""

import numpy as np

from training.simulator.world.draws import Flags, Floats
from training.simulator.world.world_parameters import Feelings, ItemChoice

_LEAST_HABIT = np.float32(1e-9)  # so that what was once bought is never "never bought" again
_TENTH = 0.1
_USUAL_ANSWER = 7.5  # 0 to 10
_ANSWER_SD = 1.5  # between moods, and for one unit of satisfaction


def faded_habit(habit: Floats, parameters: ItemChoice) -> Floats:
    """Habit of a family's items after the family was bought once more (Guadagni and Little's loyalty)."""
    faded: Floats = np.where(
        habit > 0, np.maximum(habit * np.float32(parameters.habit_memory), _LEAST_HABIT), 0
    )
    return faded


def taught_habit(on_deal: Flags, parameters: ItemChoice) -> Floats:
    """What one purchase adds to the item's habit; on deal it may teach less.

    Dodson, Tybout and Sternthal 1978 ("Impact of deals and deal retraction on brand switching", Journal of Marketing
    Research): who bought for the deal has learnt the deal.
    """
    taught: Floats = np.float32(1 - parameters.habit_memory) * np.where(
        on_deal, np.float32(parameters.habit_from_deal), np.float32(1)
    )
    return taught


def learnt_reference(reference: Floats, price_share: Floats, parameters: ItemChoice) -> Floats:
    """The price expected moves towards the price paid: adaptive expectations (Mazumdar, Raj and Sinha 2005).

    "Reference price research", Journal of Marketing, reviews them. Both are shares of the shelf price.
    """
    memory = np.float32(parameters.reference_memory)
    learnt: Floats = memory * reference + (1 - memory) * price_share
    return learnt


def felt_after_visit(
    satisfaction: Floats, experience: Floats, gain: Floats, pleased: Floats, parameters: Feelings
) -> Floats:
    """Satisfaction after a visit: a memory of how visits went and of what was saved against expectation.

    Satisfaction as cumulative updating by experience against expectation is Bolton and Drew 1991 and Oliver 1980;
    `experience` is standard normal, `gain` the basket's mean log gain, `pleased` what the day's offers add or take.
    """
    memory = np.float32(parameters.satisfaction_memory)
    lived: Floats = (
        np.float32(parameters.experience_sd) * experience
        + np.float32(parameters.gain_weight) * gain
        + pleased
    )
    felt: Floats = lived + memory * (satisfaction - lived)
    return felt


def complains(satisfaction: Floats, drawn: Floats, parameters: Feelings) -> Flags:
    """Who complains after a visit: rarer the more satisfied they are."""
    complaining: Flags = drawn < parameters.complaint_share * np.exp(-np.clip(satisfaction, -3, 3))
    return complaining


def closed(drawn: Floats, parameters: Feelings) -> Flags:
    """Which open complaints are closed today."""
    done: Flags = drawn < 1 / max(parameters.complaint_days, 1)
    return done


def pleased_by_offers(offers: Floats, used: Floats, parameters: Feelings) -> Floats:
    """What the day's offers add to how a visit felt: pleasure for the share of them used, annoyance for the rest."""
    share = np.minimum(used / np.maximum(offers, 1), 1)
    felt: Floats = np.where(
        offers > 0,
        np.float32(parameters.useful_weight) * share - np.float32(parameters.useless_weight) * (1 - share),
        np.float32(0),
    ).astype(np.float32)
    return felt


def tired(
    fatigue: Floats, offers: Floats, strangers: Floats, useless: Floats, parameters: Feelings
) -> Floats:
    """Fatigue at the end of a day with so many personal offers.

    `strangers` of them are from families never used, and `useless` sums how far each is from a sure use. That
    unwanted marketing wears out is assumed (a half-life, more for what does not fit); no data at hand shows it.
    """
    memory = np.float32(0.5 ** (1 / parameters.fatigue_days))
    added = np.float32(parameters.fatigue_per_offer) * (
        offers
        + np.float32(parameters.fatigue_strangers) * strangers
        + np.float32(parameters.fatigue_useless) * useless
    )
    found: Floats = memory * fatigue + added
    return found


def remembered(reward: Floats, personal_minor: Floats, basket_minor: Floats, parameters: Feelings) -> Floats:
    """Recent reward at the end of a day: personal discount in tenths of a usual basket, fading by a half-life."""
    memory = np.float32(0.5 ** (1 / parameters.reward_days))
    given = personal_minor / np.maximum(basket_minor * np.float32(_TENTH), 1)
    found: Floats = memory * reward + given
    return found


def usual_basket(basket_minor: Floats, today_minor: Floats) -> Floats:
    """The usual basket after today's: the first one, then a slow mean."""
    found: Floats = np.where(
        basket_minor > 0, np.float32(0.9) * basket_minor + np.float32(0.1) * today_minor, today_minor
    )
    return found


def recommends(satisfaction: Floats, drawn: Floats) -> Floats:
    """Answer 0 to 10 to "would you recommend us", from satisfaction and a standard normal."""
    score: Floats = np.clip(np.rint(_USUAL_ANSWER + _ANSWER_SD * (satisfaction + drawn)), 0, 10)
    return score
