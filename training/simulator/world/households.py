"""Households: what they are (traits, fixed) and how they are just now (state), as arrays with one row each.

Household number `h` of a world with a seed is the same however many households the world has.
"""

from dataclasses import dataclass, fields, replace
from enum import IntEnum

import numpy as np
from scipy.stats import gamma

from training.simulator.world.behaviour import item_choice, needs
from training.simulator.world.draws import (
    Flags,
    Floats,
    Ints,
    Purpose,
    extended,
    gumbel,
    keyed,
    mean_one,
    normal,
    uniform,
)
from training.simulator.world.simulated_shop import SimulatedShop
from training.simulator.world.world_parameters import Needs, WorldParameters

_BLOCK = 500  # households whose first habits are drawn at a time: bounds the memory, decides nothing
_DAYS_PER_YEAR = 365.25
_FIRST_HABITS = (0.6, 0.3)  # of the two items of a family that a household bought before day 0


@dataclass(frozen=True)
class Traits:
    """What a household is and remains; `[n]` households, `[n, f]` households and families."""

    number: Ints  # [n] names the household's draws
    gap_days: Floats  # [n] own mean gap between visits
    regularity: Floats  # [n] shape of the gamma of gaps
    joined_day: Ints  # [n] first day on which it may come; 0 for most
    dropout_per_day: Floats  # [n] own hazard, everything else at its mean
    units_per_day: Floats  # [n, f] normal consumption; 0: does not use the family
    money_weight: Floats  # [n] on price, 1 is usual
    time_weight: Floats  # [n] on the trip's cost in time, 1 is usual
    habit_weight: Floats  # [n] utility of an item that was always bought
    novelty: Floats  # [n] utility of an item never bought
    stockpiling: Floats  # [n] on extra units at a gain, 1 is usual


@dataclass
class State:
    """How households are just now; written to as days are lived."""

    here: Flags  # [n] still a customer: silently dropped out where False
    away: Flags  # [n] on a journey
    last_visit: Ints  # [n] day of the last visit
    stock_units: Floats  # [n, f] at home
    short: Floats  # [n] of the household's needs, the share that lacks
    reference: Floats  # [n, f] price expected, as a share of the shelf price
    habit: Floats  # [n, j] 0: never bought
    satisfaction: Floats  # [n] 0 is usual
    complaint: Flags  # [n] open
    fatigue: Floats  # [n] of personal offers
    reward: Floats  # [n] remembered personal discount, in tenths of a usual basket
    used_lately: Floats  # [n] a personal offer, 1 on the day and fading
    owes_until: (
        Ints  # [n] last day on which the next visit may be missing, because offers brought the last one
    )
    basket_minor: Floats  # [n] usual basket, as learnt

    def copy(self) -> "State":
        """Return the same state with arrays of its own."""
        return replace(self, **{field.name: getattr(self, field.name).copy() for field in fields(self)})


def chosen_traits(traits: Traits, rows: Ints) -> Traits:
    """Return the traits of some households."""
    return replace(traits, **{field.name: getattr(traits, field.name)[rows] for field in fields(traits)})


def chosen_state(state: State, rows: Ints) -> State:
    """Return the state of some households, in arrays of its own."""
    return replace(state, **{field.name: getattr(state, field.name)[rows] for field in fields(state)})


class _HouseholdTrait(IntEnum):
    """Names the draws that make a household; the numbers are part of every world's past."""

    RARITY = 0
    REGULARITY = 1
    DROPOUT = 2
    JOINS = 3
    JOINED = 4
    SIZE = 5
    MONEY = 6
    TIME = 7
    HABIT = 8
    NOVELTY = 9
    STOCKPILING = 10


def draw_traits(shop: SimulatedShop, parameters: WorldParameters, number: Ints, seed: int) -> Traits:
    """Draw what the households of some numbers are."""
    visits, dropout, pick = parameters.visits, parameters.dropout, parameters.choice

    def drawn(trait: _HouseholdTrait) -> Floats:
        return normal(keyed(seed, Purpose.TRAIT, number, trait))

    def evenly(trait: _HouseholdTrait) -> Floats:
        return uniform(keyed(seed, Purpose.TRAIT, number, trait))

    rarity = np.float32(visits.gap_sd_log) * drawn(_HouseholdTrait.RARITY)
    joined_day = 1 + (evenly(_HouseholdTrait.JOINED) * visits.joining_days).astype(np.int64)
    leaving = (
        np.float32(dropout.sd_log) * drawn(_HouseholdTrait.DROPOUT) + np.float32(dropout.gap_power) * rarity
    )
    size = np.float32(parameters.needs.household_sd_log) * drawn(_HouseholdTrait.SIZE)
    size -= np.float32(parameters.needs.gap_power) * rarity
    return Traits(
        number=number,
        gap_days=visits.gap_days * np.exp(rarity),
        regularity=visits.regularity
        * np.exp(np.float32(visits.regularity_sd_log) * drawn(_HouseholdTrait.REGULARITY)),
        joined_day=np.where(evenly(_HouseholdTrait.JOINS) < visits.joining_share, joined_day, 0),
        dropout_per_day=np.float32(dropout.per_year / _DAYS_PER_YEAR) * np.exp(leaving),
        units_per_day=_units_per_day(shop, parameters.needs, number, size, seed),
        money_weight=mean_one(pick.price_sd_log, drawn(_HouseholdTrait.MONEY)),
        time_weight=mean_one(parameters.attention.time_sd_log, drawn(_HouseholdTrait.TIME)),
        habit_weight=pick.habit_weight * mean_one(pick.habit_sd_log, drawn(_HouseholdTrait.HABIT)),
        novelty=pick.novelty_mean + np.float32(pick.novelty_sd) * drawn(_HouseholdTrait.NOVELTY),
        stockpiling=mean_one(parameters.quantity.deal_sd_log, drawn(_HouseholdTrait.STOCKPILING)),
    )


def _units_per_day(
    shop: SimulatedShop, parameters: Needs, number: Ints, log_size: Floats, seed: int
) -> Floats:
    """Draw normal consumption `[n, f]`; 0 of what a household does not use."""
    family = np.arange(len(shop.sizes))
    own = normal(keyed(seed, Purpose.FAMILY_TRAIT, number[:, None], 0, family))
    uses = uniform(keyed(seed, Purpose.FAMILY_TRAIT, number[:, None], 1, family)) < shop.active_share
    rate = np.exp(log_size[:, None] + np.float32(parameters.taste_sd_log) * own) / shop.days_per_unit
    units: Floats = np.where(uses, rate, np.float32(0))
    return units


def draw_state(shop: SimulatedShop, traits: Traits, parameters: WorldParameters, seed: int) -> State:
    """Draw how households are in the morning of day 0: stocks half full, habits from two earlier choices."""
    households = len(traits.number)
    family = np.arange(len(shop.sizes))
    filled = uniform(keyed(seed, Purpose.BEGINNING, traits.number[:, None], 0, family))
    usual = needs.usual_stock(traits.units_per_day, traits.gap_days[:, None])
    stock = np.where(traits.units_per_day > 0, filled * usual, 0).astype(np.float32)
    since = gamma.ppf(uniform(keyed(seed, Purpose.BEGINNING, traits.number, 1)), traits.regularity)
    waited = (
        since
        * traits.gap_days
        / traits.regularity
        * uniform(keyed(seed, Purpose.BEGINNING, traits.number, 2))
    )
    habit = np.zeros((households, len(shop.product_id)), np.float32)
    for first in range(0, households, _BLOCK):
        block = slice(first, first + _BLOCK)
        habit[block] = _first_habits(
            shop, traits.number[block], traits.units_per_day[block], parameters, seed
        )
    return State(
        here=np.ones(households, np.bool_),
        away=np.zeros(households, np.bool_),
        last_visit=-1 - waited.astype(np.int64),
        stock_units=stock,
        short=needs.household_shortage(needs.shortage(stock, usual), traits.units_per_day),
        reference=np.ones((households, len(family)), np.float32),
        habit=habit,
        satisfaction=np.zeros(households, np.float32),
        complaint=np.zeros(households, np.bool_),
        fatigue=np.zeros(households, np.float32),
        reward=np.zeros(households, np.float32),
        used_lately=np.zeros(households, np.float32),
        owes_until=np.full(households, -1, np.int64),
        basket_minor=np.zeros(households, np.float32),
    )


def _first_habits(
    shop: SimulatedShop, number: Ints, units_per_day: Floats, parameters: WorldParameters, seed: int
) -> Floats:
    """Habits `[n, j]` of two choices by taste in every family that a household uses, made before day 0."""
    product = np.arange(len(shop.product_id))
    tastes = item_choice.taste_bits(seed, number)[:, None]
    attachment = np.repeat(shop.attachment, shop.sizes)
    liking = item_choice.lasting_utility(tastes, product, shop.appeal, attachment, parameters.choice)
    bits = keyed(seed, Purpose.BEGINNING, number[:, None], 3)
    habit = np.zeros(liking.shape, np.float32)
    for turn, strength in enumerate(_FIRST_HABITS):
        perturbed = liking + gumbel(extended(extended(bits, turn), product))
        is_best = perturbed == np.repeat(
            np.maximum.reduceat(perturbed, shop.starts, axis=1), shop.sizes, axis=1
        )
        habit += np.float32(strength) * is_best
    habit[:] *= np.repeat(units_per_day > 0, shop.sizes, axis=1)
    return habit
