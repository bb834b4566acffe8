from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from engine.cli import app as operator
from engine.settings import load_settings
from training.cli import app as scientist

OF_NO_WORKSPACE = {
    "init",
    "demo-data",
    "calibrate",
    "simulate",
    "judge",
    "bundles",
    "novelties",
    "churn",
    "next-basket",
}


def commands(group: Any) -> Iterator[Any]:
    for one in group.commands.values():
        yield from commands(one) if hasattr(one, "commands") else [one]


@pytest.mark.parametrize("line", [operator, scientist], ids=["abonement", "abonement-train"])
def test_every_command_with_a_workspace_takes_it_from_the_environment(line: typer.Typer) -> None:
    found = {
        command.name: option.envvar
        for command in commands(typer.main.get_command(line))
        for option in command.params
        if option.name == "workspace"
    }
    assert set(found.values()) == {"ABONEMENT_WORKSPACE"}
    named = {command.name for command in commands(typer.main.get_command(line))}
    assert named - set(found) <= OF_NO_WORKSPACE


@pytest.mark.parametrize(("line", "command"), [(operator, "days"), (scientist, "versions")])
def test_the_option_goes_before_the_variable(line: typer.Typer, command: str) -> None:
    for arguments, name in (([], "of-the-environment"), (["--workspace", "of-the-option"], "of-the-option")):
        done = CliRunner().invoke(
            line, [command, *arguments], env={"ABONEMENT_WORKSPACE": "of-the-environment"}
        )
        assert name in str(done.exception)


def test_a_command_without_either_names_both() -> None:
    done = CliRunner().invoke(operator, ["days"], env={"ABONEMENT_WORKSPACE": ""})
    assert done.exit_code == 2
    assert "--workspace" in done.output
    assert "ABONEMENT_WORKSPACE" in done.output


def test_a_machine_whose_loads_know_their_data_may_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABONEMENT_WORKSPACE", "/srv/shop")
    monkeypatch.setenv("ABONEMENT_CLOCK", "system")
    monkeypatch.setenv("ABONEMENT_DATA", "/srv/deliveries")
    assert load_settings().clock == "system"
