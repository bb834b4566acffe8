"""A night's identity names all code that computes nights: none may change and leave it as it was."""

import ast
import os
import re
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import engine
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.identity import COVERED, code_identity
from engine.nightly.run_differences import NotReproduced
from engine.nightly.verify import Proof, verify
from engine.settings import store_url_in
from engine.store import open_store
from models.ground.code import code_digest, folder_digest
from tests.engine.nightly.shop_nights import FIRST_NIGHT, night, silent, stop_at

ROOT = Path(engine.__file__).parents[1]
RUN = f"{FIRST_NIGHT}.1"


def covered(module: str) -> bool:
    return any(f"{module}.".startswith(f"{package}.") for package in COVERED)


def test_editing_a_file_of_any_covered_package_changes_the_identity(tmp_path: Path) -> None:
    names = ("models", "engine")
    for name in names:
        shutil.copytree(ROOT / name, tmp_path / name)
    folders = {package: tmp_path / package.replace(".", "/") for package in COVERED}
    before = folder_digest(folders)
    assert code_identity().endswith(before[:12])
    assert before == code_digest(*COVERED)
    for name in (
        "models/scoring.py",
        "models/features/bucket_history.py",
        "engine/domain/money.py",
        "engine/programme/programme.py",
        "engine/store/nights/bundle_records.py",
        "engine/wording/churn_sentences.py",
        "engine/nightly/choosing/policy.py",
        "engine/nightly/guard/offer_checks.py",
        "engine/wording/languages/en.toml",
    ):
        with (tmp_path / name).open("a") as file:
            file.write("# edited\n")
        after = folder_digest(folders)
        assert after != before, name
        before = after


def test_every_module_that_a_night_loads_is_covered() -> None:
    asked = "import sys, engine.nightly.run; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", asked], check=True, capture_output=True, text=True, cwd=ROOT
    )
    ours = {name for name in loaded.stdout.split() if name.split(".")[0] in {"engine", "models", "training"}}
    assert len(ours) > 100
    assert [name for name in sorted(ours) if not covered(name)] == ["engine"]
    opening = ast.walk(ast.parse((ROOT / "engine/__init__.py").read_text(encoding="utf-8")))
    imported = {one.module for one in opening if isinstance(one, ast.ImportFrom)}
    assert imported == {"importlib.util", "pathlib"}, (
        "engine/__init__.py is not covered: nothing of a night goes there"
    )


def test_what_covered_code_imports_later_is_covered_too() -> None:
    for package in COVERED:
        for file in (ROOT / package.replace(".", "/")).rglob("*.py"):
            for one in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                names = [one.module or ""] if isinstance(one, ast.ImportFrom) else []
                names += [alias.name for alias in one.names] if isinstance(one, ast.Import) else []
                for name in names:
                    if name.split(".")[0] in {"engine", "models", "training"}:
                        assert covered(name), f"{file} imports {name}"


@pytest.fixture(scope="module")
def interrupted(opened_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = Path(shutil.copytree(opened_shop, tmp_path_factory.mktemp("interrupted") / "workspace"))
    with pytest.raises(KeyboardInterrupt):
        night(workspace, FIRST_NIGHT, progress=stop_at("settling"))
    return workspace


@pytest.fixture
def planned(interrupted: Path, tmp_path: Path) -> Path:
    """A workspace whose night was interrupted after all buckets were planned."""
    return Path(shutil.copytree(interrupted, tmp_path / "workspace"))


def run_by_other_code(folder: Path, workspace: Path, file: str, old: str, new: str) -> None:
    """Start the night again from a copy of the code in which one file reads otherwise."""
    for name in ("models", "engine"):
        shutil.copytree(ROOT / name, folder / name)
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    command = ("nightly", "--workspace", str(workspace), "--as-of", FIRST_NIGHT, "--jobs", "1")
    subprocess.run(
        [sys.executable, "-c", "from engine.cli import main; main()", *command],
        check=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
    )


def proof(workspace: Path) -> Proof:
    with closing(open_store(store_url_in(workspace))) as store:
        return verify(workspace, RUN, store, jobs=1, progress=silent)


def test_a_night_that_is_resumed_by_the_same_code_takes_its_plans_over(planned: Path) -> None:
    assert night(planned, FIRST_NIGHT).resumed_buckets == 2


@pytest.mark.long
def test_a_night_that_is_resumed_by_other_code_plans_again_and_verify_names_the_code(
    planned: Path, tmp_path: Path
) -> None:
    before = RunFolder.of(planned, RUN).request()["code"]
    run_by_other_code(
        tmp_path / "other",
        planned,
        "engine/programme/bundle_sections.py",
        "self.default\n",
        "self.default - 1_500\n",
    )
    made_by = RunFolder.of(planned, RUN).manifest()["code"]
    assert made_by != before == code_identity()
    with pytest.raises(NotReproduced) as told:
        proof(planned)
    assert re.search(
        rf"Run {RUN} is not reproduced: .*slots/bucket=0000.parquet (differs in|has) .*"
        rf"The run was made by code {re.escape(made_by)}, this is {re.escape(before)}\.$",
        str(told.value),
    )


@pytest.mark.long
def test_code_is_named_where_only_what_the_customer_reads_differs(planned: Path, tmp_path: Path) -> None:
    run_by_other_code(
        tmp_path / "other", planned, "engine/domain/customer_view.py", '"slots_total":', '"slots_altogether":'
    )
    with pytest.raises(NotReproduced, match=r"reads otherwise in the store\. The run was made by code "):
        proof(planned)
