"""What a night does for learning, from its logs: who is exposed, who of them by lot, and what that is expected to lose."""

import json
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from engine.domain.arms import Arm
from engine.nightly.folder.run_folder import RunFolder
from models.response.exposure import Exposure
from models.response.stakes import DOUBT, Stakes
from models.response.visit_effects import COEFFICIENTS, KINDS, plan_kind
from models.tables import CUSTOMER_ID

_OF_BUNDLE = [
    CUSTOMER_ID,
    "slot",
    "outcome",
    "plan",
    "plan_value",
    "plan_deviation",
    "plan_lower",
    "plan_parts",
]
_PARTS = ["own_gain", "own_gain_open", "usual_visits", "visits_ahead"]
_DOSES = [f"dose_{name}" for name in COEFFICIENTS]


def learning_figures(
    folder: RunFolder, exposure: Exposure, lots: float = 1.0, beside: Collection[str] = ()
) -> dict[str, Any]:
    """What the manifest says under `learning`.

    `lots` is the share of the lots that count, below 1 where the budget has no room for all of them; `beside` are the cells of
    experiments that go by another policy, of which nothing is learnt here.
    A bundle is given by lot where its plan did not surely pay (`plan_lower` at most 0).

    Returns:
        state, share (at most, of anybody), shares (by the kind of saving that the lot fell on), sum_minor and spent_minor before tonight;
        lots, as given, where it is below 1; asked (customers
        who could have a bundle), exposed, paying (those for whom a bundle surely pays) and by_lot (bundles given by lot);
        cost_minor, what these might cost tonight by what is believed, and at_most_minor, what they lose by themselves should they bring
        nobody, and paying_at_most_minor, the same of the bundles given that surely pay; share_paying, stakes, and given (with the bundles by lot), as `LearningNight` takes them.
    """
    asked = exposed = paying = by_lot = 0
    cost = at_most = paying_at_most = 0.0
    stakes, at_stake = [Stakes.nothing()] * len(KINDS), Stakes.nothing()
    for outcomes, slots, shadows in zip(
        folder.outcome_files(), folder.slot_files(), folder.shadow_files(), strict=True
    ):
        people = pd.read_parquet(outcomes, columns=[CUSTOMER_ID, "arm", "exposed", "p_exposed"])
        people = people[people["p_exposed"].notna() & (people["arm"] != Arm.HOLDOUT.value)]
        others = _in_cells(folder, outcomes.name, beside)
        people = people[~people[CUSTOMER_ID].isin(others)]
        asked, exposed = asked + len(people), exposed + int(people["exposed"].sum())
        served = pd.read_parquet(slots, columns=[name for name in _OF_BUNDLE if name != "outcome"])
        served = served[~served[CUSTOMER_ID].isin(others)]
        waiting = pd.read_parquet(shadows, columns=_OF_BUNDLE)
        waiting = waiting[(waiting["outcome"] != Arm.HOLDOUT.value) & ~waiting[CUSTOMER_ID].isin(others)]
        given, tried = _by_lot(served), _by_lot(waiting)
        by_lot += len(given)
        at_stake = at_stake.plus(_stakes(given))
        cost += float((DOUBT * given["plan_deviation"] - given["plan_value"]).sum())
        at_most += _lost_alone(given)
        paying_at_most += _lost_alone(_surely_paying(served))
        both = pd.concat([given, tried], ignore_index=True)
        stakes = [one.plus(_stakes(both[both["kind"] == kind])) for kind, one in enumerate(stakes)]
        paying += sum(
            int(((rows["slot"] == 0) & (rows["plan_lower"] > 0)).sum()) for rows in (served, waiting)
        )
    return {
        "state": exposure.state.value,
        "share": exposure.most * lots,
        "shares": [share * lots for share in exposure.shares],
        "sum_minor": exposure.sum_minor,
        "spent_minor": exposure.reckoned_minor,
        "asked": asked,
        "exposed": exposed,
        "paying": paying,
        "by_lot": by_lot,
        "cost_minor": round(max(cost, 0.0), 3),
        "at_most_minor": round(at_most, 3),
        "paying_at_most_minor": round(paying_at_most, 3),
        "share_paying": paying / asked if asked else 0.0,
        "stakes": [one.as_dict() for one in stakes],
        "given": at_stake.as_dict(),
        **({"lots": lots} if lots < 1 else {}),
    }


def _in_cells(folder: RunFolder, file: str, cells: Collection[str]) -> set[str]:
    """Customers of a bucket who are in one of the cells."""
    if not cells:
        return set()
    drawn = pd.read_parquet(folder.path / "snapshot" / "arms" / file)
    return set(drawn.loc[drawn["cell"].isin(list(cells)), CUSTOMER_ID])


def _by_lot(bundles: pd.DataFrame) -> pd.DataFrame:
    """The bundles that lots force: plan_value, the kind of saving of their plan, and what the policy says of each."""
    return _in_money(bundles[(bundles["slot"] == 0) & ~(bundles["plan_lower"] > 0)])


def _surely_paying(bundles: pd.DataFrame) -> pd.DataFrame:
    return _in_money(bundles[(bundles["slot"] == 0) & (bundles["plan_lower"] > 0)])


def _in_money(first: pd.DataFrame) -> pd.DataFrame:
    """Of the first places of bundles: plan_value, the kind of saving of their plan, and what the policy says of each."""
    parts = pd.DataFrame([json.loads(text) for text in first["plan_parts"]], index=first.index)
    told = parts.reindex(columns=[*_PARTS, *_DOSES], fill_value=0.0).astype("float64")
    money = first[["plan_value", "plan_deviation"]].astype("float64").fillna(0.0)
    return told.join(money).assign(kind=first["plan"].map(plan_kind))


def _lost_alone(bundles: pd.DataFrame) -> float:
    """What bundles lose by themselves should they bring nobody."""
    return float(np.maximum(-bundles["own_gain"], 0.0).sum())


def _stakes(bundles: pd.DataFrame) -> Stakes:
    own, own_open, usual, visits = (bundles[name].to_numpy(np.float64) for name in _PARTS)
    return Stakes.of(own, own_open, usual, visits, bundles[_DOSES].to_numpy(np.float64))
