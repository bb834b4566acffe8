"""The README is short, its commands run, its figures are those of the pages that it points to."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from engine.cli import app as engine_app
from tests.docs.test_pages import PAGES, name_of, text_of
from training.cli import app as training_app

ROOT = Path(__file__).parents[2]
README = text_of(ROOT / "README.md")
APPS = {"abonement": engine_app, "abonement-train": training_app}
BLOCK = re.compile(r"```(?:console|sh)?\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"^(?:\$ )?(abonement(?:-train)? .+?)(?: \||$)", re.MULTILINE)


def test_the_readme_fits_on_two_screens() -> None:
    assert len(README.splitlines()) <= 110


def test_the_commands_for_a_shop_of_ones_own_run_as_they_stand(tmp_path: Path) -> None:
    section = README.partition("## Your own shop")[2].partition("\n## ")[0]
    commands = COMMAND.findall(section)
    assert len(commands) == 5
    for command in commands:
        program, *arguments = shlex.split(command.replace("WORKSPACE", str(tmp_path / "workspace")))
        arguments = [str(ROOT / word) if word.startswith("examples/") else word for word in arguments]
        done = CliRunner().invoke(APPS[program], arguments)
        assert done.exit_code == 0, (command, done.output)
    exported = (tmp_path / "workspace" / "offers.csv").read_text(encoding="utf-8").splitlines()
    assert len(exported) == 1 + 5 * 6  # a head, and six offers for each of five customers


def test_what_the_readme_shows_of_the_demo_is_what_the_demos_page_shows() -> None:
    section = README.partition("## Two commands")[2].partition("\n## ")[0]
    (shown,) = BLOCK.findall(section)
    printed = text_of(ROOT / "docs" / "demo.md").splitlines()
    assert [line for line in shown.splitlines() if line not in printed] == []


@pytest.mark.parametrize(
    ("page", "figures"),
    [
        ("simulator.md", ["-0.92 [-1.13, -0.70]", "85 %"]),
        ("figures.md", [".703 (.688 to .720)", ".020", ".0115", "6.5 % [3.3, 9.8]"]),
        ("proofs.md", ["200", "103", "32"]),
        ("cost.md", ["363", "626"]),
    ],
)
def test_the_readmes_figures_stand_on_the_page_that_measured_them(page: str, figures: list[str]) -> None:
    said = README.replace("\N{MINUS SIGN}", "-")
    measured = text_of(ROOT / "docs" / page).replace("\N{MINUS SIGN}", "-").replace("*", "")
    assert [one for one in figures if one not in said] == []
    assert [one for one in figures if one not in measured] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_and_option_in_a_block_exists(page: Path) -> None:
    wrong = [
        (command, problem)
        for block in BLOCK.findall(text_of(page))
        for command in COMMAND.findall(block.replace("\\\n", " "))
        if (problem := what_is_wrong_with(command))
    ]
    assert wrong == []


def what_is_wrong_with(command: str) -> str | None:
    """The first word of a command line that its program does not know."""
    program, *words = command.split()
    place: Any = get_command(APPS[program])
    while words and hasattr(place, "commands"):
        name, *words = words
        if name not in place.commands and not name.startswith("-"):
            return name
        place = place.commands.get(name)
    if place is None:
        return None
    known = {option for parameter in place.params for option in parameter.opts} | {"--help"}
    return next(
        (word for word in words if re.match(r"--[a-z]", word) and word.split("=")[0] not in known), None
    )


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    named = {target for page in PAGES for target in re.findall(r"`make ([a-z-]+)`", text_of(page))}
    assert named - targets == set()
