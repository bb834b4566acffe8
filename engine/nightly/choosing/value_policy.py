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

import numpy as np
import numpy.typing as npt

from engine.nightly.choosing.offer_options import Context
from engine.nightly.choosing.plan_policy import LaidOut, PlanPolicy, Weighed
from engine.nightly.choosing.policy import Valuation
from engine.nightly.choosing.slot_money import slot_money
from engine.nightly.choosing.value_evening import ValueEvening
from engine.nightly.choosing.value_lots import ValueLots
from models.ground.errors import BadInput
from models.response.exposure import Exposure
from models.response.knowledge import Knowledge
from models.response.price_response import PriceResponse
from models.response.visit_effects import COEFFICIENTS, KINDS, VisitEffects, plan_kind

DOSE = "dose_"  # how the parts are called that learning reads: a dose of each of COEFFICIENTS
_LIGHT, _BOLD = "light", "bold"
# Of the saving that counts half, so much is in the bundle already where one more item is judged.
_IN_BUNDLE = {_LIGHT: 1.0, _BOLD: 0.2}
_BELIEVED = "believed"

Doubles = npt.NDArray[np.float64]


def plan_names() -> tuple[str, ...]:
    """All plans, in the order in which they are weighed."""
    return tuple(f"{kind}_{how}" for kind in (*KINDS, _BELIEVED) for how in _IN_BUNDLE)


class _Plans(Mapping[str, Valuation]):
    """Each plan's values, made when they are asked for: only one of them is in memory."""

    def __init__(self, evening: ValueEvening, boldness: float) -> None:
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
    return _Plans(ValueEvening(context, price, visits, least_chance), boldness)


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
    evening = ValueEvening(context, price, visits, least_chance)
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
    worth, variance = visits.visits_worth(doses)
    a_unit = evening.visit_minor[:, None]
    brought = a_unit * worth
    value = own + brought
    deviation = np.sqrt(own_deviation**2 + a_unit**2 * variance)
    parts = {
        "own_gain": own,
        "own_gain_open": own_deviation,
        "visits": brought,
        "usual_visits": np.broadcast_to(a_unit, own.shape),
        "visits_ahead": np.broadcast_to(evening.visits_ahead[:, None], own.shape),
    } | {f"{DOSE}{name}": doses[:, :, place] for place, name in enumerate(COEFFICIENTS)}
    kind_of = [plan_kind(name) for name in laid_out]
    hoped = np.column_stack(
        [
            own[:, place]
            + evening.visit_minor * visits.brought * (doses[:, place] @ visits.hoped(kind, hope))
            for place, kind in enumerate(kind_of)
        ]
    )
    lots = ValueLots.draw(context, laid_out, value, deviation, exposure, hoped, kind_of, assurance=assurance)
    return Weighed(
        value,
        value - assurance * deviation,
        deviation,
        parts,
        lots.lot,
        lots.plan_share,
        lots.exposed,
        lots.p_exposed,
        tuple(slot_money(plan, visits, evening.offers, evening.visit_minor) for plan in plans),
    )


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
        "own_minor",
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
        "assurance": 0.67,  # standard deviations that a bundle's worth must lie above nothing
        "boldness": 0.25,  # log hazard at a dose of 1 for which the plans of one kind are made
        "hope": 1.5,  # standard deviations within which a bundle may pay, so that a lot is worth its price
        "least_chance": 0.02,  # of use within the window, for items bought before
    },
    {"assurance": (0, 10), "boldness": (0, 10), "hope": (0, 10), "least_chance": (0, 1)},
    weigh=_weigh,
)
