from importlib.metadata import version

import pytest
import typer
from typer.testing import CliRunner

import engine.cli
import training.cli


@pytest.mark.parametrize("app", [engine.cli.app, training.cli.app], ids=["abonement", "abonement-train"])
def test_each_command_tells_its_version_and_leaves(app: typer.Typer) -> None:
    said = CliRunner().invoke(app, ["--version"])
    assert (said.exit_code, said.stdout) == (0, f"Abonement {version('abonement')}\n")
