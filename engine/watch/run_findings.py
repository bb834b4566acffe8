"""A run's numbers for its report: what the manifest says, and distributions counted from its slots and outcomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from engine.domain.eligibility import Outcome
from engine.nightly.folder.run_folder import RunFolder
from engine.programme import Programme, kept_rules
from models.ground.errors import BadInput
from models.sources import open_load

Numbers = npt.NDArray[np.float64]
KINDS = ("preferred", "novelty", "cold_start")
FAMILIES_SHOWN = 12


@dataclass(frozen=True)
class RunFindings:
    """Everything that the page shows.

    Attributes:
        about: the manifest or, of a night that was refused, what the guard left.
        published: False where the guard kept the night back.
        currency: ISO code, empty where the load is gone.
        programme: the rules of the night.
        seconds: elapsed by stage, empty where nobody measured.
        funnel: customers seen, then those left after each rule, with its name.
        depths: offers of each kind at each depth in basis points.
        families: the families with most offers, and their offers.
        p_buy: P(buy) of the offers of each kind.
        p_churn: P(silent) of the customers.
        cost_minor: expected cost of each bundle.
        days: bundles by days of validity.
        sources: offers' customers' candidates by where they came from, shares of all candidates.
    """

    about: Mapping[str, Any]
    published: bool
    currency: str
    programme: Programme
    seconds: Mapping[str, float]
    funnel: Mapping[str, int]
    depths: Mapping[str, Mapping[int, int]]
    families: Mapping[str, int]
    p_buy: Mapping[str, Numbers]
    p_churn: Numbers
    cost_minor: Numbers
    days: Mapping[int, int]
    sources: Mapping[str, int]


def find(workspace: Path, run_id: str) -> RunFindings:
    """Read a run; raises BadInput where it got less far than the guard or a file is damaged."""
    folder = RunFolder.of(workspace, run_id)
    about = folder.manifest() if folder.is_finished else folder.sight("night.json")
    if about is None or "guard" not in about or not folder.outcome_files():
        raise BadInput(
            f"Run {run_id} in {workspace} did not get as far as the guard; there is nothing to show."
        )
    if folder.is_finished:
        for kind in ("slots", "outcomes"):
            folder.checked_files(kind)
    programme = kept_rules(folder.programme.read_text(encoding="utf-8"), str(folder.programme)).programme
    try:
        currency = open_load(workspace, about["load"]).currency
    except BadInput:  # pruned
        currency = ""
    with duckdb.connect(config={"threads": 1}) as connection:
        for name in ("slots", "outcomes"):
            connection.execute(f"CREATE VIEW {name} AS FROM read_parquet('{folder.path}/{name}/*.parquet')")
        return RunFindings(
            about=about,
            published=folder.is_finished,
            currency=currency,
            programme=programme,
            seconds=folder.sight("seconds.json") or {},
            funnel=_funnel(about["result"]["outcomes"]),
            depths={kind: _depths(connection, kind) for kind in KINDS},
            families=dict(
                connection.execute(
                    "SELECT reason_family, count(*) FROM slots WHERE reason_family <> '' "
                    "GROUP BY ALL ORDER BY 2 DESC, 1 LIMIT ?",
                    [FAMILIES_SHOWN],
                ).fetchall()
            ),
            p_buy={
                kind: _column(connection, "SELECT p_buy AS n FROM slots WHERE kind = ?", kind)
                for kind in KINDS
            },
            p_churn=_column(connection, "SELECT p_churn AS n FROM outcomes WHERE p_churn IS NOT NULL"),
            cost_minor=_column(
                connection, "SELECT sum(expected_cost_milli) / 1000.0 AS n FROM slots GROUP BY bundle_id"
            ),
            days=dict(
                connection.execute(
                    "SELECT round((epoch_us(valid_to) - epoch_us(valid_from)) / 86400e6)::INTEGER, "
                    "count(DISTINCT bundle_id) FROM slots GROUP BY 1 ORDER BY 1"
                ).fetchall()
            ),
            sources=_sources(about["measures"]["sources"]),
        )


_RARE = frozenset({Outcome.RULED_OUT, Outcome.THANK_YOU, Outcome.NOT_YET_EXPOSED})


def _funnel(outcomes: Mapping[str, int]) -> dict[str, int]:
    """Customers left after each rule, in the order in which the night applies them."""
    left = sum(outcomes.values())
    steps = {"seen": left}
    for name, dropped in (
        ("not held out", (Outcome.HOLDOUT,)),
        (
            "may be addressed",
            (
                Outcome.OTHER_STORE,
                Outcome.OTHER_ENGINE,
                Outcome.NOT_ASSIGNED,
                Outcome.NO_CONSENT,
                Outcome.NOT_SEEN,
                Outcome.OPEN_COMPLAINT,
                Outcome.MOVED,
                Outcome.OTHER_MEMBER,
            ),
        ),
        ("no open bundle", (Outcome.HAS_OPEN_BUNDLE, Outcome.ENOUGH_OFFERS)),
        ("not ruled out", (Outcome.RULED_OUT, Outcome.THANK_YOU)),
        ("exposed by now", (Outcome.NOT_YET_EXPOSED,)),
        (
            "got a bundle",
            (
                Outcome.TOO_FEW_ITEMS,
                Outcome.NO_VALUE,
                Outcome.NO_PLAN_PAYS,
                Outcome.BUDGET,
                Outcome.LINE_BUDGET,
            ),
        ),
    ):
        left -= sum(outcomes.get(outcome.value, 0) for outcome in dropped)
        # most policies expose everybody from the first night on, and many programmes have no rules
        if _RARE.isdisjoint(dropped) or any(one.value in outcomes for one in dropped):
            steps[name] = left
    return steps


def _sources(masks: list[int]) -> dict[str, int]:
    """Candidates by their first source: own history counts before family, family before popular, and so on."""
    names = (
        "own history",
        "their families",
        "most bought",
        "customers alike",
        "follows what they buy",
        "rising",
    )
    return {
        name: sum(count for mask, count in enumerate(masks) if mask & -mask == 1 << place)
        for place, name in enumerate(names)
    }


def _depths(connection: duckdb.DuckDBPyConnection, kind: str) -> dict[int, int]:
    query = "SELECT discount_bp, count(*) FROM slots WHERE kind = ? GROUP BY 1 ORDER BY 1"
    return dict(connection.execute(query, [kind]).fetchall())


def _column(connection: duckdb.DuckDBPyConnection, query: str, *arguments: str) -> Numbers:
    return np.asarray(connection.execute(query, list(arguments)).fetchnumpy()["n"], dtype=np.float64)
