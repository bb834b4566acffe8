"""Runs the real commands in processes of their own, and kills them at a chosen operation.

`python -m tests.journeys.killing` imports everything once and then forks a child for each line it reads: a command,
and the number of the operation at which the child kills itself with SIGKILL. Operations are those that leave traces:
renames, flushes, removals, new folders, every statement and commit of the store, every table written, every step of a
load and a fit. Each counts twice, before and after; a table that is being written when the kill comes is left torn.
"""

import json
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

NO_KILL = -1
_FILES = ("replace", "rename", "fsync", "unlink", "rmdir", "mkdir")
_STEPS = (
    ("models.sources.loading.load", ("number_products", "number_customers", "gather_lines", "write_bucket")),
    ("training.fitting.fit", ("survey", "learn_affinity", "learn_churn")),
    ("engine.nightly.bucket_work", ("score_bucket",)),
)


@dataclass
class Operations:
    """Counts operations, writes them down, and kills the process at one of them."""

    kill_at: int
    log: IO[str] | None
    count: int = 0

    def __post_init__(self) -> None:
        self.lock = threading.Lock()

    def passed(self, what: str, tear: Path | None = None) -> None:
        with self.lock:
            if self.count == self.kill_at:
                if tear is not None:
                    os.truncate(tear, tear.stat().st_size // 2)
                os.kill(os.getpid(), signal.SIGKILL)
            self.count += 1
            if self.log is not None:
                self.log.write(what + "\n")
                self.log.flush()

    def watched(self, what: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **named: Any) -> Any:
            detail = " ".join(_readable(argument) for argument in arguments[:2])
            self.passed(f"before {what} {detail}")
            result = function(*arguments, **named)
            self.passed(f"after {what} {detail}")
            return result

        return watched


def install(operations: Operations) -> None:
    """Watch what this process does from now on."""
    import importlib
    import sqlite3

    import pandas as pd

    for name in _FILES:
        setattr(os, name, operations.watched(name, getattr(os, name)))
    for module, names in _STEPS:
        for name in names:
            loaded = importlib.import_module(module)
            setattr(loaded, name, operations.watched(name, getattr(loaded, name)))
    write = pd.DataFrame.to_parquet

    def to_parquet(frame: pd.DataFrame, path: Path, **named: Any) -> None:
        operations.passed(f"before to_parquet {path}")
        write(frame, path, **named)
        operations.passed(f"after to_parquet {path}", tear=path)

    pd.DataFrame.to_parquet = to_parquet  # type: ignore[assignment, method-assign]

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, *arguments: Any) -> "Cursor":
            operations.passed(f"before sql {sql[:40]!r}")
            super().execute(sql, *arguments)
            operations.passed(f"after sql {sql[:40]!r}")
            return self

        def executemany(self, sql: str, *arguments: Any) -> "Cursor":
            operations.passed(f"before sql {sql[:40]!r}")
            super().executemany(sql, *arguments)
            operations.passed(f"after sql {sql[:40]!r}")
            return self

    class Connection(sqlite3.Connection):
        def cursor(self, *_: Any) -> Cursor:
            return super().cursor(Cursor)

        def commit(self) -> None:
            operations.passed("before commit")
            super().commit()
            operations.passed("after commit")

    connect = sqlite3.connect

    def watched_connect(*arguments: Any, **named: Any) -> sqlite3.Connection:
        return connect(*arguments, **named, factory=Connection)

    sqlite3.connect = sqlite3.dbapi2.connect = watched_connect  # type: ignore[assignment]


def _readable(argument: object) -> str:
    if isinstance(argument, int):
        try:
            return str(Path(f"/proc/self/fd/{argument}").readlink())
        except OSError:
            return "-"
    return str(argument) if isinstance(argument, (str, Path)) else "-"


def _become(command: list[str], kill_at: int, log: str, output: str, largest_file: int | None) -> None:
    os.setsid()
    sys.stdout = sys.stderr = Path(output).open("w", encoding="utf-8")  # noqa: SIM115 - the process ends with it
    if largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    install(Operations(kill_at, Path(log).open("w", encoding="utf-8") if log else None))  # noqa: SIM115
    from engine.cli import main as engine_main
    from training.cli import main as training_main

    sys.argv = command
    code = 1
    try:
        (engine_main if command[0] == "abonement" else training_main)()
    except SystemExit as leaving:
        code = int(leaving.code or 0)
    except BaseException:  # noqa: BLE001 - what a fault says belongs into the output
        import traceback

        traceback.print_exc()
    sys.stdout.flush()
    os._exit(code)


def _serve() -> None:
    import training.fitting.fit  # noqa: F401 - imported before forking, so that no child pays for it
    from engine.nightly.identity import code_identity

    code_identity()  # read once: somebody may be editing while the tests run
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(**json.loads(line))
        status = os.waitpid(child, 0)[1]
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    _serve()
