"""The deployment examples parse, and the server's image has what the server needs."""

import ast
import configparser
import re
import shutil
import subprocess
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from typer.main import get_command

from engine.cli import app
from tests.engine.serving.test_start import run_python
from tests.requirements import needed_by, plain

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


def unit(name: str) -> configparser.ConfigParser:
    """Read a systemd unit, which keeps the case of its keys; a broken line or a key given twice is refused."""
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#", ";"))
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


def test_both_images_run_without_root() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    stages = re.split(r"^FROM ", text, flags=re.MULTILINE)[1:]
    final = {stage.split()[2]: stage for stage in stages if stage.split()[2] in {"serve", "night"}}
    assert set(final) == {"serve", "night"}
    assert all("USER abonement" in stage for stage in final.values())
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / name).exists() for name in copied.split()), copied


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
