"""A command of `abonement` in a process of its own, as an operator would run it, on the console's workspace and store."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from engine.console.frame.visit import Console
from models.ground.errors import BadInput, Busy

_RUN = "from engine.cli import main; main()"
_BUSY = 75
# Somebody waits for the page: what takes longer is not asked for this way.
_PATIENCE_SECONDS = 120.0


def answer_of(here: Console, words: Sequence[str]) -> dict[str, Any]:
    """Run a command with `--json` and return what it answers.

    Raises:
        BadInput, Busy: the command was refused; the sentence is its own.

    """
    done = subprocess.run(  # noqa: S603 - our own command; what people typed is an argument of it, never a shell's
        line_of(here, [*words, "--json"]),
        env=environment_of(here),
        capture_output=True,
        text=True,
        timeout=_PATIENCE_SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        sentence = (
            done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit code {done.returncode}"
        )
        raise (Busy if done.returncode == _BUSY else BadInput)(sentence)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def line_of(here: Console, words: Sequence[str]) -> list[str]:
    """A command on the console's workspace; BadInput on a server without the libraries of the night."""
    if find_spec("pandas") is None:
        raise BadInput(
            f"This server is without what nights need; run `abonement {' '.join(words)}` on the machine that runs the nights."
        )
    return [sys.executable, "-c", _RUN, *words, f"--workspace={here.settings.workspace.absolute()}"]


def environment_of(here: Console) -> dict[str, str]:
    """What a command needs to know beside its words; a store's address may hold a password, which no list of processes shows here."""
    return os.environ | {"ABONEMENT_STORE_URL": here.settings.store, "ABONEMENT_CLOCK": here.settings.clock}
