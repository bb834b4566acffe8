"""The process that forks real commands for tests, so that each costs a fraction of a second (`killing`)."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.journeys.killing import NO_KILL

ROOT = Path(__file__).parents[2]


@dataclass
class Zygote:
    """The process that forks the commands."""

    process: "subprocess.Popen[str]"
    output: Path

    def run(
        self, command: list[str], *, kill_at: int = NO_KILL, log: str = "", largest_file: int | None = None
    ) -> tuple[int, str]:
        """Run a command to its end, by itself or by SIGKILL; returns exit code and output.

        `largest_file` bounds how many bytes any file may have: what a full disk or quota is to a process, without
        needing a disk to fill.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        line = {
            "command": command,
            "kill_at": kill_at,
            "log": log,
            "output": str(self.output),
            "largest_file": largest_file,
        }
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline()), self.output.read_text(encoding="utf-8")

    def must(self, command: list[str], *, log: str = "") -> str:
        code, said = self.run(command, log=log)
        assert code == 0, said
        return said


@contextmanager
def zygote_in(folder: Path) -> Iterator[Zygote]:
    """Start one; what its commands say goes to a file in `folder`."""
    arguments = [sys.executable, "-m", "tests.journeys.killing"]
    with subprocess.Popen(
        arguments, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield Zygote(process, folder / "output.txt")
        assert process.stdin is not None
        process.stdin.close()
