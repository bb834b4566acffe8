"""A night's metrics as a Prometheus textfile, for the node exporter's textfile collector.

The file is replaced in one step. A night that fails keeps the last success of the file it replaces, so that an
alert on its age works; all other numbers are those of the last try.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile
from prometheus_client.parser import text_string_to_metric_families

from models.ground.model_age import model_age_days

PREFIX = "abonement_night_"
LAST_SUCCESS = f"{PREFIX}last_success_timestamp_seconds"


def write_metrics(
    path: Path,
    *,
    started: float,
    exit_code: int,
    stage_seconds: Mapping[str, float],
    about: Mapping[str, Any] | None,
) -> None:
    """Replace the textfile.

    Args:
        path: ends in `.prom`, where the collector looks for it.
        started: the night's `now`, seconds since 1970.
        exit_code: 0 published, 3 refused by the guard, else as the command's.
        stage_seconds: elapsed, by stage.
        about: the night's manifest or, where it was refused, `sight/night.json`; None if it got less far.
    """
    registry = CollectorRegistry()
    succeeded = started if exit_code == 0 else _last_success(path)
    if succeeded is not None:
        _gauge(registry, "last_success_timestamp_seconds", "When the last published night began", succeeded)
    _gauge(registry, "started_timestamp_seconds", "When the last night began", started)
    _gauge(registry, "exit_code", "0 published, 3 guard refused, 75 busy, see docs/operate.md", exit_code)
    stages = Gauge(f"{PREFIX}stage_seconds", "Elapsed by stage", ["stage"], registry=registry)
    for stage, seconds in stage_seconds.items():
        stages.labels(stage).set(round(seconds, 3))
    _gauge(registry, "seconds", "Elapsed", round(sum(stage_seconds.values()), 3))
    if about is not None:
        _night(registry, about)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(path), registry)


def _night(registry: CollectorRegistry, about: Mapping[str, Any]) -> None:
    result, measures, budget = about["result"], about["measures"], about["budget"]
    due = measures["due"]
    for name, meaning, value in (
        ("customers", "Customers seen", result["customers"]),
        ("bundles", "Bundles made", result["bundles"]),
        ("offers", "Offers made", result["offers"]),
        ("empty_share", "Of customers who should have a bundle", measures["empty"] / due if due else 0.0),
        ("mean_depth_bp", "Mean depth of the offers, basis points", result["mean_depth_bp"] or 0.0),
        (
            "expected_cost_minor",
            "Expected discount of the bundles, minor units",
            budget["planned_milli"] / 1000,
        ),
        ("allowance_minor", "What the night might plan, minor units", budget["allowance_milli"] / 1000),
    ):
        _gauge(registry, name, meaning, value)
    age = model_age_days(str(about.get("model")), datetime.fromisoformat(about["as_of"]).date())
    if age is not None:
        _gauge(registry, "model_age_days", "Days that the model in use has learnt nothing of", age)
    if "favourite" in about:  # refused nights of earlier releases had none
        _favourite(registry, about["favourite"])
    value = Gauge(f"{PREFIX}guard_value", "What the guard measured", ["check"], registry=registry)
    limit = Gauge(f"{PREFIX}guard_limit", "Its limits", ["check", "bound"], registry=registry)
    good = Gauge(
        f"{PREFIX}guard_ok", "1 within limits or nothing to judge, 0 not", ["check"], registry=registry
    )
    accepted = Gauge(f"{PREFIX}guard_accepted", "1 failed and accepted", ["check"], registry=registry)
    for name, check in about["guard"].items():
        good.labels(name).set(check["ok"])
        accepted.labels(name).set(check["accepted"])
        if check["value"] is not None:
            value.labels(name).set(check["value"])
        for bound, number in check["limit"].items():
            limit.labels(name, bound).set(number)


def _favourite(registry: CollectorRegistry, line: Mapping[str, Any]) -> None:
    for name, meaning, value in (
        ("favourite_customers", "Customers with a favourite product", line["customers"]),
        (
            "favourite_expected_cost_minor",
            "Expected discount of the period's favourites, minor units",
            line["planned_milli"] / 1000,
        ),
        ("favourite_allowance_minor", "What they may cost in the period, minor units", line["amount_minor"]),
        ("favourite_given_minor", "Discount given on favourites in the period so far", line["given_minor"]),
    ):
        _gauge(registry, name, meaning, value)


def _gauge(registry: CollectorRegistry, name: str, meaning: str, value: float) -> None:
    Gauge(PREFIX + name, meaning, registry=registry).set(value)


def _last_success(path: Path) -> float | None:
    try:
        families = list(text_string_to_metric_families(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):  # none yet, or not ours
        return None
    values = [sample.value for family in families for sample in family.samples if sample.name == LAST_SUCCESS]
    return values[0] if values else None
