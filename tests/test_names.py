"""One name for one thing: no two modules and no two classes of the product are called alike."""

import ast
import pkgutil
from collections import defaultdict
from pathlib import Path

import pytest

from tests.benchmarks.stages import STAGES

ROOT = Path(__file__).parents[1]
PACKAGES = ("engine", "training", "models")
# A command's module is called as it is typed, like the use case that it calls; the shapes of answers are called like
# what they show, because their names are public in the OpenAPI description.
COMMANDS = {"engine/commands", "training/commands", "engine", "training"}
SHAPES = {
    "engine/serving/http/answer_shapes.py",
    "engine/serving/feed/customer_data_endpoints.py",
    "engine/serving/feed/event_endpoints.py",
}


def modules() -> list[Path]:
    """Every module that is no package's opening and no migration."""
    return [
        path.relative_to(ROOT)
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.name != "__init__.py" and "migrations" not in path.parts
    ]


def alike(named: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: places for name, places in named.items() if len(places) > 1}


def test_no_two_modules_have_the_same_name() -> None:
    named: dict[str, list[str]] = defaultdict(list)
    for path in modules():
        if path.parent.as_posix() not in COMMANDS:
            named[path.stem].append(path.as_posix())
    assert alike(named) == {}


def test_no_two_classes_have_the_same_name() -> None:
    named: dict[str, list[str]] = defaultdict(list)
    for path in modules():
        if path.as_posix() in SHAPES:
            continue
        for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                named[node.name].append(path.as_posix())
    assert alike(named) == {}


@pytest.mark.parametrize("named", [name for names in STAGES.values() for name in names])
def test_whatever_a_benchmark_times_by_name_exists(named: str) -> None:
    assert callable(pkgutil.resolve_name(named))
