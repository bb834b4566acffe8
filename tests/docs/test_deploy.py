"""The deployment examples parse, and the server's image has what the server needs."""

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
import tomllib
from datetime import date
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from typer.main import get_command

from engine.cli import app
from engine.serving.http import body_limit, connection_limits
from engine.settings import load_settings
from models.sources import load
from models.versions import registry
from tests.engine.serving.test_start import run_python
from tests.requirements import needed_by, plain
from tests.shop import write_shop
from training.cli import app as training_app

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"


def test_the_cron_line_has_five_fields_and_a_command_that_exists() -> None:
    lines = (DEPLOY / "crontab").read_text(encoding="utf-8").splitlines()
    jobs = [line for line in lines if line and not line.startswith("#") and not re.match(r"[A-Z]+=", line)]
    found = [re.fullmatch(r"(\d+) (\d+) (\S+) (\S+) (\S+) (/opt/abonement/(\S+))", job) for job in jobs]
    assert [bool(match) and (DEPLOY / match[7]).is_file() for match in found if match] == [True]
    assert len(jobs) == 1


def test_the_script_of_the_night_is_a_shell_script() -> None:
    shell = shutil.which("sh")
    assert shell is not None
    command = [shell, "-n", str(DEPLOY / "night.sh")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_option_in_the_script_exists() -> None:
    script = (DEPLOY / "night.sh").read_text(encoding="utf-8").replace("\\\n", " ")
    commands = get_command(app).commands  # type: ignore[attr-defined]  # typer types the group as a command
    calls = re.findall(r"abonement (load|nightly) (.*)", script)
    assert {command for command, _ in calls} == {"load", "nightly"}
    for command, rest in calls:
        known = {option for parameter in commands[command].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known, command


def test_the_units_start_the_shipped_script_every_night() -> None:
    service, timer = unit("abonement-night.service"), unit("abonement-night.timer")
    (script,) = re.findall(r"/opt/abonement/(\S+)", service["Service"]["ExecStart"])
    assert (DEPLOY / script).is_file()
    assert service["Service"]["Type"] == "oneshot"
    assert re.search(r"\d\d:\d\d", timer["Timer"]["OnCalendar"])
    assert timer["Install"]["WantedBy"] == "timers.target"


def test_the_unit_of_the_server_starts_it_with_settings_that_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = unit("abonement-serve.service")["Service"]
    assert re.fullmatch(r"/opt/abonement/bin/abonement (serve)", service["ExecStart"])
    for name, value in environment("abonement-serve.service").items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert (settings.host, settings.port, settings.clock, settings.demo) == (
        "127.0.0.1",
        8000,
        "system",
        False,
    )
    assert int(service["LimitNOFILE"]) >= 2 * connection_limits.MOST_CONNECTIONS
    assert service["RestartPreventExitStatus"] == "2"


def test_the_proxy_has_the_limits_of_the_server_and_leads_to_it() -> None:
    says = directives("nginx.conf")
    assert says["client_max_body_size"] == [str(body_limit.LARGEST_BODY_BYTES)]
    assert says["client_body_timeout"] == [f"{body_limit.SLOWEST_BODY_SECONDS:.0f}s"]
    assert says["client_header_timeout"] == [f"{connection_limits.SLOWEST_HEAD_SECONDS:.0f}s"]
    ((buffers, kilobytes),) = re.findall(r"(\d+) (\d+)k", says["large_client_header_buffers"][0])
    assert int(buffers) * int(kilobytes) * 1024 == connection_limits.LARGEST_HEAD_BYTES
    at = environment("abonement-serve.service")
    assert says["server"] == [f"{at['ABONEMENT_HOST']}:{at['ABONEMENT_PORT']}"]


def test_the_proxy_believes_no_address_that_a_client_gives_itself() -> None:
    says = directives("nginx.conf")
    assert [one for one in says["proxy_set_header"] if one.startswith("X-Forwarded-For")] == [
        "X-Forwarded-For $remote_addr"
    ]
    assert says["access_log"] == ["off"]


def directives(name: str) -> dict[str, list[str]]:
    """What a file for nginx says, by the directive; a line that is neither directive nor block is refused."""
    said: dict[str, list[str]] = {}
    depth = 0
    for line in (DEPLOY / name).read_text(encoding="utf-8").splitlines():
        text = line.split("#")[0].strip()
        inner = re.fullmatch(r"(?:location [^{]+\{ )?(\S+) ([^;{}]+);(?: \})?", text)
        if inner:
            said.setdefault(inner[1], []).append(inner[2])
        elif text:
            assert text == "}" or re.fullmatch(r"[^;{}]+ \{", text), line
            depth += 1 if text != "}" else -1
    assert depth == 0
    return said


def environment(name: str) -> dict[str, str]:
    """The settings that a unit hands to its process."""
    lines = (DEPLOY / name).read_text(encoding="utf-8").splitlines()
    return dict(re.findall(r"^Environment=(ABONEMENT_\w+)=(.*)$", "\n".join(lines), re.MULTILINE))


def unit(name: str) -> configparser.ConfigParser:
    """Read a systemd unit, which keeps the case of its keys; a broken line is refused, of a key given twice the last counts."""
    parser = configparser.ConfigParser(
        interpolation=None, delimiters=("=",), comment_prefixes=("#", ";"), strict=False
    )
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # the documented way to keep case
    parser.read_string((DEPLOY / name).read_text(encoding="utf-8"))
    return parser


def test_the_dag_compiles_and_tells_the_exit_codes_apart() -> None:
    text = (DEPLOY / "airflow_dag.py").read_text(encoding="utf-8")
    tree = compile(text, "airflow_dag.py", "exec", ast.PyCF_ONLY_AST)
    assert isinstance(tree, ast.Module)
    helper = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "_code_in")
    space: dict[str, object] = {}
    exec(compile(ast.Module([helper], []), "airflow_dag.py", "exec"), space)  # noqa: S102 - our own example
    code_in = space["_code_in"]
    assert callable(code_in)
    said = "Bash command failed. The command returned a non-zero exit code 3."
    assert (code_in(said), code_in("out of memory")) == (3, None)


def retraining() -> dict[str, str]:
    """The shell of each task of the retraining DAG, in their order; Airflow is not there, and not asked."""
    text = (DEPLOY / "retraining_dag.py").read_text(encoding="utf-8")
    tree = compile(text, "retraining_dag.py", "exec", ast.PyCF_ONLY_AST)
    assert isinstance(tree, ast.Module)
    space: dict[str, object] = {}
    plain = [node for node in tree.body if isinstance(node, ast.Assign)]
    exec(compile(ast.Module(plain, []), "retraining_dag.py", "exec"), space)  # noqa: S102 - our own example
    tasks = re.findall(r'task_id="(\w+)", bash_command=(\w+)', text)
    (order,) = re.findall(r"^ +(\w+ >> .*)$", text, re.MULTILINE)
    assert order.split(" >> ") == [task for task, _ in tasks]
    return {task: str(space[name]) for task, name in tasks}


def test_every_command_and_option_of_the_retraining_exists() -> None:
    commands = get_command(training_app).commands  # type: ignore[attr-defined]  # typer types the group as a command
    called = []
    for script in retraining().values():
        for command, rest in re.findall(r"abonement-train ([\w-]+) (.*)", script):
            known = {option for parameter in commands[command].params for option in parameter.opts}
            assert set(re.findall(r"--[a-z-]+", rest)) <= known, command
            called.append(command)
    assert called == ["fit", "evaluate", "promote", "note"]
    options = {option for parameter in commands["fit"].params for option in parameter.opts}
    assert set(re.findall(r"--[a-z-]+", retraining()["fit"])) <= options


@pytest.mark.long
def test_the_retraining_fits_judges_and_promotes(tmp_path: Path) -> None:
    write_shop(tmp_path / "shop", customers=12, products=30, days=80, seed=2, last_day=date(2024, 5, 1))
    workspace = tmp_path / "workspace"
    load(tmp_path / "shop", workspace)
    (workspace / "profile.toml").write_text("[churn_lightgbm]\nrounds = 20\n", encoding="utf-8")
    about = {"ABONEMENT_WORKSPACE": str(workspace), "ABONEMENT_AS_OF": "2024-05-01"}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ABONEMENT_")}
    path = {"PATH": f"{Path(sys.executable).parent}:{clean['PATH']}"}
    said = ""
    for script in retraining().values():
        done = subprocess.run(
            ["bash", "-c", script], env=clean | path | about, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        said += done.stdout
    folder = registry.registry_folder(workspace)
    (version,) = registry.versions(folder)
    assert registry.current_version(folder) == version
    assert registry.manifest_of(folder, version)["parameters"]["churn_lightgbm"]["rounds"] == 20
    assert (workspace / "retraining" / version / "evaluation.html").is_file()
    assert f"Noted about {version}: Retrained by Airflow as of 2024-05-01\n" in said


def test_both_images_run_without_root() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    stages = re.split(r"^FROM ", text, flags=re.MULTILINE)[1:]
    final = {stage.split()[2]: stage for stage in stages if stage.split()[2] in {"serve", "night"}}
    assert set(final) == {"serve", "night"}
    assert all("USER abonement" in stage for stage in final.values())
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / name).exists() for name in copied.split()), copied


def test_the_deployer_pins_the_base_of_every_image_by_one_argument() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^ARG PYTHON_IMAGE=\S+$", text[: text.index("\nFROM ")], re.MULTILINE)
    bases = set(re.findall(r"^FROM (\S+) AS", text, re.MULTILINE))
    assert bases == {"${PYTHON_IMAGE}", "base"}
    assert "PYTHON_IMAGE=python:3.11-slim@sha256:" in text


def test_images_install_nothing_from_elsewhere_without_its_hash() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    installs = re.findall(r"pip install ([^&\n]+)", text)
    assert len(installs) == 5
    for install in installs:
        assert "--require-hashes --requirement /tmp/" in install or "--no-deps /wheels/*.whl" in install, (
            install
        )


@pytest.mark.parametrize("name", ["serve-requirements", "build-requirements"])
def test_an_image_gets_the_releases_and_hashes_that_everybody_has(name: str) -> None:
    everybody, image = locked(ROOT / "requirements.lock"), locked(DEPLOY / f"{name}.lock")
    assert {release: everybody.get(release) for release in image} == image
    asked = [
        Requirement(line)
        for line in (DEPLOY / f"{name}.txt").read_text("utf-8").splitlines()
        if line[0] != "#"
    ]
    assert needed_by(asked) <= {plain(release.split("==")[0]) for release in image}
    assert "://" not in (DEPLOY / f"{name}.lock").read_text(encoding="utf-8")


def test_the_image_builds_the_package_with_what_pyproject_asks_for() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    lines = (DEPLOY / "build-requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == asked


def locked(file: Path) -> dict[str, list[str]]:
    """The hashes of each release in a lock file."""
    releases: dict[str, list[str]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if line and line[0] not in " #":
            hashes = releases.setdefault(line.split()[0], [])
        hashes += re.findall(r"--hash=(\S+)", line)
    return releases


def test_the_servers_image_installs_what_the_server_imports_and_little_else(tmp_path: Path) -> None:
    lines = (DEPLOY / "serve-requirements.txt").read_text(encoding="utf-8").splitlines()
    asked = [Requirement(line) for line in lines if line and not line.startswith("#")]
    installed = needed_by(asked)
    absent = sorted(
        name
        for name, owners in packages_distributions().items()
        if not {plain(owner) for owner in owners} & (installed | {"abonement"})
    )
    assert "pandas" in absent
    code = f"import sys; sys.modules |= dict.fromkeys({absent}); import serve; print(serve.app.title)"
    done = run_python(code, ABONEMENT_WORKSPACE=str(tmp_path), ABONEMENT_CLOCK="system")
    assert done.stdout == "Abonement\n", done.stderr
    assert not installed & {"numpy", "pandas", "lightgbm", "duckdb", "pyarrow", "matplotlib"}
