"""The manners of our commands, `abonement` and `abonement-train`: one sentence on stderr and an exit code.

Imports only the standard library until a command runs; it lies in `models` because `engine` and `training` do
not import each other. Exit codes: 0 done, 2 bad input, 3 refused by the guard or as the worse model, 69 store
unreachable, 73 cannot write, 75 busy, 130 interrupted.
"""

import errno
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from rich.progress import TaskID

CANNOT_WRITE = 73
INTERRUPTED = 130
INTERRUPTED_SENTENCE = "Interrupted; what was finished before stays, nothing half-written is in use."
UNWRITABLE = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.EIO,
    errno.ENOTDIR,  # a file stands where a folder should be
    errno.EEXIST,
    errno.EISDIR,
}

Progress = Callable[[str, int, int], None]  # what is being done, steps done, steps in all


def silent(_what: str, _done: int, _total: int) -> None:
    """A progress that shows nothing, for what is a part of a longer stage."""


def run_command(command: Callable[[], object], sentences: tuple[type[Exception], ...]) -> NoReturn:
    """Run a command line and leave the process with its exit code.

    `sentences` are the roots of the error trees that a person reads as a sentence; each error names its
    `exit_code`. Anything else is a fault of ours and keeps its traceback.
    """
    wait_politely()
    try:
        command()
    except sentences as error:
        _leave(str(error), getattr(error, "exit_code", 2))
    except KeyboardInterrupt:
        _leave(INTERRUPTED_SENTENCE, INTERRUPTED)
    except SystemExit as leaving:  # typer has dealt with usage errors, and turned Ctrl-C into its own exit
        if leaving.code == INTERRUPTED:
            _leave(INTERRUPTED_SENTENCE, INTERRUPTED)
        raise
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        where = f" {error.filename}" if error.filename else ""
        _leave(f"Cannot write{where}: {os.strerror(error.errno)}.", CANNOT_WRITE)
    sys.exit(0)


def wait_politely() -> None:
    """Let LightGBM's idle threads sleep instead of spinning; call it before LightGBM is imported.

    On two cores with one busy neighbour, a fit took 9 s with sleeping and 75 s with spinning threads; on idle
    cores there is no difference.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _leave(sentence: str, exit_code: int) -> NoReturn:
    sys.stderr.write(sentence.rstrip() + "\n")
    sys.exit(exit_code)


def answer(sentence: str, facts: Mapping[str, Any], as_json: bool) -> None:
    """Print what a command did, for people or, with `--json`, for machines."""
    text = json.dumps(facts, indent=2, ensure_ascii=False, default=str) if as_json else sentence
    sys.stdout.write(text + "\n")


def exit_code_of(error: BaseException) -> int:
    """The exit code with which `run_command` leaves for an error; 1 for a fault of ours."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, OSError) and error.errno in UNWRITABLE:
        return CANNOT_WRITE
    return int(getattr(error, "exit_code", 1))


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A line for every stage on stderr, the present one with its time left; silent where that is no terminal."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar

    columns = (
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("took"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        lines: dict[str, TaskID] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in lines:
                for line in lines.values():
                    bar.update(line, total=bar.tasks[line].total or 1, completed=bar.tasks[line].total or 1)
                lines[what] = bar.add_task(what, total=total)
            bar.update(lines[what], completed=done, total=total)

        yield show
