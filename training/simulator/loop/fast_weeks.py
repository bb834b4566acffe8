"""A policy's weeks without data, models, store and till: the same world and bundling, with chances told from counts.

For research and for tests: a policy is asked as a night asks it and bundles are filled by the same code
(`engine.nightly.choosing.plans.lay_out`) within the same exclusions and floors, and the world's own till takes the discounts, which
the closed loop shows to be the engine's to the minor unit. What is left out are the models, which rank better than
counts, budgets, and everything that is stored. The closed loop (`weeks`) stays the acceptance.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.nightly.choosing.bundling import NO_ROW, Sizes
from engine.nightly.choosing.customer_facts import OFFERS_SEEN, OFFERS_USED
from engine.nightly.choosing.offer_options import Context, build_options
from engine.nightly.choosing.plans import PricedPlans, lay_out
from engine.nightly.choosing.policy import Policy
from engine.nightly.shelf.assortment import Assortment, build_assortment
from engine.nightly.shelf.rotation import RotationRules
from engine.programme import Programme, parse_programme
from models.features.promoted_weeks import PLANNED_OFF
from models.response.knowledge import NOTHING_KNOWN, Knowledge
from models.response.price_response import PriceResponse
from models.tables import (
    COST_MINOR,
    CUSTOMER_ID,
    CUSTOMER_NO,
    EXPECTED_UNITS,
    ITEM_ID,
    ITEM_NO,
    P_BUY,
    P_CHURN,
    P_REPEAT,
    PRICE_MINOR,
)
from training.fitting.response.shop_response import response_of_lines
from training.simulator.loop.counted_history import USUAL, Breadth, CountedHistory, CountedScores
from training.simulator.loop.learner import Forecaster, Learner
from training.simulator.loop.offered_weeks import limits_of, rotation_of
from training.simulator.loop.premises import loop_programme
from training.simulator.loop.published_offers import open_on
from training.simulator.loop.recorded_weeks import AFTER_WEEKS, NOTHING_OFFERED, lived_without, recorded
from training.simulator.loop.simulation_start import BURN_IN_DAYS, after_a_year
from training.simulator.oracle.oracle import Oracle
from training.simulator.scores.forecasts import Forecast
from training.simulator.scores.lived import DAYS_A_WEEK, OFFER_COLUMNS, Lived, offers_of
from training.simulator.world.offers_and_lines import Lines, joined, personal_minor
from training.simulator.world.world import World
from training.simulator.world.world_parameters import WorldParameters

RELEARN_WEEKS = 4  # an oracle's lessons last so long, as in the closed loop

LATELY_DAYS = 56  # so far back a night tells a policy of a customer's own offers

# All offers of the nights before, OFFER_COLUMNS, and the numbers of those redeemed.
OfferHistory = tuple[pd.DataFrame, npt.NDArray[np.int64]]
NO_HISTORY: OfferHistory = (NOTHING_OFFERED, np.zeros(0, np.int64))
PolicyOfNight = Callable[[int, Oracle], Policy]


@runtime_checkable
class Informed(Protocol):
    """A policy of the night that tells its policies of plans what is known of response."""

    def knowledge(self, night: int) -> Knowledge:
        """What is known tonight."""


@runtime_checkable
class Beginner(Protocol):
    """A policy of the night that sees the year before the first one."""

    def __call__(self, night: int, oracle: Oracle) -> Policy:
        """Tonight's policy."""

    def begin(
        self, customer_id: npt.NDArray[np.object_], lines: pd.DataFrame, response: PriceResponse
    ) -> None:
        """Be told the customers, the year's lines (LINE_COLUMNS, days below 0), and what its promotions tell."""


@runtime_checkable
class Witness(Protocol):
    """A policy of the night that is told what came of it for everybody, served or not."""

    def decided(self, context: Context, plans: PricedPlans) -> None:
        """Be told tonight's candidates and plans."""


@dataclass(frozen=True)
class FastShop:
    """A shop after its year, shared by all policies of a world and seed.

    Attributes:
        world: in the morning of the first night; copy it before living on.
        year: the lines of the year.
        scores: chances told from counts, fitted on the year.
        programme: the closed loop's rules.
        assortment: what they allow on each product.
    """

    world: World
    year: Lines
    scores: CountedScores
    programme: Programme
    assortment: Assortment

    @classmethod
    def open(cls, parameters: WorldParameters, customers: int, seed: int) -> "FastShop":
        """Live the year and learn from it."""
        world, year = after_a_year(parameters, customers, seed)
        family = world.shop.family
        return cls(
            world,
            year,
            CountedScores.fit(year, customers, family, world.day),
            programme := parse_programme(loop_programme(seed), "the loop's programme"),
            build_assortment(_shelf(world), programme),
        )

    @cached_property
    def _counted(self) -> CountedHistory:
        return CountedHistory.of(
            self.year, len(self.world.customer_id), self.world.shop.family, self.world.day
        )

    def history(self) -> CountedHistory:
        """A history of its own of the year."""
        return deepcopy(self._counted)

    @cached_property
    def lines_before(self) -> pd.DataFrame:
        """The year's lines as a learner sees them: LINE_COLUMNS, days below 0."""
        nobody = np.zeros(len(self.year), np.int64)
        return recorded(self.world, self.year, nobody, NOTHING_OFFERED).lines

    @cached_property
    def price_response(self) -> PriceResponse:
        """What the year's promotions tell of prices, as a shop's own response is fitted."""
        year, shop = self.year, self.world.shop
        listed = year.shelf_price_minor * year.units
        lines = pd.DataFrame(
            {
                "customer": year.household,
                "product": year.product,
                "family": shop.family[year.product],
                "day": year.day,
                "units": year.units,
                "list_minor": listed,
                "off_minor": year.discount_minor(np.zeros(len(year), np.int64)),
                "margin_minor": listed - shop.cost_minor[year.product] * year.units,
            }
        )
        names = dict(enumerate(shop.product_id))
        weeks = BURN_IN_DAYS // DAYS_A_WEEK
        return response_of_lines(lines, weeks, list(shop.family_name), names).response

    def without(self, weeks: int) -> Lived:
        """The same weeks, and those after them, without offers."""
        return lived_without(self.world, weeks)

    def live(
        self,
        policy: PolicyOfNight,
        weeks: int,
        breadth: Breadth = USUAL,
        heard: dict[int, Forecast] | None = None,
    ) -> Lived:
        """So many weeks with a night each, among so many candidates, and AFTER_WEEKS without.

        What a policy forecasts of its own weeks is put into `heard`, by the number of the week.
        """
        world, history = self.world.copy(), self.history()
        offers, redeemed = NOTHING_OFFERED, np.zeros(0, np.int64)
        lessons, lived = None, []
        if isinstance(policy, Beginner):
            people = np.array(self.world.customer_id, dtype=object)
            policy.begin(people, self.lines_before, self.price_response)
        witness = policy.decided if isinstance(policy, Witness) else None
        for week in range(weeks + AFTER_WEEKS):
            made = NOTHING_OFFERED
            if week < weeks:
                lessons = None if week % RELEARN_WEEKS == 0 else lessons
                oracle = Oracle(world, (weeks + AFTER_WEEKS - week) * DAYS_A_WEEK, lessons)
                known = policy.knowledge(week) if isinstance(policy, Informed) else NOTHING_KNOWN
                made = self.night(
                    world, history, policy(week, oracle), (offers, redeemed), breadth, known, witness
                )
                lessons = oracle.lessons
                if heard is not None and isinstance(policy, Forecaster):
                    heard |= {} if (told := policy.forecast()) is None else {week: told}
                offers = pd.concat([offers, made], ignore_index=True)
            days, taken = [], []
            for _ in range(DAYS_A_WEEK):
                valid = open_on(offers, world.day - BURN_IN_DAYS, redeemed)
                lines = world.shop_day(valid)
                off = personal_minor(lines, valid)
                world.pay(lines, off)
                redeemed = np.union1d(redeemed, lines.offer_no[off > 0])
                days.append(lines)
                taken.append(off)
            lines = joined(days)
            history.learn(lines, world.day)
            lived.append(recorded(world, lines, np.concatenate(taken), made))
            if isinstance(policy, Learner):
                policy.learn(lived[-1].lines, made)
        return Lived.joined(lived)

    def night(
        self,
        world: World,
        history: CountedHistory,
        policy: Policy,
        before: OfferHistory,
        breadth: Breadth = USUAL,
        knowledge: Knowledge = NOTHING_KNOWN,
        witness: Callable[[Context, PricedPlans], None] | None = None,
    ) -> pd.DataFrame:
        """The offers of one night, OFFER_COLUMNS, sorted by household."""
        context, household = self.options(world, history, breadth, before)
        limits = limits_of(self._rotation(world, before), context, household, self.assortment)
        plans = lay_out(
            policy,
            context,
            knowledge,
            sizes=Sizes.of(self.programme),
            name_no=self.assortment.name_no,
            every_cap=False,
            limits=limits,
        )
        if witness is not None:
            witness(context, plans)
        taken = np.where(plans.weighed.exposed, plans.taken(0), -1)
        rows, depth = plans.bundles(taken)
        return self._offers(world, context, household, rows, depth, len(before[0]))

    def options(
        self,
        world: World,
        history: CountedHistory,
        breadth: Breadth = USUAL,
        before: OfferHistory = NO_HISTORY,
    ) -> tuple[Context, npt.NDArray[np.int64]]:
        """Tonight's candidates with what is known of them, and the world's row of each of the options' customers."""
        rows = history.seen
        pairs = history.candidates(rows, breadth)
        p_buy = self.scores.p_buy(history, pairs)
        order = np.lexsort((pairs.product, -p_buy, pairs.household))
        since, overdue = history.overdue(pairs)
        household, product = pairs.household[order], pairs.product[order]
        candidates = pd.DataFrame(
            {
                CUSTOMER_NO: household,
                ITEM_NO: product,
                P_BUY: p_buy[order],
                P_REPEAT: np.nan,
                EXPECTED_UNITS: history.units[product],
                "buys": history.bought_ever[household, product],
                PLANNED_OFF: world.week().promo_minor[product],
                "sources": pairs.source[order],
                "days_since_buy": since[order],
                "item_overdue": overdue[order],
                "item_gap_days": np.divide(
                    since, overdue, out=np.full(len(since), np.nan), where=overdue > 0
                )[order],
            }
        )
        customers = pd.DataFrame(
            {
                CUSTOMER_NO: rows,
                CUSTOMER_ID: [world.customer_id[row] for row in rows.tolist()],
                P_CHURN: self.scores.p_churn(history, rows),
                "valid_days": DAYS_A_WEEK,
                "visits_per_week": history.visits_per_week(rows),
                "margin_per_visit_minor": history.margin_per_visit_minor(rows, self.assortment.margin_minor),
                **_lately(world, before, rows),
            }
        )
        rules = self.programme
        options = build_options(
            customers,
            candidates,
            self.assortment,
            max_units=rules.bundle.max_units,
            seed=rules.seed,
            churn_horizon_days=rules.prediction.churn_horizon_days,
            day=world.today,
            rules=self._rotation(world, before).rules,
        )
        return options, rows

    def _rotation(self, world: World, before: OfferHistory) -> RotationRules:
        names = np.array(world.customer_id, dtype=object)
        return rotation_of(self.programme, self.assortment, *before, names, world.day - BURN_IN_DAYS)

    def _offers(
        self,
        world: World,
        options: Context,
        household: npt.NDArray[np.int64],
        rows: npt.NDArray[np.int64],
        depths: npt.NDArray[np.int64],
        first_no: int,
    ) -> pd.DataFrame:
        customer, slot = np.nonzero(rows != NO_ROW)
        row, depth = rows[customer, slot], depths[customer, slot]
        day = world.day - BURN_IN_DAYS
        return offers_of(
            offer_no=first_no + np.arange(len(row)),
            household=household[customer],
            product=options.item_no[row],
            discount_bp=options.depths_bp[depth],
            max_units=np.full(len(row), self.programme.bundle.max_units),
            first_day=np.full(len(row), day),
            end_day=np.full(len(row), day + DAYS_A_WEEK),
            is_new=options.buys[row] == 0,
            expected_cost_milli=options.expected_cost_milli[row, depth],
        )[list(OFFER_COLUMNS)]


def _lately(
    world: World, before: OfferHistory, rows: npt.NDArray[np.int64]
) -> dict[str, npt.NDArray[np.int64]]:
    """How many offers of each household ended lately, and were used."""
    offers, redeemed = before
    day = world.day - BURN_IN_DAYS
    ended = offers[(offers["end_day"] > day - LATELY_DAYS) & (offers["end_day"] <= day)]
    used = ended[ended["offer_no"].isin(redeemed)]
    return {
        name: np.bincount(some["household"].to_numpy(np.int64), minlength=len(world.customer_id))[rows]
        for name, some in ((OFFERS_SEEN, ended), (OFFERS_USED, used))
    }


def _shelf(world: World) -> pd.DataFrame:
    """The world's products as a night's items."""
    shop = world.shop
    return pd.DataFrame(
        {
            ITEM_ID: shop.product_id,
            "name": shop.name,
            "family_1": [shop.department[of] for of in shop.family.tolist()],
            "family_2": [shop.family_name[of] for of in shop.family.tolist()],
            PRICE_MINOR: shop.price_minor,
            COST_MINOR: shop.cost_minor,
            "flags": shop.flags,
        }
    )
