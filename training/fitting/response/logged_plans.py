"""The plans that a learning night weighed, one row a customer: who got theirs, by which chance, and all that its worth is made of.

So another version of the response can weigh the same plans again, without the night's features and candidates.
"""

import json
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from models.ground.errors import BadInput
from models.response.visit_effects import COEFFICIENTS, VisitEffects
from models.tables import CUSTOMER_ID
from training.fitting.response.logged_lots import DOSE, LoggedNight

_COLUMNS = [CUSTOMER_ID, "slot", "plan", "plan_parts", "p_exposed", "p_plan", "valid_from", "valid_to"]
_WAITING = "not_yet_exposed"  # the holdout gets nothing whatever the lot says

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LoggedPlans:
    """Plans of n customers, minor units where nothing else is said.

    Attributes:
        customer_id: (n,).
        plan: (n,) names.
        exposed: (n,) whether they got it.
        chance: (n,) of being exposed.
        starts, ends: (n,) local days since 1970-01-01, the end not included.
        own, own_open: (n,) what the bundle brings by itself, and what is not known of it.
        usual: (n,) margin of the window's visits without offers, as far as one brought is one more.
        doses: (n, K) of COEFFICIENTS.
    """

    customer_id: list[str]
    plan: list[str]
    exposed: npt.NDArray[np.bool_]
    chance: Doubles
    starts: Ints
    ends: Ints
    own: Doubles
    own_open: Doubles
    usual: Doubles
    doses: Doubles

    def __len__(self) -> int:
        """Return the number of customers."""
        return len(self.customer_id)

    def only(self, kept: npt.NDArray[np.bool_]) -> "LoggedPlans":
        """Some of them."""
        names = np.flatnonzero(kept).tolist()
        return LoggedPlans(
            [self.customer_id[name] for name in names],
            [self.plan[name] for name in names],
            *(getattr(self, field)[kept] for field in list(self.__dataclass_fields__)[2:]),
        )

    def weighed(self, effects: VisitEffects) -> tuple[Doubles, Doubles]:
        """(n,) worth of each plan by what is believed of visits, and its standard deviation, as the policy `value` weighs it."""
        worth, worth_open = effects.visits_worth(self.doses)
        return self.own + self.usual * worth, np.sqrt(self.own_open**2 + self.usual**2 * worth_open)


def plans_of(night: LoggedNight, timezone: str) -> LoggedPlans:
    """The plans of everybody who could have had one that night, the holdout aside; sorted by customer.

    Raises:
        BadInput: a log cannot be read.
    """
    rows = pd.concat([_read(night, "slots"), _read(night, "shadow")], ignore_index=True)
    rows = rows[rows["p_exposed"].notna()].sort_values(CUSTOMER_ID, kind="stable")
    parts: list[dict[str, float]] = [json.loads(text) for text in rows["plan_parts"]]
    rows = rows[[f"{DOSE}{COEFFICIENTS[0]}" in part for part in parts]]
    parts = [part for part in parts if f"{DOSE}{COEFFICIENTS[0]}" in part]
    zone = ZoneInfo(timezone)
    starts, ends = (
        pd.to_datetime(rows[name], utc=True)
        .dt.tz_convert(zone)
        .dt.tz_localize(None)
        .dt.floor("D")
        .to_numpy("datetime64[D]")
        .astype(np.int64)
        for name in ("valid_from", "valid_to")
    )
    own, own_open, usual = (
        np.array([part[name] for part in parts], dtype=np.float64)
        for name in ("own_gain", "own_gain_open", "usual_visits")
    )
    doses = np.array([[part[f"{DOSE}{name}"] for name in COEFFICIENTS] for part in parts], dtype=np.float64)
    return LoggedPlans(
        rows[CUSTOMER_ID].tolist(),
        rows["plan"].tolist(),
        rows["exposed"].to_numpy(np.bool_),
        rows["p_exposed"].to_numpy(np.float64),
        starts,
        ends,
        own,
        own_open,
        usual,
        doses.reshape(len(parts), len(COEFFICIENTS)),
    )


def _read(night: LoggedNight, kind: str) -> pd.DataFrame:
    shadow = kind == "shadow"
    frames = [pd.DataFrame(columns=[*_COLUMNS, "exposed"])]
    for file in [
        file for folder in night.folders for file in sorted((folder / kind).glob("bucket=*.parquet"))
    ]:
        try:
            rows: pd.DataFrame = pd.read_parquet(
                file, columns=[*_COLUMNS, "outcome"] if shadow else _COLUMNS, filters=[("slot", "==", 0)]
            )
        except (OSError, pa.ArrowInvalid) as error:
            raise BadInput(
                f"{file} cannot be read; expected the log that the night wrote. Bring it back from a copy of the run folder, or "
                "prune the run."
            ) from error
        rows = night.theirs(file.parents[1], rows)
        frames.append((rows[rows["outcome"] == _WAITING] if shadow else rows).assign(exposed=not shadow))
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    together: pd.DataFrame = pd.concat(filled, ignore_index=True)
    return together
