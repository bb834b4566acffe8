"""Whether an experiment's arms were alike before it began, by what the night that began it knew of its customers.

That night's figures are as of its cut, so that no offer of the experiment has touched them, and they never change again: what may
change, and is looked at every night, is who of these customers is in which arm. Tonight's own figures would not do, because offers
change them; customers who were seen later have none.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.arms import DrawnAs
from engine.nightly.folder.run_folder import RunFolder
from engine.store import Store
from engine.store.nights.assigned_arms import assigned_among
from engine.store.nights.kept_experiments import HOLDOUT_LAYER, KeptExperiment
from engine.store.nights.run_records import began_with
from models.effects.drawn_arms import Arms, in_both_arms
from models.effects.pre_period_balance import BALANCE_ALARM, balance
from models.tables import CUSTOMER_ID

# Columns of `people` that rest on purchases alone, and what a person calls them.
FIGURES = {
    "visits": "visits so far",
    "visits_in_period": "visits of the period",
    "days_since_visit": "days since the last visit",
    "margin_minor": "margin of the period",
}
AT_MOST = BALANCE_ALARM
FEWEST = 20  # households in each arm, as the report's segments: below it one of them would decide


def alike_before(
    workspace: Path, store: Store, one: KeptExperiment, arms: Sequence[str], seen_days: int
) -> dict[str, Any]:
    """Compare each further arm with the first one.

    Args:
        workspace: its run folders.
        store: who is in which arm tonight.
        one: the experiment.
        arms: names, the one that the others are compared with first.
        seen_days: whoever last bought longer before the experiment began does not count, as in the report.

    Returns:
        Plain JSON content: `night`, the run that began it, None where its folder is not there; `arms`, by name as `apart_before`
        gives it; `why` where there is nothing to compare.
    """
    if one.layer == HOLDOUT_LAYER and one.drawn_as is DrawnAs.CUSTOMER:
        return _nothing("an earlier release began it, and what was known before was not kept")
    folders = [RunFolder.of(workspace, run_id) for run_id in began_with(store, one.started)]
    began = next((folder for folder in folders if folder.people(0).exists()), None)
    if began is None:
        return _nothing("the folder of the night that began it is not there")
    people = _placed(began, store, one.number, seen_days)
    found = {}
    for arm in arms[1:]:
        pair = people[people["arm"].isin([arms[0], arm])]
        apart = apart_before(pair, (pair["arm"] == arm).to_numpy(np.bool_), pair["unit"].to_numpy())
        if apart is not None:
            found[arm] = apart
    told: dict[str, Any] = {"night": began.run_id, "arms": found}
    if len(found) == len(arms) - 1:
        return told
    return told | {"why": f"an arm has fewer than {FEWEST} households that bought lately"}


def apart_before(
    people: pd.DataFrame, treated: npt.NDArray[np.bool_], unit: npt.NDArray[Any]
) -> dict[str, Any] | None:
    """How far two arms were apart, by the statistic of the report's light; None where one has fewer than FEWEST households.

    Money and visits of a few customers are many times those of most, and an arm's mean of them is far from normal; so figures are
    compared by their logarithms (of 1 more, with their sign). A household with members in both arms is left out.

    Args:
        people: FIGURES, one row a customer.
        treated: shape (n,), who is in the arm that is compared with the other.
        unit: shape (n,), what was drawn as one.
    """
    numbers = pd.factorize(unit)[0]
    whole = ~in_both_arms(treated, numbers)
    arms = Arms.of(treated[whole], numbers[whole])
    if int(arms.households.min()) < FEWEST:
        return None
    raw = people.loc[whole, list(FIGURES)].to_numpy(np.float64)
    found = balance(np.sign(raw) * np.log1p(np.abs(raw)), arms)
    differences = found.differences.round(4).tolist()
    return {
        "p": round(found.p_value, 6),
        "apart": dict(zip(FIGURES, differences, strict=True)),
        "households": arms.households.tolist(),
    }


def _placed(began: RunFolder, store: Store, number: int, seen_days: int) -> pd.DataFrame:
    """FIGURES, unit and arm of everybody whom the experiment's first night knew as a buyer; a bucket at a time."""
    parts = []
    for file in sorted((began.path / "people").glob("bucket=*.parquet")):
        people = pd.read_parquet(file, columns=[CUSTOMER_ID, *FIGURES])
        people = people[(people["days_since_visit"] <= seen_days).fillna(value=False).astype(bool)]
        places = assigned_among(store, number, people[CUSTOMER_ID].tolist())
        people = people[people[CUSTOMER_ID].isin(list(places))]
        mine = [places[name] for name in people[CUSTOMER_ID]]
        figures = people[list(FIGURES)].astype("float64").fillna(0.0)
        parts.append(
            figures.assign(unit=[one.unit or one.customer_id for one in mine], arm=[one.arm for one in mine])
        )
    return pd.concat(parts, ignore_index=True)


def _nothing(why: str) -> dict[str, Any]:
    return {"night": None, "arms": {}, "why": why}
