"""What a version of the response believes, effect by effect, with intervals; who would get what by it, and what that is worth a week."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from models.response.elasticities import Elasticities
from models.response.learnt_response import LearntResponse
from models.response.price_response import PriceResponse
from models.response.visit_effects import COEFFICIENTS, VisitEffects
from training.fitting.response.logged_plans import LoggedPlans

LEVEL = 0.95
ASSURANCE = 1.0  # standard deviations above nothing from which the policy `value` as shipped gives a bundle
_FAMILIAR = ("never bought", "bought on few days", "bought on many days")
_DAYS_A_WEEK = 7
_REACH = float(norm.ppf((1 + LEVEL) / 2))


@dataclass(frozen=True)
class WeeklyGain:
    """What giving the plans that surely pay is expected to bring, minor units.

    Attributes:
        asked: customers who could have a bundle.
        paying: of them, those whose plan surely pays.
        a_week: all together.
        deviation: of that: errors of coefficients are everybody's at once, and do not average out.
        just_pays: visits more, in shares of the usual, at which the plans asked about would just earn what they cost; NaN where
            they cost nothing or nobody was asked.
        believed: visits more that they are believed to bring.
    """

    asked: int
    paying: int
    a_week: float
    deviation: float
    just_pays: float
    believed: float


def effects_table(learnt: LearntResponse) -> pd.DataFrame:
    """One row an effect: effect, unit, value, low, high, before_low, before_high (what was believed before this shop's data)."""
    prior, now = PriceResponse.prior(), learnt.price
    rows = [
        *_elasticities("purchases", now.incidence, prior.incidence),
        *_elasticities("units a purchase", now.units, prior.units),
        (
            "kept of the extra margin",
            "share",
            _range(now.kept.mean, now.kept.sd),
            _range(prior.kept.mean, prior.kept.sd),
        ),
        *_visits(learnt.effects, learnt.prior),
    ]
    return pd.DataFrame(
        [(effect, unit, *found, before[1], before[2]) for effect, unit, found, before in rows],
        columns=["effect", "unit", "value", "low", "high", "before_low", "before_high"],
    )


_Range = tuple[float, float, float]
_Row = tuple[str, str, _Range, _Range]


def _elasticities(what: str, now: Elasticities, before: Elasticities) -> Iterator[_Row]:
    for place, familiar in enumerate(_FAMILIAR):
        found = _range(now.of_shop[place], now.error[place])
        yield f"{what}, {familiar}", "elasticity", found, _range(before.of_shop[place], before.error[place])


def _visits(now: VisitEffects, before: VisitEffects) -> Iterator[_Row]:
    sd, former = (np.sqrt(np.diag(np.array(one.covariance))).tolist() for one in (now, before))
    for place, name in enumerate(COEFFICIENTS):
        found = _range(now.mean[place], sd[place])
        yield f"visits, {name}", "log hazard", found, _range(before.mean[place], former[place])
    found = _range(now.brought, now.brought_sd)
    yield "worth of a visit brought", "usual visits", found, _range(before.brought, before.brought_sd)


def _range(value: float, error: float) -> _Range:
    return value, value - _REACH * error, value + _REACH * error


def plans_table(plans: LoggedPlans, effects: VisitEffects) -> pd.DataFrame:
    """One row a plan of a night: plan, customers, share, given, paying, value_minor.

    The share is of those who were asked, given and paying are shares of the plan's, and the value is the mean that this version
    expects of a bundle.
    """
    value, deviation = plans.weighed(effects)
    frame = pd.DataFrame(
        {
            "plan": plans.plan,
            "given": plans.exposed,
            "paying": value - ASSURANCE * deviation > 0,
            "value_minor": value,
        }
    )
    found = frame.groupby("plan", sort=True).agg(
        customers=("given", "size"),
        given=("given", "mean"),
        paying=("paying", "mean"),
        value_minor=("value_minor", "mean"),
    )
    found.insert(1, "share", found["customers"] / max(len(frame), 1))
    return found.sort_values("customers", ascending=False, kind="stable").reset_index()


def weekly_gain(plans: LoggedPlans, effects: VisitEffects) -> WeeklyGain:
    """What the plans of a night would bring a week, given to those for whom this version says that they surely pay."""
    value, deviation = plans.weighed(effects)
    pays = value - ASSURANCE * deviation > 0
    weeks = np.maximum(plans.ends - plans.starts, 1) / _DAYS_A_WEEK
    usual = plans.usual / weeks
    together = (usual[:, None] * plans.doses)[pays].sum(axis=0)
    _, together_open = effects.visits_worth(together)
    own_open = float((plans.own_open / weeks)[pays].sum())
    everybody = plans.doses @ np.array(effects.mean)
    total = float(plans.usual.sum())
    cost = -float(plans.own.sum())
    return WeeklyGain(
        asked=len(plans),
        paying=int(pays.sum()),
        a_week=float((value / weeks)[pays].sum()),
        deviation=float(np.sqrt(own_open**2 + float(together_open))),
        just_pays=cost / (total * effects.brought)
        if cost > 0 and total > 0 and effects.brought > 0
        else float("nan"),
        believed=float((plans.usual * everybody).sum()) / total if total > 0 else float("nan"),
    )
