"""The policy `value` in the fast loop: what it is told each night of response, learnt from its own lots week by week.

The same functions as a shop's response is fitted with (`models.response`); only purchases and lots come from memory instead
of a workspace and its logs.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.nightly.choosing.bundling import NO_ROW
from engine.nightly.choosing.offer_options import Context
from engine.nightly.choosing.plan_policy import BEST
from engine.nightly.choosing.plans import PricedPlans
from engine.nightly.choosing.policy import Policy
from engine.nightly.choosing.value_policy import DOSE, value
from models.response.bundle_traces import BundleTraces
from models.response.customer_rates import shrunk_means
from models.response.exposed_weeks import ExposedWeek, LotSums
from models.response.exposure import Exposure, LearningState
from models.response.knowledge import Knowledge
from models.response.price_response import PriceResponse
from models.response.stakes import DOUBT, Stakes
from models.response.visit_effects import AT_ONCE, COEFFICIENTS, KINDS, VisitEffects, plan_kind
from models.response.visit_hazard import RATE_DAYS, VisitHazard
from training.simulator.loop.policy_memory import Memory
from training.simulator.oracle.oracle import Oracle
from training.simulator.scores.forecasts import Forecast
from training.simulator.scores.lived import DAYS_A_WEEK

FIRST_SHARE = 0.05
LEARNING_MINOR = 15.0  # a customer, over all nights
_LEAST_OF_MEAN = (
    0.2  # of the shop's margin a visit: nobody's visit is worth less, by which their money is divided
)
_MOST_MONEY = 4.0  # of a usual visit: one large basket tells no more than this
_NOBODY = -1
_TWO_SIDED = 1.96  # standard deviations of a range of 95 in 100

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Decided:
    """A night's lots: of each of its customers, row of the world, doses, chance, whether exposed, products of the bundle."""

    row: Ints
    doses: Doubles
    chance: Doubles
    exposed: npt.NDArray[np.bool_]
    product: Ints


class ValueLearner:
    """`value` with what its lots have taught so far."""

    def __init__(
        self, first_share: float = FIRST_SHARE, learning_minor: float = LEARNING_MINOR, **parameters: float
    ) -> None:
        self._first_share, self._learning_minor, self._parameters = first_share, learning_minor, parameters
        self._sums = LotSums.nothing()
        self._decided: _Decided | None = None
        self._forecast: Forecast | None = None
        self.states: list[LearningState] = []

    def begin(
        self, customer_id: npt.NDArray[np.object_], lines: pd.DataFrame, response: PriceResponse
    ) -> None:
        """See the year before the first night; `lines` are `scores.lived` LINE_COLUMNS with days below 0."""
        self._price = response
        self._people = pd.Index(customer_id)
        n = len(customer_id)
        first = int(lines["day"].min())
        came = np.zeros((n, -first), dtype=np.bool_)
        came[lines["household"], lines["day"] - first] = True
        self._hazard = VisitHazard.fit(came)
        self._rate = came[:, -RATE_DAYS:].mean(axis=1)
        self._last = np.where(came.any(axis=1), -1 - np.argmax(came[:, ::-1], axis=1), first)
        late = lines[lines["day"] >= -RATE_DAYS]
        visits = late.groupby(["household", "day"])["margin_minor"].sum()
        of = visits.index.get_level_values(0)
        sums = np.bincount(of, visits, minlength=n), np.bincount(of, visits**2, minlength=n)
        usual = shrunk_means(*sums, np.bincount(of, minlength=n))
        self._usual_minor = np.maximum(usual.mean, max(_LEAST_OF_MEAN * usual.centre, 1.0))
        lasting = self._hazard.lasting(float(self._rate[self._rate > 0].mean()))
        self._prior = VisitEffects.prior(max(usual.centre, 1.0), lasting)
        self._exposure = Exposure.first(self._first_share, self._learning_minor * n)
        self._traces = BundleTraces.none(n)
        self._spent: tuple[list[Stakes], float] | None = None

    @property
    def effects(self) -> VisitEffects:
        """What is believed now."""
        return self._sums.effects(self._prior)

    def knowledge(self, night: int) -> Knowledge:  # noqa: ARG002 - the loop's
        """What is known tonight."""
        if self._spent is not None:
            stakes, share_paying = self._spent
            self._exposure = self._exposure.planned(
                stakes,
                self.effects,
                share_paying=share_paying,
                most=self._exposure.grown(self._exposure.most, DAYS_A_WEEK * len(self.states)),
            )
            self._spent = None
        return Knowledge.of(self._price, self.effects, self._exposure)

    def __call__(self, night: int, oracle: Oracle) -> Policy:  # noqa: ARG002 - the loop's
        """Tonight's policy; what it knows is told beside it."""
        return value.with_parameters(self._parameters)

    def decided(self, context: Context, plans: PricedPlans) -> None:
        """Be told what the night decided of everybody, served or not."""
        weighed, taken = plans.weighed, plans.taken(0)
        has = np.flatnonzero(taken >= 0)
        plan = taken[has]
        rows, _ = plans.bundles(taken)
        product = np.where(rows[has] == NO_ROW, _NOBODY, context.item_no[np.maximum(rows[has], 0)])
        self._decided = _Decided(
            row=self._people.get_indexer(pd.Index(context.customer_id[has])),
            doses=np.column_stack([weighed.parts[f"{DOSE}{name}"][has, plan] for name in COEFFICIENTS]),
            chance=weighed.p_exposed[has],
            exposed=weighed.exposed[has],
            product=product,
        )
        self._ids = context.customer_id
        self._forecast = self._foretold(plans, has[weighed.exposed[has]], taken)
        self.states.append(self._exposure.state)
        drawn = np.flatnonzero(weighed.lot != BEST)
        parts = {name: part[drawn, weighed.lot[drawn]] for name, part in weighed.parts.items()}
        kind = np.array([plan_kind(name) for name in plans.names])[weighed.lot[drawn]]
        doses = np.column_stack([parts[f"{DOSE}{name}"] for name in COEFFICIENTS])

        def at_stake(of: npt.NDArray[np.bool_]) -> Stakes:
            own, own_open = parts["own_gain"][of], parts["own_gain_open"][of]
            return Stakes.of(own, own_open, parts["usual_visits"][of], parts["visits_ahead"][of], doses[of])

        stakes = [at_stake(kind == one) for one in range(len(KINDS))]
        taken_up = weighed.exposed[drawn]
        served = drawn[taken_up]
        at = served, weighed.lot[served]
        self._exposure = self._exposure.after(
            cost_minor=float((DOUBT * weighed.deviation[at] - weighed.value[at]).sum()),
            paid_days=DAYS_A_WEEK if (weighed.lower > 0).any() else 0,
            given=at_stake(taken_up),
        )
        self._spent = stakes, float((weighed.lower > 0).any(axis=1).mean()) if len(taken) else 0.0

    def _foretold(self, plans: PricedPlans, served: Ints, taken: Ints) -> Forecast | None:
        """What the week gains, a customer: tonight's bundles, what earlier ones left behind, and chance.

        Everybody's errors are the same ones: coefficients, brought, kappa. None where no bundle is felt this week.
        """
        parts = {name: part[served, taken[served]] for name, part in plans.weighed.parts.items()}
        doses = np.column_stack([parts[f"{DOSE}{name}"] for name in COEFFICIENTS])
        doses[:, -1] = AT_ONCE
        n = len(self._people)
        week = int(self._last.max()) // DAYS_A_WEEK + 1
        trace, _ = self._traces.at(np.arange(n), week * DAYS_A_WEEK)
        visits = self._rate * DAYS_A_WEEK
        effects = self.effects
        along = doses.T @ parts["usual_visits"]
        along[-1] += effects.lasting * float((trace * visits * self._usual_minor).sum())
        felt = np.minimum(trace, 1.0)
        rows = self._people.get_indexer(pd.Index(self._ids[served]))
        felt[rows] = 1.0
        if felt.sum() < 1.0:
            return None
        total, spread = effects.visits_worth(along)
        mean = float(parts["own_gain"].sum()) + float(total)
        chance = self._sums.money_noise * float((felt * visits * self._usual_minor**2).sum())
        error = np.sqrt(float(spread) + float(parts["own_gain_open"].sum()) ** 2 + chance)
        return Forecast((mean - _TWO_SIDED * error) / n, (mean + _TWO_SIDED * error) / n)

    def forecast(self) -> Forecast | None:
        """What the week that begins will gain."""
        return self._forecast

    def learn(self, lines: pd.DataFrame, offers: pd.DataFrame) -> None:  # noqa: ARG002 - the loop's
        """Learn from a week's lines."""
        n, first = len(self._people), int(lines["day"].min()) // DAYS_A_WEEK * DAYS_A_WEEK
        came = np.zeros((n, DAYS_A_WEEK), dtype=np.bool_)
        came[lines["household"], lines["day"] - first] = True
        if self._decided is not None:
            self._sums = self._sums.plus(self._week(self._decided, lines, came, first))
            self._decided = None
        for day in range(DAYS_A_WEEK):
            self._last = np.where(came[:, day], first + day, self._last)
        kept = 1 - DAYS_A_WEEK / RATE_DAYS
        self._rate = self._rate * kept + came.sum(axis=1) / RATE_DAYS

    def _week(
        self, decided: _Decided, lines: pd.DataFrame, came: npt.NDArray[np.bool_], first: int
    ) -> ExposedWeek:
        rows = decided.row
        bundle = np.full((len(self._people), decided.product.shape[1]), _NOBODY)
        bundle[rows] = decided.product
        household = lines["household"].to_numpy()
        beside = (lines["product"].to_numpy()[:, None] != bundle[household]).all(axis=1)
        money = np.zeros(came.shape)
        np.add.at(money, (household, lines["day"] - first), lines["margin_minor"].to_numpy() * beside)
        share = np.clip(money[rows] / self._usual_minor[rows, None], -1.0, _MOST_MONEY)
        expected, last = np.zeros(len(rows)), self._last[rows]
        for day in range(DAYS_A_WEEK):
            expected += self._hazard.chance(self._rate[rows], np.maximum(first + day - last, 1))
            last = np.where(came[rows, day], first + day, last)
        visits = came[rows].sum(axis=1).astype(np.float64)
        trace, usual = self._traces.at(rows, first)
        self._traces.leave(rows, first, first + DAYS_A_WEEK, decided.exposed, decided.chance)
        return ExposedWeek(
            decided.doses,
            decided.chance,
            decided.exposed,
            expected,
            visits,
            np.where(came[rows], share, 0.0).sum(axis=1),
            trace,
            usual,
        )

    def memory(self) -> Memory:
        """All that is remembered."""
        facts: dict[str, Any] = {
            "sums": self._sums.as_dict(),
            "prior": self._prior.as_dict(),
            "price": self._price.as_dict(),
            "exposure": self._exposure.as_dict(),
            "hazard": [self._hazard.intercept, *self._hazard.weights],
            "states": [state.value for state in self.states],
            "stakes": None if self._spent is None else [one.as_dict() for one in self._spent[0]],
            "share_paying": None if self._spent is None else self._spent[1],
        }
        arrays = {
            "people": np.array(list(self._people), dtype=np.str_),
            "rate": self._rate,
            "last": self._last,
            "usual_minor": self._usual_minor,
            "trace": self._traces.trace,
            "usual_trace": self._traces.usual,
            "trace_day": self._traces.day,
        }
        return Memory(facts, arrays)

    def recall(self, memory: Memory) -> None:
        """Go on from a memory."""
        facts, arrays = memory.facts, memory.arrays
        self._sums, self._prior = LotSums.read(facts["sums"]), VisitEffects.read(facts["prior"])
        self._exposure, self._price = Exposure.read(facts["exposure"]), PriceResponse.read(facts["price"])
        self._hazard = VisitHazard(facts["hazard"][0], tuple(facts["hazard"][1:]))
        self.states = [LearningState(name) for name in facts["states"]]
        self._people = pd.Index(arrays["people"].astype(object))
        told = facts["stakes"]
        self._spent = None if told is None else ([Stakes.read(one) for one in told], facts["share_paying"])
        self._traces = BundleTraces(
            arrays["trace"].copy(), arrays["usual_trace"].copy(), arrays["trace_day"].copy()
        )
        self._rate, self._last, self._usual_minor = arrays["rate"], arrays["last"], arrays["usual_minor"]
