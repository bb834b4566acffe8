"""The wheel, installed with what it declares and nothing else, tried outside the checkout: `make wheel`."""

import os
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from email.parser import Parser
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.engine.commands.test_serve import free_port, live
from tests.requirements import needed_by, plain

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.wheel


@dataclass(frozen=True)
class Installed:
    """A wheel, the scripts of the environment that it was installed into, and an empty folder to work in."""

    wheel: Path
    bin: Path
    empty: Path

    def run(self, *command: str) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        return subprocess.run(
            [self.bin / command[0], *command[1:]],
            cwd=self.empty,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("elsewhere")
    locked = folder / "requirements.txt"
    locked.write_text(_locked(needed_by(_declared(wheel))), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True, capture_output=True)
    found = Installed(wheel, folder / "venv" / "bin", folder / "empty")
    found.empty.mkdir()
    pip = ("python", "-m", "pip", "install", "--quiet", "--no-deps")
    found.run(*pip, "--require-hashes", "--requirement", str(locked))
    found.run(*pip, str(wheel))
    return found


def _declared(wheel: Path) -> list[Requirement]:
    """What a wheel says it needs, without extras."""
    with zipfile.ZipFile(wheel) as files:
        (name,) = (name for name in files.namelist() if name.endswith(".dist-info/METADATA"))
        needs = Parser().parsestr(files.read(name).decode("utf-8")).get_all("Requires-Dist", [])
    return [need for need in map(Requirement, needs) if need.marker is None or need.marker.evaluate()]


def _locked(names: set[str]) -> str:
    """The entries of the lock for these distributions, with their hashes."""
    entries = re.split(
        r"^(?=[^\s#])", (ROOT / "requirements.lock").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    return "".join(entry for entry in entries if plain(re.split(r"==", entry)[0]) in names)


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    command = ["git", "ls-files", "engine", "training", "models", "serve.py"]
    ours = set(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split())
    assert {Path(name).suffix for name in ours} >= {".py", ".sql", ".toml", ".html", ".css", ".typed"}
    with zipfile.ZipFile(wheel) as files:
        theirs = {name for name in files.namelist() if ".dist-info/" not in name}
    assert theirs == ours


def test_the_declared_dependencies_suffice(installed: Installed) -> None:
    assert installed.run("python", "-m", "pip", "check") == "No broken requirements found.\n"


@pytest.mark.parametrize("command", ["abonement", "abonement-train"])
def test_both_commands_tell_their_version_and_their_help(installed: Installed, command: str) -> None:
    assert installed.run(command, "--version") == f"Abonement {version('abonement')}\n"
    assert f"Usage: {command} [OPTIONS] COMMAND" in installed.run(command, "--help")


def test_every_module_can_be_imported(installed: Installed) -> None:
    code = (
        "import importlib, pkgutil, engine, training, models\n"
        "for package in (engine, training, models):\n"
        "    for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        if not module.name.endswith('migrations.env'): importlib.import_module(module.name)\n"
        "print(engine.__file__)"
    )
    assert installed.run("python", "-P", "-c", code).startswith(str(installed.bin.parent))


@pytest.mark.parametrize("server", [("abonement", "serve"), ("python", "-m", "serve")])
def test_a_server_started_from_settings_lives(installed: Installed, server: tuple[str, ...]) -> None:
    port = free_port()
    command = (installed.bin / server[0], *server[1:])
    settings = {"ABONEMENT_WORKSPACE": str(installed.empty), "ABONEMENT_CLOCK": "system"}
    assert live(command, port, installed.empty, ABONEMENT_PORT=str(port), **settings) == 200
