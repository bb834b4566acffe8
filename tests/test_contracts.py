"""The import contracts guard what they say: a wrong import breaks one of them."""

import ast
import pkgutil
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("engine", "training", "models")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).parent / "lint-imports"
    return subprocess.run(
        [linter, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )


def test_the_tree_keeps_its_contracts(copy: Path) -> None:
    found = lint_imports(copy)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("engine/nightly/shelf/assortment.py", "engine.nightly.run"),
        ("engine/store/database/store.py", "engine.store.database.opening"),
        ("engine/serving/http/problems.py", "engine.serving.access.idempotent_writes"),
        ("models/sources/reading/data_folder.py", "models.sources.loading.load"),
        ("models/tables/column.py", "models.sources.reading.declaration"),
        ("training/fitting/labels.py", "training.fitting.fit"),
        ("engine/domain/money.py", "engine.programme.section"),
        ("engine/nightly/run.py", "engine.day.till.redeem"),
        ("engine/day/till/redeem.py", "engine.day.till.validate"),
        ("engine/serving/http/problems.py", "pandas"),
        ("engine/store/database/store.py", "models.tables"),
        ("engine/settings.py", "models.running.terminal"),
        ("engine/serving/feed/event_endpoints.py", "engine.store.log.events"),
        ("engine/serving/http/last_known.py", "engine.store"),
        ("engine/serving/http/problems.py", "models.pages.drawing"),
        ("engine/serving/http/problems.py", "models.scoring"),
        ("engine/domain/money.py", "models.pages.rendering"),
        ("models/pages/rendering.py", "matplotlib"),
    ],
)
def test_an_import_upwards_breaks_a_contract(copy: Path, importer: str, imported: str) -> None:
    file = copy / importer
    before = file.read_text(encoding="utf-8")
    file.write_text(f"{before}\nimport {imported}\n", encoding="utf-8")
    try:
        found = lint_imports(copy)
    finally:
        file.write_text(before, encoding="utf-8")
    assert found.returncode == 1, f"{importer} may import {imported}: no contract says otherwise"
    assert " 0 broken" not in found.stdout


def test_serving_is_forbidden_every_room_of_models_but_two() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (serving,) = (
        one for one in contracts["contracts"] if one["name"].startswith("serving starts in a moment")
    )
    forbidden = {name for name in serving["forbidden_modules"] if name.startswith("models.")}
    rooms = {f"models.{found.name}" for found in pkgutil.iter_modules([str(ROOT / "models")])}
    assert forbidden == rooms - {"models.ground", "models.pages"} | {"models.pages.drawing"}


def imported_by(file: Path) -> set[str]:
    """The top-level names that a module imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def foreign_imports(folder: Path, own: str) -> list[str]:
    """What a room imports beside the standard library and itself: `money.py: jwt`."""
    return sorted(
        f"{file.name}: {name}"
        for file in folder.rglob("*.py")
        for name in imported_by(file)
        if name.split(".")[0] not in sys.stdlib_module_names
        and name != own
        and not name.startswith(f"{own}.")
    )


@pytest.mark.parametrize("room", ["engine.domain", "models.ground"])
def test_domain_and_ground_import_the_standard_library_and_themselves(room: str) -> None:
    assert foreign_imports(ROOT / room.replace(".", "/"), room) == []


@pytest.mark.parametrize(
    ("room", "module", "library"),
    [
        *(("engine.domain", "money.py", name) for name in ("jwt", "limits", "httpx", "engine.store")),
        ("engine.domain", "money.py", "models.ground.errors"),
        *(("models.ground", "durable.py", name) for name in ("numpy", "rich", "models.tables")),
        ("models.ground", "durable.py", "engine.domain.money"),
    ],
)
def test_any_other_library_in_domain_and_ground_is_found(
    copy: Path, room: str, module: str, library: str
) -> None:
    folder = copy / room.replace(".", "/")
    before = (folder / module).read_text(encoding="utf-8")
    (folder / module).write_text(f"{before}\nfrom {library} import anything\n", encoding="utf-8")
    try:
        assert foreign_imports(folder, room) == [f"{module}: {library}"]
    finally:
        (folder / module).write_text(before, encoding="utf-8")
