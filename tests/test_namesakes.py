"""Files that are called like our modules: the commands do not see them, and where they are in the way we say so."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from models.sources import load
from tests.shop import write_shop

BIN = Path(sys.executable).parent
IN_THE_WAY = "raise SystemExit('a file of the working folder was run')\n"
NAMESAKES = ("models", "engine", "training", "serve", "typer", "joblib", "numpy")


@pytest.fixture
def analysis(tmp_path: Path) -> Path:
    """A folder in which somebody has called their files like modules of ours and of libraries."""
    folder = tmp_path / "analysis"
    folder.mkdir()
    for name in NAMESAKES:
        (folder / f"{name}.py").write_text(IN_THE_WAY, encoding="utf-8")
    return folder


def run(folder: Path, *command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    # Commands called in this process have told the processes they start to keep to installed modules.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    return subprocess.run(
        command, cwd=folder, env=inherited | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "command", [("abonement", "serve"), ("abonement", "load"), ("abonement-train", "fit")]
)
def test_an_installed_command_looks_for_no_module_in_the_working_folder(
    analysis: Path, command: tuple[str, ...]
) -> None:
    done = run(analysis, str(BIN / command[0]), command[1], "--help")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.long
def test_nor_do_its_workers(analysis: Path) -> None:
    shop = analysis / "shop"
    write_shop(shop, customers=6, products=20, days=60, seed=2, last_day=date(2024, 5, 1))
    load(shop, analysis, buckets=2)
    fit = ("fit", "--workspace", str(analysis), "--as-of", "2024-04-20", "--jobs", "2")
    done = run(analysis, str(BIN / "abonement-train"), *fit)
    assert (done.returncode, done.stderr) == (0, "")
    assert "it is the current version" in done.stdout


@pytest.mark.parametrize("package", ["engine", "training"])
@pytest.mark.parametrize("namesake", ["models.py", "models/__init__.py"])
def test_a_file_called_models_is_named_where_it_is_in_the_way(
    tmp_path: Path, package: str, namesake: str
) -> None:
    file = tmp_path / namesake
    file.parent.mkdir(exist_ok=True)
    file.write_text(IN_THE_WAY, encoding="utf-8")
    done = run(tmp_path, sys.executable, "-c", f"import {package}")
    assert done.stderr.splitlines()[-1] == (
        f"ImportError: {file} is in the way of Abonement's package `models`: Python finds it first. Rename it, or start "
        "Python in another folder; nothing of it was run."
    )


def test_a_file_called_engine_is_named_where_the_simulator_would_take_it(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text(IN_THE_WAY, encoding="utf-8")
    done = run(tmp_path, sys.executable, "-c", "import training")
    assert f"{tmp_path / 'engine.py'} is in the way of Abonement's package `engine`" in done.stderr
