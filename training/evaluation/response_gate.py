"""Whether a learnt response may replace the one in force, by what logged nights would have brought with either.

A version is gated by what it would do: give the bundle that the night drew for a customer where it surely pays, else nothing. Both
versions are valued on the same nights by plan-level self-normalised importance sampling with the visits of the customer's own rate as
a model (doubly robust), and compared row by row. Two things are asked of the difference:

    veto             margin of the window, the slots' own and that of all visits: surely less blocks
    non-inferiority  visits of the windows, cumulative: the lower end of the interval may lie below nothing by the programme's margin

The slots' margin alone would refuse every bundle that earns its price by visits, so it is not asked alone. Where lots were never
drawn, or not enough of them in what the versions disagree on, nothing is known yet: the state is exploring, and nothing blocks.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.effects.estimate import Estimate
from models.effects.logged_support import ratios
from models.effects.policy_value import ExpectedRewards, LoggedRewards, policy_difference
from models.ground.currencies import written
from models.ground.errors import BadInput, Worse
from models.ground.moment import Moment
from models.response.visit_effects import VisitEffects
from models.sources import Data, open_data
from models.versions.response_versions import open_response_version, response_folder, response_manifest
from models.versions.version_pointer import current_version
from training.evaluation.response_effects import ASSURANCE, LEVEL
from training.fitting.response.logged_lots import logged_nights
from training.fitting.response.logged_plans import LoggedPlans, plans_of
from training.fitting.response.window_outcomes import WindowOutcomes, outcomes_of

SHIPPED_MARGIN = 0.05  # of the usual visits: the programme's own where a night has logged it

Doubles = npt.NDArray[np.float64]


class GateState(StrEnum):
    """How a version stands before it is promoted."""

    FIRST = "first"
    ROUTINE = "routine"
    EXPLORING = "exploring"
    PASSED = "passed"


@dataclass(frozen=True)
class GatedResponse:
    """What logged nights say of a version against the one in force.

    Attributes:
        state: why it may be promoted.
        said: the same in a sentence.
        nights, customers: that told it; 0 where none did.
        visits: a window, the new version's less the other's, as a share of the usual; None where nothing told it.
        margin_minor: the same, minor units.
        visits_margin: share of the usual visits that may be lost.
    """

    state: GateState
    said: str
    nights: int = 0
    customers: int = 0
    visits: Estimate | None = None
    margin_minor: Estimate | None = None
    visits_margin: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON content; intervals are of 95 %."""
        facts: dict[str, Any] = {
            "state": self.state.value,
            "nights": self.nights,
            "customers": self.customers,
            "visits_margin": self.visits_margin,
        }
        for name, found in (("visits", self.visits), ("margin_minor", self.margin_minor)):
            low, high = (None, None) if found is None else found.interval(LEVEL)
            facts[name] = None if found is None else {"difference": found.value, "low": low, "high": high}
        return facts


def gated(workspace: Path, version: str) -> GatedResponse:
    """Tell why a version may be promoted.

    Raises:
        Worse: it may not; the sentence says why, and what to do.
        BadInput: there is no such version, or a log cannot be read.
        BadArtifact: one of the versions is damaged.
    """
    folder = response_folder(workspace)
    manifest = response_manifest(folder, version)
    new = open_response_version(folder, version)
    current = current_version(folder)
    if current is None or current == version:
        return GatedResponse(GateState.FIRST, "No other response is in use.")
    former = open_response_version(folder, current)
    before = response_manifest(folder, current)
    if (
        before["data"].get("lot_nights", 0) > 0
        and (before["code"], former.prior) == (manifest["code"], new.prior)
        and manifest["as_of"] >= before["as_of"]
    ):
        return GatedResponse(
            GateState.ROUTINE,
            f"It updates {current} by later nights, in the same way of learning: no gate is asked of it.",
        )
    if not (workspace / "runs").is_dir():
        return GatedResponse(
            GateState.EXPLORING, "No night has learnt by lot yet: exploring, nothing blocks."
        )
    data = open_data(workspace)
    with data.held():
        return _by_logs(workspace, data, (version, new.effects), (current, former.effects))


_Named = tuple[str, VisitEffects]


def _by_logs(workspace: Path, data: Data, new: _Named, former: _Named) -> GatedResponse:
    until = Moment(data.last_purchased_at, data.timezone)
    logged = logged_nights(workspace, until)
    last = int(np.datetime64(until.day, "D").astype(np.int64))
    ended = [(night, plans_of(night, until.timezone)) for night in logged]
    kept = [(night, plans.only(plans.ends <= last)) for night, plans in ended]
    kept = [(night, plans) for night, plans in kept if len(plans)]
    if not kept:
        return GatedResponse(
            GateState.EXPLORING, "No night that learnt by lot has ended yet: exploring, nothing blocks."
        )
    nights = [plans for _, plans in kept]
    margin = _visits_margin(kept[-1][0].folder)
    try:
        visits, money = compared(nights, outcomes_of(data, nights, until), new[1], former[1])
    except BadInput as error:
        said = f"{len(nights)} logged nights cannot tell it from {former[0]} ({error}): exploring, nothing blocks."
        return GatedResponse(GateState.EXPLORING, said, len(nights), visits_margin=margin)
    customers = len({name for plans in nights for name in plans.customer_id})
    return judged(new[0], former[0], visits, money, margin, len(nights), customers, data.currency)


def judged(
    version: str,
    former: str,
    visits: Estimate,
    margin_minor: Estimate,
    allowed: float,
    nights: int,
    customers: int,
    currency: str,
) -> GatedResponse:
    """Judge what was found; raises Worse where it blocks."""
    told = f"by {nights} logged nights of {customers:,} customers"
    low, high = margin_minor.interval(LEVEL)
    if high < 0:
        raise Worse(
            f"Version {version} of the response is surely worse than {former} {told}: margin a window "
            f"{written(margin_minor.value, currency)} [{written(low, currency)}, {written(high, currency)}] {currency}; keep {former}, "
            "fit again with later nights, or promote it with --force."
        )
    low, high = visits.interval(LEVEL)
    shown = f"visits {visits.value:+.1%} [{low:+.1%}, {high:+.1%}]"
    if low < -allowed:
        raise Worse(
            f"Version {version} of the response may lose more visits than explore.visits_margin = {allowed:g} allows, beside {former} "
            f"{told}: {shown}; let more nights learn, or promote it with --force."
        )
    return GatedResponse(
        GateState.PASSED,
        f"Not worse than {former} {told}: {shown}, of which it may lose {allowed:.1%}.",
        nights,
        customers,
        visits,
        margin_minor,
        allowed,
    )


def compared(
    nights: list[LoggedPlans], outcomes: list[WindowOutcomes], new: VisitEffects, former: VisitEffects
) -> tuple[Estimate, Estimate]:
    """Visits (share of the usual) and margin (minor units) a window: a version's less another's.

    Raises:
        BadInput: lots do not reach what a version would do, or too few do.
    """
    exposed = np.concatenate([plans.exposed for plans in nights])
    chance = np.concatenate([plans.chance for plans in nights])
    customer = np.unique([name for plans in nights for name in plans.customer_id], return_inverse=True)[1]
    night = np.repeat(np.arange(len(nights)), [len(plans) for plans in nights])
    expected = np.concatenate([one.expected for one in outcomes])
    visits = np.concatenate([one.visits for one in outcomes])
    margin = np.concatenate([one.margin for one in outcomes])
    gives = [np.concatenate([_surely_pays(plans, effects) for plans in nights]) for effects in (new, former)]
    # What both would do alike tells no difference, only noise.
    apart = gives[0] != gives[1]
    if not apart.any():
        raise BadInput("both would give the same bundles to the same customers")
    usual = float(visits.mean())
    if usual <= 0:
        raise BadInput("nobody came")

    def of(rewards: Doubles, model: Doubles) -> Estimate:
        one, other = (
            LoggedRewards(
                rewards[apart],
                _ratios(exposed[apart], chance[apart], give[apart]),
                night[apart],
                customer[apart],
                np.where(give[apart], chance[apart] > 0, chance[apart] < 1).astype(np.float64),
            )
            for give in gives
        )
        found = policy_difference(one, other, ExpectedRewards(model[apart], model[apart]))
        share = float(apart.mean())
        return Estimate(found.value * share, found.standard_error * share, found.degrees)

    a_visit = float(margin.sum() / max(visits.sum(), 1.0))
    change, money = of(visits, expected), of(margin, expected * a_visit)
    return Estimate(change.value / usual, change.standard_error / usual, change.degrees), money


def _surely_pays(plans: LoggedPlans, effects: VisitEffects) -> npt.NDArray[np.bool_]:
    value, deviation = plans.weighed(effects)
    return np.asarray(value - ASSURANCE * deviation > 0)


def _ratios(exposed: npt.NDArray[np.bool_], chance: Doubles, give: npt.NDArray[np.bool_]) -> Doubles:
    return ratios((exposed == give).astype(np.float64), np.where(exposed, chance, 1 - chance))


def _visits_margin(folder: Path) -> float:
    """The programme's, as the last of the nights logged it."""
    learning = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["learning"]
    return float(learning.get("visits_margin", SHIPPED_MARGIN))
