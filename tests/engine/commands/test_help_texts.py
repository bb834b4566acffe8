"""What `--help` prints is what the code says: square brackets in a help text are markup that the terminal swallows."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from engine.cli import app as engine_app
from training.cli import app as training_app

_APPS = {"abonement": engine_app, "abonement-train": training_app}


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    yield name, command
    for one, below in getattr(command, "commands", {}).items():
        yield from _commands(below, f"{name} {one}")


@pytest.mark.parametrize("name", ["abonement", "abonement-train"])
def test_no_help_text_loses_a_word_in_square_brackets(name: str) -> None:
    swallowed = [
        (place, text)
        for place, command in _commands(get_command(_APPS[name]), name)
        for text in (command.help, *(getattr(one, "help", None) for one in command.params))
        if re.search(r"(?<!\\)\[/?[a-z_]", text or "")
    ]
    assert swallowed == []
