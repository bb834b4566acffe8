"""What a day leaves behind: what visitors learnt and felt, what was used up at home, who is away and who has left.

The one place, beside the beginning, where households' state is written. The equations are `learning`'s, `needs`',
`visits`' and `dropout`'s; here they meet the day's baskets and dice.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.simulator.world.behaviour import attention, dropout, learning, needs, visits
from training.simulator.world.draws import Flags, Floats, Ints, Purpose, keyed, normal, uniform
from training.simulator.world.flat_runs import means, ranges, run_starts, sums
from training.simulator.world.offers_and_lines import Lines, PersonalOffers
from training.simulator.world.shopping_trip import TripSetting

_BLOCK = 2000  # households whose stocks are used up at a time: bounds the memory, decides nothing
_LEAST_SHARE = 0.01  # of the shelf price, where something was given away


@dataclass(frozen=True)
class Answer:
    """A household's answer, 0 to 10, to whether it would recommend the shop."""

    household: int
    day: int
    second: int
    score: int


@dataclass(frozen=True)
class Morning:
    """What a day's offers came to before its baskets: `[m]` offers, `[n]` households."""

    offers: PersonalOffers
    likely: Floats  # [m] how near to a sure use each is, 0 to 1
    brought: Flags  # [n] came, and would not have without offers
    left_out: Flags  # [n] would have come, had an earlier visit not been brought forward


def learn_from_baskets(
    scene: TripSetting, morning: Morning, lines: Lines, personal_minor: Ints
) -> list[Answer]:
    """Habit, reference price, stock, satisfaction and complaints after the day's baskets; returns who was asked."""
    state, shop, pick = scene.state, scene.shop, scene.parameters.choice
    off_minor = lines.discount_minor(personal_minor)
    shelf_minor = lines.shelf_price_minor * lines.units
    paid_share = np.maximum(1 - off_minor / shelf_minor, _LEAST_SHARE).astype(np.float32)
    family = shop.family[lines.product]
    starts = run_starts(lines.household * len(shop.sizes) + family)
    row, of = lines.household[starts], family[starts]
    family_share = means(paid_share, starts)
    gain = np.log(state.reference[row, of]) - np.log(family_share)

    wide = np.repeat(row, shop.sizes[of])
    product = ranges(shop.starts[of], shop.sizes[of])
    state.habit[wide, product] = learning.faded_habit(state.habit[wide, product], pick)
    state.habit[lines.household, lines.product] += learning.taught_habit(off_minor > 0, pick)
    state.reference[row, of] = learning.learnt_reference(state.reference[row, of], family_share, pick)
    np.add.at(state.stock_units, (lines.household, family), lines.units.astype(np.float32))

    baskets = run_starts(lines.household)
    came = lines.household[baskets]
    state.last_visit[came] = scene.day
    households = len(scene.traits.number)
    pleased = learning.pleased_by_offers(
        _sums_by_household(morning.offers.household, np.ones(len(morning.offers)), households)[came],
        _sums_by_household(lines.household, personal_minor > 0, households)[came],
        scene.parameters.feelings,
    )
    _feel(scene, came, means(gain, run_starts(row)), pleased)
    paid_minor = sums((shelf_minor - off_minor).astype(np.float32), baskets)
    state.basket_minor[came] = learning.usual_basket(state.basket_minor[came], paid_minor)
    return _ask(scene, came, lines.second[baskets])


def end_day(scene: TripSetting, morning: Morning, household: Ints, personal_minor: Ints) -> None:
    """Fade, use up, go away, come back, drop out; `personal_minor` is what each line's `household` was given."""
    state, traits, parameters = scene.state, scene.traits, scene.parameters
    feelings, households, offers = parameters.feelings, len(traits.number), morning.offers
    strange = traits.units_per_day[offers.household, scene.shop.family[offers.product]] == 0
    state.fatigue = learning.tired(
        state.fatigue,
        _sums_by_household(offers.household, np.ones(len(offers)), households),
        _sums_by_household(offers.household, strange, households),
        _sums_by_household(offers.household, 1 - morning.likely, households),
        feelings,
    )
    given_minor = _sums_by_household(household, personal_minor, households)
    state.reward = learning.remembered(state.reward, given_minor, state.basket_minor, feelings)
    state.used_lately = attention.used_lately(
        state.used_lately,
        _sums_by_household(household, personal_minor > 0, households) > 0,
        parameters.attention,
    )
    state.owes_until[morning.left_out] = state.owes_until[household] = scene.day
    state.owes_until[morning.brought] = scene.day + attention.OWED_DAYS
    state.complaint &= ~learning.closed(_evenly(scene, Purpose.COMPLAINT, 1), feelings)
    gone = dropout.dropout_probability(
        traits.dropout_per_day,
        state.satisfaction,
        state.complaint,
        state.fatigue,
        state.reward,
        parameters.dropout,
    )
    state.here &= (_evenly(scene, Purpose.DROPOUT) >= gone) | (traits.joined_day > scene.day)
    for first in range(0, households, _BLOCK):
        _use_up(scene, slice(first, first + _BLOCK))
    state.away = visits.journeys(
        state.away, _evenly(scene, Purpose.AWAY), _evenly(scene, Purpose.RETURN), parameters.visits
    )


def _feel(scene: TripSetting, came: Ints, gain: Floats, pleased: Floats) -> None:
    state, feelings, number = scene.state, scene.parameters.feelings, scene.traits.number[came]
    lived = normal(keyed(scene.dice, Purpose.EXPERIENCE, number, scene.day))
    satisfaction = learning.felt_after_visit(state.satisfaction[came], lived, gain, pleased, feelings)
    drawn = uniform(keyed(scene.dice, Purpose.COMPLAINT, number, 0, scene.day))
    complaining = learning.complains(satisfaction, drawn, feelings)
    state.complaint[came] |= complaining
    state.satisfaction[came] = satisfaction - np.float32(feelings.complaint_cost) * complaining


def _ask(scene: TripSetting, came: Ints, second: Ints) -> list[Answer]:
    number = scene.traits.number[came]
    drawn = uniform(keyed(scene.dice, Purpose.ANSWER, number, 0, scene.day))
    asked = np.flatnonzero(drawn < scene.parameters.feelings.answer_share)
    mood = normal(keyed(scene.dice, Purpose.ANSWER, number[asked], 1, scene.day))
    score = learning.recommends(scene.state.satisfaction[came[asked]], mood)
    return [
        Answer(row, scene.day, moment, int(given))
        for row, moment, given in zip(
            came[asked].tolist(), second[asked].tolist(), score.tolist(), strict=True
        )
    ]


def _use_up(scene: TripSetting, block: slice) -> None:
    """A day's consumption; who has not joined yet is provided for elsewhere."""
    state, traits = scene.state, scene.traits
    rate = traits.units_per_day[block]
    usual = needs.usual_stock(rate, traits.gap_days[block, None])
    stock = state.stock_units[block]
    used = needs.used_up(stock, rate, usual, scene.shop.keeps, scene.parameters.needs)
    stock -= used * (traits.joined_day[block] <= scene.day)[:, None]
    state.short[block] = needs.household_shortage(needs.shortage(stock, usual), rate)


def _evenly(scene: TripSetting, purpose: Purpose, *keys: int) -> Floats:
    return uniform(keyed(scene.dice, purpose, scene.traits.number, *keys, scene.day))


def _sums_by_household(household: Ints, values: npt.ArrayLike, households: int) -> Floats:
    found: Floats = np.bincount(household, values, households).astype(np.float32)
    return found
