"""What a night costs, by stage: `python -m tests.benchmarks.night_cost --help`.

Each step is a process of its own, the night with one worker, so that CPU seconds add up and the peak memory is
that of one worker. What was measured is kept in `results.jsonl` beside the shops. Two models: the shipped fit profile, and a fixed reference (300 trees x 63 leaves, 100
candidates a customer) against which everything but prediction must cost at most as much as `Booster.predict`
on the same rows.
"""

import argparse
import json
import math
import os
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

REFERENCE_TREES, REFERENCE_LEAVES = 300, 63
FIT_BUCKETS = 1
MEASURED = ("features", "candidates", "booster", "choose", "publish")


def main() -> None:
    """Measure one shop, or a generated shop at two sizes, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--folder", type=Path, default=Path("var/bench"), help="where shops and workspaces go"
    )
    parser.add_argument("--data", type=Path, help="a data folder to measure instead of generated shops")
    parser.add_argument("--as-of", default="2024-03-31")
    parser.add_argument("--customers", type=int, nargs="+", default=[50_000, 200_000])
    parser.add_argument("--products", type=int, default=20_000)
    parser.add_argument("--lines", type=int, default=155, help="purchase lines a customer, about")
    parser.add_argument(
        "--model", choices=["reference", "shipped"], nargs="+", default=["reference", "shipped"]
    )
    parser.add_argument("--step", choices=["load", "model", "night"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        print(json.dumps(_step(arguments)))
        return
    if arguments.data:
        _report(arguments.data.name, [_measure(arguments, arguments.data)])
        return
    from tests.benchmarks.big_shop import write_big_shop

    rows = []
    for customers in arguments.customers:
        shop = arguments.folder / f"shop-{customers}"
        if not (shop / "purchases.parquet").exists():
            write_big_shop(
                shop, customers=customers, products=arguments.products, lines_a_customer=arguments.lines
            )
        rows.append(_measure(arguments, shop))
    _report("generated shop", rows)


def _measure(arguments: argparse.Namespace, shop: Path) -> dict[str, Any]:
    workspace = arguments.folder / f"workspace-{shop.name}"
    if (workspace / "data" / "current").exists():
        shutil.rmtree(workspace)
    row: dict[str, Any] = {"shop": shop.name, "load": _run(arguments, shop, workspace, "load", "reference")}
    for model in arguments.model:
        fitted = _run(arguments, shop, workspace, "model", model)
        row[model] = fitted | _run(arguments, shop, workspace, "night", model)
    with (arguments.folder / "results.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    return row


def _run(arguments: argparse.Namespace, shop: Path, workspace: Path, step: str, model: str) -> dict[str, Any]:
    sys.stderr.write(f"{shop.name}: {step} ({model})\n")
    command = [sys.executable, "-m", "tests.benchmarks.night_cost", "--step", step, "--data", str(shop)]
    command += ["--folder", str(workspace), "--as-of", arguments.as_of, "--model", model]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _step(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.step == "load":
        from models.sources import load

        started, cpu = time.perf_counter(), time.process_time()
        summary = load(arguments.data, arguments.folder)
        about = {"customers": summary.customers, "lines": summary.lines}
        return about | _cost(started, cpu, {"load": time.process_time() - cpu})
    if arguments.step == "model":
        return _publish_model(arguments.folder, arguments.as_of, arguments.model[0])
    return _night(arguments.folder, arguments.as_of)


def _night(workspace: Path, as_of: str) -> dict[str, Any]:
    from engine.nightly.run import run
    from engine.programme import programme_text
    from engine.settings import store_url_in
    from engine.store import open_store
    from models.ground.moment import parse_moment
    from models.sources import open_data
    from tests.benchmarks.stages import StageClock

    moment = parse_moment(as_of, open_data(workspace).timezone)
    (workspace / "store.db").unlink(missing_ok=True)
    store = open_store(store_url_in(workspace))
    clock = StageClock()
    clock.install()
    started, cpu = time.perf_counter(), time.process_time()
    # as much money as every bundle could want, so that every customer is settled and published
    rules = programme_text().replace("amount_minor = 600_000", "amount_minor = 100_000_000_000")
    with clock.running("other"):
        result = run(
            workspace,
            moment,
            rules,
            store,
            now=datetime.now(UTC),
            jobs=1,
            progress=lambda *_: None,
            accepted=_all_checks(),
        )
    store.close()
    about = result.manifest["result"]
    return {
        "customers": about["customers"],
        "bundles": about["bundles"],
    } | _cost(started, cpu, clock.seconds)


def _all_checks() -> tuple[str, ...]:
    from engine.nightly.guard import CHECKS

    return tuple(CHECKS)


def _publish_model(workspace: Path, as_of: str, model: str) -> dict[str, Any]:
    """Fit on a few buckets (what is measured is the night) and make the version current."""
    from dataclasses import asdict

    import lightgbm as lgb

    from models.ground.moment import parse_moment
    from models.items.affinity import AffinityModel
    from models.items.candidates import CandidateLimits
    from models.items.probability_calibration import BetaCalibration
    from models.sources import open_data
    from models.versions import registry
    from training.fitting.examples import affinity_examples
    from training.fitting.fit import fit, survey
    from training.fitting.fit_profile import FitProfile

    data = open_data(workspace)
    data = replace(data, buckets=min(data.buckets, FIT_BUCKETS))
    moment = parse_moment(as_of, data.timezone)
    # the shipped parameters on fewer cuts: the model is as large as a real one, and what is measured is the night
    profile = replace(FitProfile(), affinity_cuts=3, churn_cuts=6)
    if model == "reference":
        profile = replace(
            profile,
            limits=CandidateLimits(
                own_history=60, family=25, family_items=8, popular=15, rising=3, launched=0
            ),
        )
    fitted = fit(data, moment, "product", profile, 2, lambda *_: None)
    affinity = fitted.affinity
    if model == "reference":
        ground = survey(data, moment, "product", replace(profile, affinity_cuts=2), 2)
        examples = affinity_examples(data, ground.shops_at(ground.affinity_cuts), profile, 2)
        booster = lgb.train(
            {"objective": "binary", "num_leaves": REFERENCE_LEAVES, "min_data_in_leaf": 20, "verbosity": -1},
            lgb.Dataset(examples.features.values, examples.happened),
            num_boost_round=REFERENCE_TREES,
        )
        affinity = AffinityModel(booster, BetaCalibration())
    versions = registry.registry_folder(workspace)
    version = registry.publish(
        versions, fitted.manifest, fitted.rhythm, affinity, fitted.churn, fitted.lifetime
    )
    registry.promote(versions, version)
    trees = affinity.booster.num_trees() if isinstance(affinity, AffinityModel) else 0
    return {"trees": trees, "limits": asdict(profile.limits)}


def _cost(started: float, cpu: float, seconds: dict[str, float]) -> dict[str, Any]:
    return {
        "wall": time.perf_counter() - started,
        "cpu": time.process_time() - cpu,
        "seconds": seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _report(name: str, rows: list[dict[str, Any]]) -> None:
    print(f"\n## {name}\n\n| shop | lines | customers | load CPU s | load peak MB |\n|---|---|---|---|---|")
    for row in rows:
        load = row["load"]
        print(
            f"| {row['shop']} | {load['lines']:,} | {load['customers']:,} | {load['cpu']:.1f} | {load['peak_mb']:,.0f} |"
        )
    for model in ("reference", "shipped"):
        measured = [row for row in rows if model in row]
        if not measured:
            continue
        print(f"\n### {model} model, one worker, CPU seconds\n")
        print(
            "| shop | scored | trees | features | candidates | Booster.predict | choose | publish | other | total | "
            "per 100,000 customers | customers/s | all but predict / predict | peak MB |\n"
            + "|---" * 14
            + "|"
        )
        for row in measured:
            print(_line(row["shop"], row[model]))
        if len(measured) > 1:
            first, last = measured[0][model], measured[-1][model]
            exponent = math.log(last["cpu"] / first["cpu"]) / math.log(last["customers"] / first["customers"])
            print(f"\nCost grows with customers to the power of {exponent:.3f}.")


def _line(shop: str, night: dict[str, Any]) -> str:
    seconds, customers = night["seconds"], night["customers"]
    ours = sum(seconds[stage] for stage in MEASURED if stage != "booster")
    cells = [
        shop,
        f"{customers:,}",
        str(night["trees"]),
        *(f"{seconds[stage]:.1f}" for stage in MEASURED),
        f"{seconds['other'] + seconds['predict']:.1f}",
        f"{night['cpu']:.1f}",
        f"{night['cpu'] / customers * 100_000:.0f}",
        f"{customers / night['wall']:.0f}",
        f"{ours / seconds['booster']:.2f}" if seconds["booster"] else "-",
        f"{night['peak_mb']:,.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
