"""The nights that learnt by lot, as their run folders keep them: who had which bundle, or would have had it, and by which chance."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from models.ground.errors import BadInput
from models.ground.moment import Moment
from models.response.exposure import Exposure, LearningNight
from models.response.visit_effects import COEFFICIENTS
from models.tables import CUSTOMER_ID, ITEM_ID, KEPT_FILE, SERVED_MARK

DOSE = "dose_"  # how a plan's parts are called that say a dose of one of COEFFICIENTS
_COLUMNS = [CUSTOMER_ID, "slot", ITEM_ID, "p_exposed", "plan_parts", "policy", "valid_from", "valid_to"]
_WAITING = "not_yet_exposed"  # the holdout gets nothing whatever the lot says, and tells nothing of it


@dataclass(frozen=True)
class LoggedNight:
    """One night of a policy that learns by lot.

    Attributes:
        folder: of the run.
        policy: that learns; bundles by another one, of an experiment's arm, tell nothing.
        as_of: its cut.
        response: the version that it was told of.
        exposure: before it.
        learning: what it did for learning.
        kept: folders of attempts that it replaced, with the customers whose bundles of these stayed.
    """

    folder: Path
    policy: str
    as_of: datetime
    response: str
    exposure: Exposure
    learning: LearningNight
    kept: tuple[tuple[Path, frozenset[str]], ...] = ()

    def theirs(self, folder: Path, rows: pd.DataFrame) -> pd.DataFrame:
        """Of rows of one of its folders those of customers who had what the folder says."""
        others = frozenset().union(*(names for path, names in self.kept if path != folder))
        mine = dict(self.kept).get(folder)
        stays = ~rows[CUSTOMER_ID].isin(others) if mine is None else rows[CUSTOMER_ID].isin(mine)
        return rows[stays]

    @property
    def folders(self) -> tuple[Path, ...]:
        """Its own, and those of attempts of which bundles stayed."""
        return (self.folder, *(path for path, _ in self.kept))


def logged_nights(workspace: Path, as_of: Moment) -> list[LoggedNight]:
    """The nights before a moment that were served, oldest first: not what was rolled back, replaced or never published.

    Raises:
        BadInput: a manifest cannot be read.
        BadArtifact: it says something else of learning.
    """
    found = []
    for mark in sorted((workspace / "runs").glob(f"[!.]*/{SERVED_MARK}")):
        about = _manifest(mark.parent / "manifest.json")
        cut = datetime.fromisoformat(about["as_of"])
        if "learning" in about and cut < as_of.as_of:
            found.append(
                LoggedNight(
                    mark.parent,
                    about["policy"],
                    cut,
                    about["response"],
                    Exposure.read(about["exposure"]),
                    LearningNight.told(about["run_id"], about["learning"]),
                    _kept(mark.parent),
                )
            )
    return sorted(found, key=lambda night: night.as_of)


def _kept(folder: Path) -> tuple[tuple[Path, frozenset[str]], ...]:
    """Attempts for the same night that were replaced, the oldest first, with those who keep a bundle of theirs."""
    night = folder.name.rpartition(".")[0]
    files = sorted(folder.parent.glob(f"{night}.*/{KEPT_FILE}"))
    return tuple(
        (file.parent, frozenset(pd.read_parquet(file)[CUSTOMER_ID]))
        for file in files
        if file.parent != folder
    )


def _manifest(file: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        datetime.fromisoformat(content["as_of"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise BadInput(
            f"{file} is damaged ({type(error).__name__}): expected the JSON that the night wrote. Bring it back from a copy of the "
            "run folder, or prune the run."
        ) from error
    return content


@dataclass(frozen=True)
class LoggedBundles:
    """Bundles of n customers whose windows have ended.

    Attributes:
        customer_id: (n,).
        starts, ends: (n,) local days since 1970-01-01, the end not included.
        doses: (n, K).
        chance: (n,) of being exposed.
        exposed: (n,).
        items: customer_id and item_id of all places.
    """

    customer_id: list[str]
    starts: "np.ndarray[Any, np.dtype[np.int64]]"
    ends: "np.ndarray[Any, np.dtype[np.int64]]"
    doses: "np.ndarray[Any, np.dtype[np.float64]]"
    chance: "np.ndarray[Any, np.dtype[np.float64]]"
    exposed: "np.ndarray[Any, np.dtype[np.bool_]]"
    items: pd.DataFrame


def bundles_of(
    night: LoggedNight, bucket: int, buckets: int, known: set[str], as_of: Moment
) -> LoggedBundles | None:
    """The bundles of some customers that ended before a moment, None where there is none.

    Args:
        night: the night.
        bucket, buckets: of the present load; where the night's had as many, only its file of that bucket is read.
        known: whose.
        as_of: the moment.
    """
    frames = [frame for kind in ("slots", "shadow") for frame in _read(night, kind, bucket, buckets)]
    rows = pd.concat(frames, ignore_index=True)
    ended = rows["valid_to"] <= pd.Timestamp(as_of.as_of)
    rows = rows[ended & rows["p_exposed"].notna() & rows[CUSTOMER_ID].isin(known)]
    first = rows[rows["slot"] == 0].sort_values(CUSTOMER_ID, kind="stable")
    if not len(first):
        return None
    parts = [json.loads(text) for text in first["plan_parts"]]
    zone = ZoneInfo(as_of.timezone)
    starts, ends = (
        first[name]
        .dt.tz_convert(zone)
        .dt.tz_localize(None)
        .dt.floor("D")
        .to_numpy("datetime64[D]")
        .astype(np.int64)
        for name in ("valid_from", "valid_to")
    )
    return LoggedBundles(
        first[CUSTOMER_ID].tolist(),
        starts,
        ends,
        np.array([[part[f"{DOSE}{name}"] for name in COEFFICIENTS] for part in parts], dtype=np.float64),
        first["p_exposed"].to_numpy(np.float64),
        first["exposed"].to_numpy(np.bool_),
        rows[[CUSTOMER_ID, ITEM_ID]],
    )


def _read(night: LoggedNight, kind: str, bucket: int, buckets: int) -> Iterator[pd.DataFrame]:
    shadow = kind == "shadow"
    parts = [sorted((folder / kind).glob("bucket=*.parquet")) for folder in night.folders]
    chosen = [files[bucket : bucket + 1] if len(files) == buckets else files for files in parts]
    for file in (file for files in chosen for file in files):
        try:
            rows = pd.read_parquet(file, columns=[*_COLUMNS, "outcome"] if shadow else _COLUMNS)
        except (OSError, pa.ArrowInvalid) as error:
            raise BadInput(
                f"{file} cannot be read; expected the log that the night wrote. Bring it back from a copy of the run folder, or "
                "prune the run."
            ) from error
        rows = night.theirs(file.parents[1], rows[rows["policy"] == night.policy])
        yield (rows[rows["outcome"] == _WAITING] if shadow else rows).assign(exposed=not shadow)
