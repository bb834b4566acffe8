"""What a command cost: its wall time, and the memory of its process and its workers at their peaks."""

import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass
class Cost:
    """Wall seconds, and the bytes of memory that this process and its workers held at their own peaks, added up."""

    wall_seconds: float = 0.0
    peak_bytes: int = 0

    def __str__(self) -> str:
        """For people."""
        return f"took {self.wall_seconds:,.0f} s and at most {self.peak_bytes / 2**30:.2f} GB"


@contextmanager
def measured() -> Iterator[Cost]:
    """Fill in the cost of what is done inside; workers that are still alive at the end are counted."""
    cost, began = Cost(), time.monotonic()
    yield cost
    cost.wall_seconds = time.monotonic() - began
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    cost.peak_bytes = own + sum(map(_peak_bytes, _descendants(os.getpid())))


def _descendants(process: int) -> list[int]:
    """Children and theirs; none where the system has no /proc to tell."""
    parents = {int(path.parent.name): _field(path, "PPid:") for path in _PROC.glob("[0-9]*/status")}
    found, last = [], {process}
    while last := {child for child, parent in parents.items() if parent in last}:
        found += sorted(last)
    return found


def _peak_bytes(process: int) -> int:
    return _field(_PROC / str(process) / "status", "VmHWM:") * 1024


def _field(status: Path, name: str) -> int:
    """A number in a process's status; 0 where the process has ended, or has no memory of its own."""
    try:
        lines = status.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)
