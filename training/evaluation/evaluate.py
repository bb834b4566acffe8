"""An evaluation from beginning to end: cut by cut, each kept when it is done, then tables, page and record."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from models.ground.code import code_digest
from models.ground.durable import sweep, write_text, write_whole
from models.ground.moment import Moment
from models.ground.progress import Progress
from models.running.blas_threads import one_blas_thread
from models.sources import Data
from models.tables.table_files import write_frame
from models.versions import registry
from models.versions.comparisons import record_comparison
from training.evaluation.contenders import (
    REPLAYED,
    Contender,
    EvaluationPlan,
    choose_versions,
    contenders_of,
    plan_cuts,
)
from training.evaluation.evaluation_findings import EvaluationFindings, find
from training.evaluation.judged_cut import judge_cut
from training.evaluation.verdict import DECIDING, LEVEL, Verdict, judge

PAGE = "evaluation.html"
SUMMARY = "evaluation.json"
# Tables as they are published: small ones to read, one file each.
JUDGED = ("customers", "measures", "slots", "bins", "gains", "found", "importance")


@dataclass(frozen=True)
class Evaluation:
    """What was found, what it means, and where it is written."""

    findings: EvaluationFindings
    verdict: Verdict
    page: Path


@one_blas_thread()
def evaluate(
    data: Data,
    workspace: Path,
    as_of: Moment,
    out: Path,
    *,
    version: str | None,
    against: str | None,
    cuts: int,
    seed: int,
    jobs: int,
    progress: Progress,
) -> Evaluation:
    """Compare a version with another and with the simple rules, and record what was found beside the registry.

    A cut that was judged before with the same data, versions and code is read from `out`, so an evaluation that
    was interrupted goes on where it stopped.

    Args:
        data: the shop.
        workspace: holds the registry.
        as_of: purchases before it are known.
        out: folder for the page, the tables and the judged cuts.
        version: which to judge; the newest that is not current otherwise.
        against: which to judge it against; the current one otherwise.
        cuts: how many cuts at most.
        seed: of the resampled customers.
        jobs: buckets worked on side by side.
        progress: told cut by cut.

    Raises:
        BadInput: there is no such version, or the history is too short for one cut.
    """
    folder = registry.registry_folder(workspace)
    contenders = contenders_of(folder, choose_versions(folder, version, against))
    plan = plan_cuts(contenders, as_of, cuts, _first_day(data))
    kept = out / "cuts"
    kept.mkdir(parents=True, exist_ok=True)
    sweep(kept, inside=False)
    parts = []
    for place, cut in enumerate(plan.cuts):
        progress("judging cuts", place, len(plan.cuts))
        parts.append(_judged(data, folder, plan, cut, kept, jobs))
    progress("judging cuts", len(plan.cuts), len(plan.cuts))
    judged = {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in JUDGED}
    findings = find(plan, judged, DECIDING, LEVEL, seed)
    verdict = judge(findings, as_of)
    page = _write(findings, verdict, as_of, out)
    if verdict.comparison is not None:
        record_comparison(folder, verdict.comparison)
    return Evaluation(findings, verdict, page)


def _first_day(data: Data) -> date:
    return data.first_purchased_at.astimezone(ZoneInfo(data.timezone)).date()


def _judged(
    data: Data, folder: Path, plan: EvaluationPlan, cut: Moment, kept: Path, jobs: int
) -> dict[str, pd.DataFrame]:
    place = kept / f"{cut.day.isoformat()}-{_digest(data, plan, cut)}"
    if not place.is_dir():
        tables = judge_cut(data, folder, plan, cut, jobs)

        def fill(incoming: Path) -> None:
            incoming.mkdir()
            for name, table in tables.items():
                table.to_parquet(incoming / f"{name}.parquet", index=False)

        write_whole(place, fill)
    return {name: pd.read_parquet(place / f"{name}.parquet") for name in JUDGED}


def _digest(data: Data, plan: EvaluationPlan, cut: Moment) -> str:
    """Names everything that a judged cut depends on, so that nothing else is read in its place."""
    about = {
        "data": data.fingerprint,
        "code": code_digest("models", "training"),
        "how": plan.how,
        "days": plan.days,
        "cut": cut.as_of.isoformat(),
        "contenders": [_identity(plan, contender) for contender in plan.contenders],
    }
    return hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode()).hexdigest()[:12]


def _identity(plan: EvaluationPlan, contender: Contender) -> dict[str, object]:
    replayed = {"profile": asdict(contender.profile), "age_days": contender.age_days}
    return {"version": contender.version, "level": contender.item_level} | (
        replayed if plan.how == REPLAYED else {}
    )


def _write(findings: EvaluationFindings, verdict: Verdict, as_of: Moment, out: Path) -> Path:
    from training.evaluation.evaluation_page import page

    for name, table in findings.tables.items():
        write_frame(table, out / f"{name}.csv")
    write_text(out / SUMMARY, json.dumps(summary(findings, verdict), indent=2, ensure_ascii=False) + "\n")
    write_text(out / PAGE, page(findings, verdict, as_of))
    return out / PAGE


def summary(findings: EvaluationFindings, verdict: Verdict) -> dict[str, object]:
    """The evaluation for machines: verdict, how, cuts, and every method's measures with their intervals."""
    measures = findings.tables["measures"]
    calibration = findings.tables["calibration"]
    whole = calibration[calibration["by"] == "everything"].drop(columns=["by", "group"])
    comparison = verdict.comparison
    return {
        "verdict": verdict.word,
        "evaluation": comparison.name if comparison else None,
        "version": findings.plan.judged.version,
        "against": findings.plan.against.version if findings.plan.against else None,
        "how": findings.plan.how,
        "cuts": [cut.day.isoformat() for cut in findings.plan.cuts],
        "customers": findings.customers,
        "deciding": [asdict(each) for each in comparison.differences] if comparison else [],
        "measures": {
            method: rows.drop(columns="method").set_index("measure").to_dict("index")
            for method, rows in measures.groupby("method", sort=False)
        },
        "calibration": whole.to_dict("records"),
    }
