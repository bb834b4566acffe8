"""A shop and its households, lived day by day: who comes, what they buy, and what it leaves behind.

    world = World.new(load_world("calibrated"), households=2000, seed=1)
    world.live(364)                              # a year without personal offers
    lines = world.shop_day(offers)               # who comes and what is in the baskets
    world.pay(lines, personal_minor)             # what the tills took off; the day ends

A household's day depends on its own past, the shop's week and its own dice, on nothing else. So households can be
lived in any blocks or subsets, and until its first offer a household's life is the same under every policy.
"""

from copy import copy
from dataclasses import replace
from datetime import date, timedelta
from typing import Self

import numpy as np

from training.simulator.world.behaviour import attention, visits
from training.simulator.world.chain_promotions import Week, open_week, plan_promotions
from training.simulator.world.chance_of_use import chances_of_use, offer_ties
from training.simulator.world.draws import Flags, Floats, Ints, Purpose, keyed, uniform
from training.simulator.world.end_of_day import Answer, Morning, end_day, learn_from_baskets
from training.simulator.world.flat_runs import totals
from training.simulator.world.households import (
    State,
    Traits,
    chosen_state,
    chosen_traits,
    draw_state,
    draw_traits,
)
from training.simulator.world.offers_and_lines import (
    Lines,
    PersonalOffers,
    beyond_minor,
    joined,
    no_offers,
    personal_minor,
)
from training.simulator.world.shopping_trip import TripSetting, fill_baskets
from training.simulator.world.simulated_shop import SimulatedShop, open_shop
from training.simulator.world.world_parameters import WorldParameters

_VISITORS = 200  # whose baskets are filled at a time: bounds the memory, decides nothing


class World:
    """A shop with known truth. Rows are households; `traits.number` names their draws."""

    def __init__(
        self, parameters: WorldParameters, shop: SimulatedShop, traits: Traits, state: State, seed: int
    ) -> None:
        self.parameters = parameters
        self.shop = shop
        self.traits = traits
        self.state = state
        self.customer_id = [str(number + 1) for number in traits.number.tolist()]
        self.seed = seed  # of what lasts: shop, promotions, traits, tastes
        self.dice = seed  # of what happens
        self.day = 0  # next to be lived
        self.answers: list[Answer] = []
        self._calendar = plan_promotions(shop, parameters.promotions, seed)
        self._today: Morning | None = None  # those of a day that was shopped and not yet paid for
        self._week: tuple[int, Week] | None = None

    @classmethod
    def new(cls, parameters: WorldParameters, households: int, seed: int) -> Self:
        """Return a world in the morning of day 0."""
        return cls.part(parameters, range(households), seed)

    @classmethod
    def part(cls, parameters: WorldParameters, numbers: range, seed: int) -> Self:
        """Return the world of some households only, so that several processes can live a large one between them."""
        shop = open_shop(parameters, seed)
        traits = draw_traits(shop, parameters, np.array(numbers), seed)
        return cls(parameters, shop, traits, draw_state(shop, traits, parameters, seed), seed)

    @property
    def first_date(self) -> date:
        """The date of day 0."""
        return self.parameters.first_date

    @property
    def today(self) -> date:
        """The date of the day to be lived next."""
        return self.first_date + timedelta(days=self.day)

    def copy(self) -> Self:
        """Return a world with the same past and the same future, sharing nothing that is written to."""
        other = copy(self)
        other.state, other.answers = self.state.copy(), list(self.answers)
        return other

    def with_future(self, seed: int) -> Self:
        """Return a copy with other dice from now on: the truth is known, what happens is not."""
        other = self.copy()
        other.dice = seed
        return other

    def select(self, rows: Ints) -> Self:
        """Return a world of some of the households, which live on as they would have."""
        if self._today is not None:
            raise ValueError("select households between two days, not between shop_day and pay")
        other = type(self)(
            self.parameters,
            self.shop,
            chosen_traits(self.traits, rows),
            chosen_state(self.state, rows),
            self.seed,
        )
        other.dice, other.day = self.dice, self.day
        return other

    def week(self) -> Week:
        """Return the promotions and mailer of the week of the day to be lived next."""
        number = self.day // 7
        if self._week is None or self._week[0] != number:
            self._week = number, self.planned_week(number)
        return self._week[1]

    def planned_week(self, number: int) -> Week:
        """Return the promotions and mailer of week `number`, lived or yet to come: the chain plans them for itself."""
        return open_week(self.shop, self._calendar, self.parameters.promotions, self.seed, number)

    def promote_nothing_this_week(self, of: Flags | None = None) -> None:
        """Take the chain's promotions and mailer out of the week of the day to be lived next, of this one only.

        Args:
            of: which products' `[j]`; None for all.
        """
        number = self.day // 7
        taken = np.ones(len(self.shop.product_id), np.bool_) if of is None else of
        calendar = replace(self._calendar, share=np.where(taken, 0.0, self._calendar.share))
        self._week = number, open_week(self.shop, calendar, self.parameters.promotions, self.seed, number)

    def scene(self) -> TripSetting:
        """Return everything that the day's trips look at."""
        return TripSetting(
            shop=self.shop,
            week=self.week(),
            parameters=self.parameters,
            traits=self.traits,
            state=self.state,
            day=self.day,
            seed=self.seed,
            dice=self.dice,
        )

    def visit_probability(self, offers: PersonalOffers) -> Floats:
        """P(visit today) of every household, `[n]`, before the dice: 0 for the gone, the away and the not yet joined."""
        return self._left_out(self._would_come(self._drawn(offers, self._chances(offers))))

    def shop_day(self, offers: PersonalOffers | None) -> Lines:
        """Let the day's visitors fill their baskets; `offers` are those valid today, sorted by household."""
        if self._today is not None:
            raise ValueError(f"day {self.day} has been shopped; pay for it before the next")
        offers = no_offers() if offers is None else offers
        dice = uniform(keyed(self.dice, Purpose.VISIT, self.traits.number, self.day))
        chances = self._chances(offers)
        would_come = self._would_come(self._drawn(offers, chances))
        comes = dice < self._left_out(would_come)
        brought = comes & (dice >= self._left_out(self._would_come(self._by_nothing)))
        came = np.flatnonzero(comes)
        scene = self.scene()
        blocks = []
        for first in range(0, len(came), _VISITORS):
            rows = came[first : first + _VISITORS]
            blocks.append(fill_baskets(scene, rows, _offers_of(rows, offers), brought[rows]))
        self._today = Morning(
            offers=offers,
            likely=attention.likely(chances, self.parameters.attention),
            brought=brought,
            left_out=~comes & (dice < would_come),
        )
        return joined(blocks)

    def pay(self, lines: Lines, personal_minor: Ints) -> None:
        """End the day: the tills took `personal_minor` off each of its lines in the place of the chain's promotion."""
        if self._today is None:
            raise ValueError(f"day {self.day} has not been shopped yet")
        if len(personal_minor) != len(lines):
            raise ValueError(f"expected a discount for each of {len(lines)} lines, got {len(personal_minor)}")
        scene = self.scene()
        if len(lines):
            self.answers.extend(learn_from_baskets(scene, self._today, lines, personal_minor))
        end_day(scene, self._today, lines.household, personal_minor)
        self._today = None
        self.day += 1

    def live(self, days: int, offers: PersonalOffers | None = None) -> Lines:
        """Live days at the world's own till, with the same offers valid on each; returns all lines."""
        lived = []
        valid = no_offers() if offers is None else offers
        for _ in range(days):
            lines = self.shop_day(valid)
            self.pay(lines, personal_minor(lines, valid))
            lived.append(lines)
        return joined(lived)

    @property
    def _by_nothing(self) -> Floats:
        return np.zeros(len(self.traits.number), np.float32)

    def _would_come(self, drawn: Floats) -> Floats:
        """P(visit today) `[n]` with so much log hazard added by offers, nothing left out."""
        traits, state, model = self.traits, self.state, self.parameters.visits
        hazard = visits.gap_hazard(self.day - state.last_visit, traits.gap_days, traits.regularity)
        chance = visits.visit_probability(hazard, state.short, drawn, state.fatigue, model)
        joins_today = (traits.joined_day == self.day) & (self.day > 0)
        possible = state.here & ~state.away & (traits.joined_day <= self.day)
        found: Floats = np.where(possible, np.where(joins_today, np.float32(1), chance), np.float32(0))
        return found

    def _left_out(self, chance: Floats) -> Floats:
        return attention.left_out(chance, self.state.owes_until >= self.day, self.parameters.attention)

    def _chances(self, offers: PersonalOffers) -> Floats:
        """Each offer's chance of use today, `[m]`; 0 for all where this world looks at none."""
        looks = self.parameters.attention.weight * self.parameters.attention.on_chance > 0
        tires = self.parameters.feelings.fatigue_per_offer * self.parameters.feelings.fatigue_useless > 0
        if len(offers) and (looks or tires):
            return chances_of_use(self.scene(), offers)
        return np.zeros(len(offers), np.float32)

    def _drawn(self, offers: PersonalOffers, chances: Floats) -> Floats:
        """Log hazard of a visit today that each household's offers add, `[n]`."""
        model, traits, state = self.parameters.attention, self.traits, self.state
        if not len(offers) or not model.weight:
            return self._by_nothing
        row, product = offers.household, offers.product
        share = attention.counted(offer_ties(self.scene(), row, product, chances), model)
        more = beyond_minor(
            self.shop.price_minor[product], offers.discount_bp, self.week().promo_minor[product]
        )
        saving = totals(row, more * share, len(traits.number)).astype(np.float32)
        worth = attention.worth_the_way(saving, traits.money_weight, traits.time_weight, model)
        return attention.drawn(worth, state.used_lately, state.fatigue, model)


def _offers_of(rows: Ints, offers: PersonalOffers) -> PersonalOffers:
    """Offers of the households in the sorted `rows`."""
    if not len(offers):
        return offers
    place = np.minimum(np.searchsorted(rows, offers.household), len(rows) - 1)
    theirs: Flags = rows[place] == offers.household
    return offers.take(np.flatnonzero(theirs))
