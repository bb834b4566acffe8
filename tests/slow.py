"""What makes a test slow: `make quick` leaves out whatever loads a shop, fits a model, runs a night,
draws a page, or starts a process.

A test is found to be slow by what its module imports and by the fixtures it asks for, so that a new one need not be
marked. What this cannot see (patience, many examples) is marked by hand: `pytestmark = pytest.mark.slow`.
"""

from types import ModuleType

import pytest

FOLDERS = (
    "tests/docs/",
    "tests/engine/commands/",
    "tests/engine/serving/",
    "tests/foreign_shops/",
    "tests/golden/",
    "tests/journeys/",
    "tests/laws/",
    "tests/models/sources/loading/",
    "tests/training/bench/",
    "tests/training/evaluation/",
    "tests/training/simulator/",
)
# Modules whose functions take their time; whoever imports one of them, or anything defined there, calls it.
SOURCES = (
    "subprocess",
    "engine.cli",
    "engine.nightly.run",
    "engine.nightly.verify",
    "lightgbm",
    "models.running.cluster",
    "models.sources.loading.load",
    "tests.engine.nightly.shop_nights",
    "tests.golden",
    "tests.journeys",
    "training.bench",
    "training.cli",
    "training.evaluation.evaluate",
    "training.fitting.affinity_fit",
    "training.fitting.boosting",
    "training.fitting.churn_fit",
    "training.fitting.fit",
    "training.fitting.lifetime_fit",
    "training.simulator.calibration.calibrate",
    "training.simulator.calibration.calibration_page",
    "training.simulator.loop.weeks",
    "training.simulator.oracle",
    "training.simulator.scores.ranking_page",
)
FIXTURES = {"grocer", "grocer_data", "opened_shop", "shop_after_a_night"}


def mark_slow(items: list[pytest.Item]) -> None:
    """Mark what is slow among the collected tests."""
    modules: dict[ModuleType, bool] = {}
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        if item.module not in modules:
            modules[item.module] = any(_takes_time(value) for value in vars(item.module).values())
        if (
            item.nodeid.startswith(FOLDERS)
            or modules[item.module]
            or not FIXTURES.isdisjoint(item.fixturenames)
            or _asks_for_a_server(item)
        ):
            item.add_marker(pytest.mark.slow)


def _takes_time(value: object) -> bool:
    origin = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    return isinstance(origin, str) and any(
        origin == source or origin.startswith(f"{source}.") for source in SOURCES
    )


def _asks_for_a_server(item: pytest.Function) -> bool:
    callspec = getattr(item, "callspec", None)
    return callspec is not None and any(
        isinstance(v, str) and v == "postgresql" for v in callspec.params.values()
    )
