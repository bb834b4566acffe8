"""A shop and its households, lived day by day: who comes, what they buy, and what it leaves behind.

    world = World.new(load_world("calibrated"), households=2000, seed=1)
    world.live(364)                              # a year without personal offers
    lines = world.shop_day(offers)               # who comes and what is in the baskets
    world.pay(lines, personal_minor)             # what the tills took off; the day ends

A household's day depends on its own past, the shop's week and its own dice, on nothing else. So households can be
lived in any blocks or subsets, and until its first offer a household's life is the same under every policy.
"""

from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

import numpy as np

from training.simulator import dropout, learning, needs, visits
from training.simulator.draws import Flags, Floats, Ints, Purpose, keyed, normal, uniform
from training.simulator.households import State, Traits, chosen_state, chosen_traits, draw_state, draw_traits
from training.simulator.parameters import WorldParameters
from training.simulator.promotions import Week, open_week, plan_promotions
from training.simulator.runs import means, ranges, run_starts, sums
from training.simulator.shop import Shop, open_shop, part_minor
from training.simulator.till import Lines, Offers, joined, no_offers, personal_minor
from training.simulator.trip import Scene, fill_baskets

BLOCK = 2000  # households that end a day at a time: bounds the memory, decides nothing
_LEAST_SHARE = 0.01  # of the shelf price, where something was given away
_VISITORS = 200  # visitors whose baskets are filled at a time: the same


@dataclass(frozen=True)
class Answer:
    """A household's answer, 0 to 10, to whether it would recommend the shop."""

    household: int
    day: int
    second: int
    score: int


@dataclass(frozen=True)
class _Today:
    """What `pay` needs to know of the day that `shop_day` began."""

    came: Ints
    offers: Ints  # [n] personal offers of each household
    strangers: Ints  # [n] of them from families that it does not use


class World:
    """A shop with known truth. Rows are households; `traits.number` names their draws."""

    def __init__(
        self, parameters: WorldParameters, shop: Shop, traits: Traits, state: State, seed: int
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
        self._today: _Today | None = None
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
            promotions = self.parameters.promotions
            self._week = number, open_week(self.shop, self._calendar, promotions, self.seed, number)
        return self._week[1]

    def scene(self) -> Scene:
        """Return everything that the day's trips look at."""
        return Scene(
            shop=self.shop,
            week=self.week(),
            parameters=self.parameters,
            traits=self.traits,
            state=self.state,
            day=self.day,
            seed=self.seed,
            dice=self.dice,
        )

    def visit_probability(self, offers: Offers) -> Floats:
        """P(visit today) of every household, `[n]`, before the dice: 0 for the gone, the away and the not yet joined."""
        traits, state, model = self.traits, self.state, self.parameters.visits
        hazard = visits.gap_hazard(self.day - state.last_visit, traits.gap_days, traits.regularity)
        attended = visits.attention(
            self._saving_minor(offers), traits.money_weight, traits.time_weight, model
        )
        chance = visits.visit_probability(hazard, state.short, attended, state.fatigue, model)
        joins_today = (traits.joined_day == self.day) & (self.day > 0)
        possible = state.here & ~state.away & (traits.joined_day <= self.day)
        found: Floats = np.where(possible, np.where(joins_today, np.float32(1), chance), np.float32(0))
        return found

    def shop_day(self, offers: Offers | None) -> Lines:
        """Let the day's visitors fill their baskets; `offers` are those valid today, sorted by household."""
        if self._today is not None:
            raise ValueError(f"day {self.day} has been shopped; pay for it before the next")
        offers = no_offers() if offers is None else offers
        drawn = uniform(keyed(self.dice, Purpose.VISIT, self.traits.number, self.day))
        came = np.flatnonzero(drawn < self.visit_probability(offers))
        households = len(self.traits.number)
        strange = self.traits.units_per_day[offers.household, self.shop.family[offers.product]] == 0
        self._today = _Today(
            came=came,
            offers=np.bincount(offers.household, minlength=households),
            strangers=np.bincount(offers.household[strange], minlength=households),
        )
        scene = self.scene()
        blocks = []
        for first in range(0, len(came), _VISITORS):
            rows = came[first : first + _VISITORS]
            blocks.append(fill_baskets(scene, rows, _offers_of(rows, offers)))
        return joined(blocks)

    def pay(self, lines: Lines, personal_minor: Ints) -> None:
        """End the day: the tills took `personal_minor` off each of its lines in the place of the chain's promotion."""
        if self._today is None:
            raise ValueError(f"day {self.day} has not been shopped yet")
        if len(personal_minor) != len(lines):
            raise ValueError(f"expected a discount for each of {len(lines)} lines, got {len(personal_minor)}")
        today = self._today
        given = np.zeros(len(self.traits.number), np.float32)
        if len(lines):
            np.add.at(given, lines.household, personal_minor.astype(np.float32))
            self._learn(lines, lines.discount_minor(personal_minor))
        self.state.last_visit[today.came] = self.day
        self._end_of_day(today, given)
        self._today = None
        self.day += 1

    def live(self, days: int, offers: Offers | None = None) -> Lines:
        """Live days at the world's own till, with the same offers valid on each; returns all lines."""
        lived = []
        valid = no_offers() if offers is None else offers
        for _ in range(days):
            lines = self.shop_day(valid)
            self.pay(lines, personal_minor(lines, valid))
            lived.append(lines)
        return joined(lived)

    def _saving_minor(self, offers: Offers) -> Floats:
        """What each household might save with today's offers, as far as it likes what they are on, `[n]`."""
        saving = np.zeros(len(self.traits.number), np.float32)
        if len(offers):
            row, product = offers.household, offers.product
            uses = self.traits.units_per_day[row, self.shop.family[product]] > 0
            liked = visits.liking(self.state.habit[row, product], self.traits.novelty[row], uses)
            off_minor = part_minor(self.shop.price_minor[product], offers.discount_bp)
            np.add.at(saving, row, (off_minor * liked).astype(np.float32))
        return saving

    def _learn(self, lines: Lines, off_minor: Ints) -> None:
        """Habit, reference price, stock, satisfaction and complaints after the day's baskets."""
        state, shop, pick = self.state, self.shop, self.parameters.choice
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
        self._feel(came, means(gain, run_starts(row)))
        paid_minor = sums((shelf_minor - off_minor).astype(np.float32), baskets)
        state.basket_minor[came] = learning.usual_basket(state.basket_minor[came], paid_minor)
        self._ask(came, lines.second[baskets])

    def _feel(self, came: Ints, gain: Floats) -> None:
        state, feelings, number = self.state, self.parameters.feelings, self.traits.number[came]
        lived = normal(keyed(self.dice, Purpose.EXPERIENCE, number, self.day))
        satisfaction = learning.felt_after_visit(state.satisfaction[came], lived, gain, feelings)
        drawn = uniform(keyed(self.dice, Purpose.COMPLAINT, number, 0, self.day))
        complaining = learning.complains(satisfaction, drawn, feelings)
        state.complaint[came] |= complaining
        state.satisfaction[came] = satisfaction - np.float32(feelings.complaint_cost) * complaining

    def _ask(self, came: Ints, second: Ints) -> None:
        number = self.traits.number[came]
        asked = np.flatnonzero(
            uniform(keyed(self.dice, Purpose.ANSWER, number, 0, self.day))
            < self.parameters.feelings.answer_share
        )
        drawn = normal(keyed(self.dice, Purpose.ANSWER, number[asked], 1, self.day))
        score = learning.recommends(self.state.satisfaction[came[asked]], drawn)
        self.answers.extend(
            Answer(row, self.day, moment, int(given))
            for row, moment, given in zip(
                came[asked].tolist(), second[asked].tolist(), score.tolist(), strict=True
            )
        )

    def _end_of_day(self, today: _Today, given_minor: Floats) -> None:
        """Fade, use up, go away, come back, drop out."""
        state, traits, day = self.state, self.traits, self.day
        model, feelings = self.parameters, self.parameters.feelings
        number = traits.number
        state.fatigue = learning.tired(
            state.fatigue, today.offers.astype(np.float32), today.strangers.astype(np.float32), feelings
        )
        state.reward = learning.remembered(state.reward, given_minor, state.basket_minor, feelings)
        state.complaint &= ~learning.closed(
            uniform(keyed(self.dice, Purpose.COMPLAINT, number, 1, day)), feelings
        )
        leaves = uniform(keyed(self.dice, Purpose.AWAY, number, day))
        returns = uniform(keyed(self.dice, Purpose.RETURN, number, day))
        state.away = visits.journeys(state.away, leaves, returns, model.visits)
        gone = dropout.dropout_probability(
            traits.dropout_per_day,
            state.satisfaction,
            state.complaint,
            state.fatigue,
            state.reward,
            model.dropout,
        )
        drops = uniform(keyed(self.dice, Purpose.DROPOUT, number, day)) < gone
        state.here &= ~(drops & (traits.joined_day <= day))
        for first in range(0, len(number), BLOCK):
            self._use_up(slice(first, first + BLOCK))

    def _use_up(self, block: slice) -> None:
        state, rate = self.state, self.traits.units_per_day[block]
        usual = needs.usual_stock(rate, self.traits.gap_days[block, None])
        stock = state.stock_units[block]
        stock -= needs.used_up(stock, rate, usual, self.shop.keeps, self.parameters.needs)
        state.short[block] = needs.household_shortage(needs.shortage(stock, usual), rate)


def _offers_of(rows: Ints, offers: Offers) -> Offers:
    """Offers of the households in the sorted `rows`."""
    if not len(offers):
        return offers
    place = np.minimum(np.searchsorted(rows, offers.household), len(rows) - 1)
    theirs: Flags = rows[place] == offers.household
    return offers.take(np.flatnonzero(theirs))
