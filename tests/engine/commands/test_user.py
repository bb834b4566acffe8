import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli import app
from models.ground.errors import BadInput

PASSWORD = "correct horse battery"  # noqa: S105 - of a test


def run(*words: str | Path, typed: str | None = None) -> str:
    done = CliRunner().invoke(app, ["user", *map(str, words)], input=typed, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_first_user_is_made_before_the_first_night_with_a_password_from_standard_input(
    tmp_path: Path,
) -> None:
    said = run("add", "Anna", "--role", "admin", "--workspace", tmp_path, typed=f"{PASSWORD}\n")
    assert said == "Made user anna with the role admin.\n"
    assert run("list", "--workspace", tmp_path) == "anna  admin         may sign in\n"


def test_no_password_is_printed_for_machines_either(tmp_path: Path) -> None:
    run("add", "anna", "--role", "viewer", "--workspace", tmp_path, typed=f"{PASSWORD}\n")
    told = run("list", "--workspace", tmp_path, "--json")
    assert set(json.loads(told)["users"][0]) == {"user_id", "name", "role", "created_at", "disabled_at"}


def test_role_password_and_end_of_a_user_are_changed(tmp_path: Path) -> None:
    run("add", "anna", "--role", "viewer", "--workspace", tmp_path, typed=f"{PASSWORD}\n")
    run("role", "anna", "--role", "approver", "--workspace", tmp_path)
    run("password", "anna", "--workspace", tmp_path, typed=f"{PASSWORD} staple\n")
    run("disable", "anna", "--workspace", tmp_path)
    assert run("list", "--workspace", tmp_path) == "anna  approver      disabled\n"


def test_an_empty_standard_input_makes_nobody(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="The password has 0 characters, expected 12 to 256"):
        run("add", "anna", "--role", "admin", "--workspace", tmp_path, typed="")
    assert "There is no user yet" in run("list", "--workspace", tmp_path)
