"""The policy `value`: for every customer the bundle that is surely worth most in money, or none (docs/policy.md).

A bundle's worth to the shop, minor units over its window:

    own gain    kappa x (units with the offer - without) x margin - units with it x discount, summed over its items
    visits      visits without offers x log hazard added by what it saves x margin of a visit brought

Each plan fills the bundle by own gain and one kind of saving (`models.response.visit_effects.KINDS`), lightly or boldly; two
more mix the kinds as they are believed. A plan competes where its worth less `assurance` standard deviations is above
nothing. Where none is, but one may well be, customers are exposed by lot, as far as the sum for learning goes
(`models.response.exposure`), to a plan drawn by lot; what came of it teaches `models.response.exposed_weeks`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from engine.domain.arms import salt_of
from engine.domain.money import WHOLE_BP
from engine.nightly.choosing.offer_options import DAYS_A_WEEK, Context
from engine.nightly.choosing.plan_policy import BEST, LaidOut, PlanPolicy, Weighed
from engine.nightly.choosing.policy import Valuation
from models.ground.errors import BadInput
from models.response.exposure import MOST_SHARE, Exposure, LearningState, uniforms
from models.response.knowledge import Knowledge
from models.response.price_response import PriceResponse
from models.response.visit_effects import COEFFICIENTS, KINDS, VisitEffects

DOSE = "dose_"  # how the parts are called that learning reads: a dose of each of COEFFICIENTS
_LIGHT, _BOLD = "light", "bold"
# Of the saving that counts half, so much is in the bundle already where one more item is judged.
_IN_BUNDLE = {_LIGHT: 1.0, _BOLD: 0.2}
_BELIEVED = "believed"
_FULL_CHANCE = 0.1  # of use at a visit, from which a saving counts in full
_LOVED_DAYS = 10.0  # days bought from which an item is loved in full
_FEWEST_VISITS = 0.2  # a week

Doubles = npt.NDArray[np.float64]


def plan_names() -> tuple[str, ...]:
    """All plans, in the order in which they are weighed."""
    return tuple(f"{kind}_{how}" for kind in (*KINDS, _BELIEVED) for how in _IN_BUNDLE)


@dataclass(frozen=True)
class _Evening:
    """Tonight's candidates as the policy sees them; arrays as in `Context`."""

    context: Context
    price: PriceResponse
    visits: VisitEffects
    least_chance: float

    @cached_property
    def _response(self) -> tuple[Doubles, Doubles, Doubles, Doubles]:
        """Chance and units with the offer, (N, D); kappa and its deviation, (N, 1)."""
        seen = self.context
        family = self.price.family_numbers(seen.response_family)
        product = self.price.product_numbers(seen.item_id)
        found = self.price.chances(
            seen.p_buy, seen.expected_units, seen.buys, family, seen.depths_bp, product
        )
        kappa = self.price.kappa(family)
        units = np.minimum(found.units, seen.max_units)
        return found.chance, units, kappa.value[:, None], kappa.error[:, None]

    @cached_property
    def extra_minor(self) -> Doubles:
        """(N, D) margin at list price of the units that the offer adds to the window."""
        chance, units, _, _ = self._response
        before = self.context.p_buy * self.context.expected_units
        return np.asarray(
            (chance * units - before[:, None]) * self.context.margin_minor[:, None], dtype=np.float64
        )

    @cached_property
    def own_gain(self) -> Doubles:
        """(N, D) minor units."""
        chance, units, kappa, _ = self._response
        seen = self.context
        net = seen.discount_minor * WHOLE_BP / (WHOLE_BP + seen.vat_bp[:, None])
        return np.asarray(kappa * self.extra_minor - chance * units * net, dtype=np.float64)

    @cached_property
    def own_deviation(self) -> Doubles:
        """(N, D) what kappa leaves open of it; the same error for all items."""
        return np.abs(self.extra_minor) * self._response[3]

    @cached_property
    def savings(self) -> Doubles:
        """(N, D, kinds) discount of a unit as far as it is a saving of each kind."""
        seen = self.context
        known = seen.buys > 0
        chance = self._response[0]
        visits = np.maximum(self.visits_ahead[seen.customer], 1.0)[:, None]
        at_a_visit = -np.expm1(np.log1p(-np.minimum(chance, 1 - 1e-9)) / visits)
        plausible = np.minimum(at_a_visit / _FULL_CHANCE, 1.0)
        due = np.where(known, np.clip(np.nan_to_num(seen.overdue), 0.0, 1.0), 0.0)
        loved = np.minimum(seen.buys / _LOVED_DAYS, 1.0)
        alone = np.column_stack([due, loved, ~known])[:, None, :]
        share = np.concatenate(
            [plausible[:, :, None], np.broadcast_to(alone, (*chance.shape, alone.shape[2]))], axis=2
        )
        return np.asarray(share * seen.discount_minor[:, :, None], dtype=np.float64)

    @cached_property
    def visits_ahead(self) -> Doubles:
        """(n,) visits of the window without offers."""
        seen = self.context
        weeks = seen.window_days / DAYS_A_WEEK
        return np.maximum(np.nan_to_num(seen.visits_per_week, nan=_FEWEST_VISITS), 0.0) * weeks

    @cached_property
    def visit_minor(self) -> Doubles:
        """(n,) margin of the visits of the window, as far as one brought is one more; none where unknown or a loss."""
        margin = np.nan_to_num(self.context.margin_per_visit_minor)
        return self.visits_ahead * self.visits.lasting * np.maximum(margin, 0.0)

    @cached_property
    def relevant(self) -> npt.NDArray[np.bool_]:
        """(N, D) items that may be used: the new have places of their own."""
        return np.asarray((self._response[0] >= self.least_chance) | (self.context.buys == 0)[:, None])

    def values(self, mix: Doubles, in_bundle: float) -> Doubles:
        """(N, D) own gain and the worth of one more saving, by a mix (kinds,) of log hazards at a dose of 1."""
        trip = self.visits.trip_minor
        slope = trip / (trip * (1 + in_bundle)) ** 2
        worth = (self.visit_minor * slope)[self.context.customer]
        return np.where(self.relevant, self.own_gain + worth[:, None] * (self.savings @ mix), -np.inf)


class _Plans(Mapping[str, Valuation]):
    """Each plan's values, made when they are asked for: only one of them is in memory."""

    def __init__(self, evening: _Evening, boldness: float) -> None:
        self._evening, self._boldness = evening, boldness

    def __getitem__(self, name: str) -> Valuation:
        if name not in plan_names():
            raise KeyError(name)
        kind, _, how = name.rpartition("_")
        mean = np.maximum(np.array(self._evening.visits.mean)[: len(KINDS)], 0.0)
        mix = mean if kind == _BELIEVED else np.eye(len(KINDS))[KINDS.index(kind)] * self._boldness
        value = self._evening.values(mix, _IN_BUNDLE[how])
        return Valuation(value, np.ones_like(value))

    def __iter__(self) -> Iterator[str]:
        return iter(plan_names())

    def __len__(self) -> int:
        return len(plan_names())


def _told(knowledge: Knowledge) -> tuple[PriceResponse, VisitEffects, Exposure]:
    if knowledge.price is None or knowledge.visits is None or knowledge.exposure is None:
        raise BadInput(
            "The policy 'value' needs to know how this shop's customers respond, and no response is in force. Fit one with "
            '`abonement-train fit --response`, or write policy.name = "depth_rule".'
        )
    return knowledge.price, knowledge.visits, knowledge.exposure


def _propose(
    context: Context, knowledge: Knowledge, *, boldness: float, least_chance: float, **_others: float
) -> Mapping[str, Valuation]:
    price, visits, _ = _told(knowledge)
    return _Plans(_Evening(context, price, visits, least_chance), boldness)


def _weigh(
    context: Context,
    knowledge: Knowledge,
    laid_out: Mapping[str, LaidOut],
    *,
    assurance: float,
    least_chance: float,
    hope: float,
    **_others: float,
) -> Weighed:
    price, visits, exposure = _told(knowledge)
    evening = _Evening(context, price, visits, least_chance)
    plans = list(laid_out.values())
    own = np.column_stack([plan.total(plan.of(evening.own_gain)) for plan in plans])
    own_deviation = np.column_stack([plan.total(plan.of(evening.own_deviation)) for plan in plans])
    savings = np.stack(
        [
            np.column_stack([plan.total(plan.of(evening.savings[:, :, kind])) for kind in range(len(KINDS))])
            for plan in plans
        ],
        axis=1,
    )
    doses = visits.doses(savings)
    mean, variance = visits.log_hazard(doses)
    a_unit = evening.visit_minor[:, None]
    brought = a_unit * visits.brought * mean
    value = own + brought
    deviation = np.sqrt(
        own_deviation**2
        + a_unit**2 * (visits.brought**2 * variance + visits.brought_sd**2 * (mean**2 + variance))
    )
    parts = {
        "own_gain": own,
        "own_gain_open": own_deviation,
        "visits": brought,
        "usual_visits": np.broadcast_to(a_unit, own.shape),
    } | {f"{DOSE}{name}": doses[:, :, place] for place, name in enumerate(COEFFICIENTS)}
    lots = _Lots.draw(context, laid_out, value, deviation, exposure, assurance=assurance, hope=hope)
    return Weighed(
        value,
        value - assurance * deviation,
        deviation,
        parts,
        lots.lot,
        lots.plan_share,
        lots.exposed,
        lots.p_exposed,
    )


@dataclass(frozen=True)
class _Lots:
    """Who is exposed and which plans lots force; as in `Weighed`."""

    lot: npt.NDArray[np.int64]
    plan_share: Doubles
    exposed: npt.NDArray[np.bool_]
    p_exposed: Doubles

    @classmethod
    def draw(
        cls,
        context: Context,
        laid_out: Mapping[str, LaidOut],
        value: Doubles,
        deviation: Doubles,
        exposure: Exposure,
        *,
        assurance: float,
        hope: float,
    ) -> "_Lots":
        """Expose by lot; who pays surely by how sure that is, the others by the share for learning."""
        n, names = len(value), list(laid_out)
        exists = np.column_stack([plan.exists for plan in laid_out.values()])
        ids = [str(one) for one in context.customer_id]
        chance = np.where(exists, norm.cdf(value / np.maximum(deviation, 1e-9)), 0.0).max(axis=1, initial=0.0)
        lower = np.where(exists, value - assurance * deviation, -np.inf).max(axis=1, initial=-np.inf)
        pays = lower > 0
        learning = np.array([name.endswith(_BOLD) and not name.startswith(_BELIEVED) for name in names])
        drawn = np.flatnonzero(learning)
        lot = (
            drawn[(uniforms(ids, _salt(context, exposure, "plans")) * len(drawn)).astype(np.int64)]
            if n
            else np.zeros(0, int)
        )
        rows = np.arange(n)
        hoped = exists[rows, lot] & ((value + hope * deviation)[rows, lot] > 0)
        sure = np.clip(2 * chance - 1, 0.0, MOST_SHARE)
        # What surely pays is not taken away again where the sum for learning is spent: only harm that is likely ends it.
        share = np.where(pays, np.maximum(sure, exposure.share), np.where(hoped, exposure.share, 0.0))
        if exposure.state is LearningState.STOPPED:
            share = np.where(pays, share, 0.0)
        forced = ~pays & hoped
        return cls(
            lot=np.where(forced, lot, BEST).astype(np.int64),
            plan_share=np.where(forced[:, None] & learning, 1 / len(drawn), 0.0),
            exposed=uniforms(ids, _salt(context, exposure, "exposure")) < share,
            p_exposed=share,
        )


def _salt(context: Context, exposure: Exposure, purpose: str) -> bytes:
    """The salt of a lot: of the programme's own words for it, else of its seed."""
    return salt_of(exposure.salt or context.seed, purpose)


_NEEDS = frozenset(
    {
        "buys",
        "customer",
        "customer_id",
        "depths_bp",
        "discount_minor",
        "expected_units",
        "item_id",
        "margin_minor",
        "margin_per_visit_minor",
        "max_units",
        "overdue",
        "p_buy",
        "response_family",
        "seed",
        "vat_bp",
        "visits_per_week",
        "window_days",
    }
)
value = PlanPolicy(
    "value",
    _propose,
    _NEEDS,
    {
        "assurance": 1.0,  # standard deviations that a bundle's worth must lie above nothing
        "boldness": 0.5,  # log hazard at a dose of 1 for which the plans of one kind are made
        "hope": 1.5,  # standard deviations within which a bundle may pay, so that a lot is worth its price
        "least_chance": 0.02,  # of use within the window, for items bought before
    },
    {"assurance": (0, 10), "boldness": (0, 10), "hope": (0, 10), "least_chance": (0, 1)},
    weigh=_weigh,
)
