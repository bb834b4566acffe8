"""The manners of our commands, `abonement` and `abonement-train`: one sentence on stderr and an exit code.

Imports only the standard library until a command runs; it lies in `models` because `engine` and `training` do
not import each other.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from models.ground.errors import AbonementError
from models.ground.exit_codes import BAD_INPUT, FAULT, INTERRUPTED, exit_code_of
from models.ground.progress import Progress, silent

if TYPE_CHECKING:
    from rich.progress import TaskID

_INTERRUPTED_SENTENCE = "Interrupted; what was finished before stays, nothing half-written is in use."


def run_command(command: Callable[[], object], refusals: tuple[type[Exception], ...] = ()) -> NoReturn:
    """Run a command line and leave the process with its exit code, see `models.ground.exit_codes`.

    Every error of ours is told in its sentence, and those of the roots `refusals`; so is an argument that is no text, where
    somebody needed its text. Anything else is a fault of ours and keeps its traceback.
    """
    told: tuple[type[BaseException], ...] = (AbonementError, *refusals, OSError, KeyboardInterrupt)
    wait_politely()
    keep_to_installed_modules()
    try:
        command()
    except SystemExit as leaving:  # typer has dealt with usage errors, and turned Ctrl-C into its own exit
        if leaving.code == INTERRUPTED:
            _leave(_INTERRUPTED_SENTENCE, INTERRUPTED)
        raise
    except UnicodeEncodeError as error:
        unreadable = [ascii(word) for word in sys.argv[1:] if _is_no_text(word)]
        if not unreadable:
            raise
        _leave(
            f"Expected arguments in UTF-8, got {', '.join(unreadable)}: {error.reason}. Write it anew.",
            BAD_INPUT,
        )
    except told as error:
        code = exit_code_of(error, refusals)
        if code == FAULT:
            raise
        _leave(_sentence(error), code)
    sys.exit(0)


def tell_version(asked: bool) -> None:
    """Print the installed version and leave, if asked to: what `--version` of a command calls."""
    if asked:
        from importlib.metadata import version

        sys.stdout.write(f"Abonement {version('abonement')}\n")
        sys.exit(0)


def wait_politely() -> None:
    """Let LightGBM's idle threads sleep instead of spinning; call it before LightGBM is imported.

    On two cores with one busy neighbour, a fit took 9 s with sleeping and 75 s with spinning threads; on idle
    cores there is no difference.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _is_no_text(word: str) -> bool:
    """True for bytes that Python could not read as UTF-8 and hands on as surrogates, which no database holds."""
    return any("\ud800" <= letter <= "\udfff" for letter in word)


def _sentence(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return _INTERRUPTED_SENTENCE
    if isinstance(error, OSError):
        where = f" {error.filename}" if error.filename else ""
        return f"Cannot write{where}: {os.strerror(error.errno or 0)}."
    return str(error)


def keep_to_installed_modules() -> None:
    """Let the processes that this one starts find no modules in the folder they are started in.

    A command's script does not look there; a worker, started with `python -m`, would, and take a joblib.py of somebody's
    analysis for the library.
    """
    os.environ.setdefault("PYTHONSAFEPATH", "1")


def _leave(sentence: str, exit_code: int) -> NoReturn:
    sys.stderr.write(sentence.rstrip() + "\n")
    sys.exit(exit_code)


def answer(sentence: str, facts: Mapping[str, Any], as_json: bool) -> None:
    """Print what a command did, for people or, with `--json`, for machines."""
    text = json.dumps(facts, indent=2, ensure_ascii=False, default=str) if as_json else sentence
    sys.stdout.write(text + "\n")


def number_of(count: int, what: str) -> str:
    """`1 line`, `2,000 lines`: for words that make their plural with an s."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


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
