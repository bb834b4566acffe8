"""`abonement serve`, as an operator types it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ABONEMENT = Path(sys.executable).parent / "abonement"
SERVE = (ABONEMENT, "serve")


def environment(**settings: str) -> dict[str, str]:
    """This process's, with these settings of Abonement and no others."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ABONEMENT_")} | settings


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def live(command: tuple[object, ...], port: int, cwd: Path, **settings: str) -> int:
    """Start a server, ask it once whether it lives, and end it."""
    with subprocess.Popen(
        [*map(str, command)], cwd=cwd, env=environment(**settings), stderr=subprocess.PIPE
    ) as server:
        try:
            return status_of(f"http://127.0.0.1:{port}/health/live", server)
        finally:
            server.terminate()


def status_of(url: str, server: "subprocess.Popen[bytes]") -> int:
    while server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own server
                return int(answer.status)
        except OSError:
            time.sleep(0.05)
    assert server.stderr is not None
    pytest.fail(server.stderr.read().decode())


def refusal(*options: str, **settings: str) -> tuple[int, str]:
    done = subprocess.run(
        [*SERVE, *options], env=environment(**settings), capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


def test_options_say_where_and_what_to_serve(tmp_path: Path) -> None:
    port = free_port()
    options = ("--workspace", tmp_path, "--clock", "system", "--host", "127.0.0.1", "--port", port)
    assert live((*SERVE, *options), port, tmp_path) == 200


def test_the_environment_says_what_no_option_does(tmp_path: Path) -> None:
    port = free_port()
    settings = {"ABONEMENT_WORKSPACE": str(tmp_path), "ABONEMENT_CLOCK": "system", "ABONEMENT_PORT": "1"}
    assert live((*SERVE, "--port", port), port, tmp_path, **settings) == 200


def test_a_missing_setting_is_one_sentence_and_code_2(tmp_path: Path) -> None:
    sentence = "ABONEMENT_CLOCK is not set; set it, for example system or fixed:2017-12-04T09:00:00Z.\n"
    assert refusal("--workspace", str(tmp_path)) == (2, sentence)


def test_an_unknown_setting_is_refused_as_by_serve_py(tmp_path: Path) -> None:
    code, sentence = refusal("--workspace", str(tmp_path), "--clock", "system", ABONEMENT_CLOK="x")
    assert code == 2
    assert sentence.startswith("The environment sets ABONEMENT_CLOK, which is no setting of this version; ")


def test_the_command_serves_without_the_libraries_of_the_night(tmp_path: Path) -> None:
    code = (
        "import sys; from engine.cli import app; from engine.serving.app import app_from_environment;"
        f"app_from_environment({{'workspace': {str(tmp_path)!r}, 'clock': 'system'}});"
        "print({'numpy', 'pandas', 'duckdb', 'lightgbm'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
