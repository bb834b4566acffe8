"""Files and folders that appear whole or not at all, after a kill and after a power cut.

Something new is written beside its place under a hidden name, flushed, renamed, and the folder that holds it is
flushed too; something old is renamed away before it is removed. So a path either holds all of a thing or does
not exist. What a killed process leaves under a hidden name is removed by `sweep`.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from models.ground.errors import CannotWrite

_INCOMING = "incoming-"
_GONE = "gone-"


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    write_whole(path, lambda incoming: incoming.write_text(text, encoding="utf-8"))


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a file or folder under the hidden name it is given, then move that into place.

    The hidden name carries the process, so that a worker which outlives its night does not write into the file
    of the next one.

    Raises:
        CannotWrite: what stands there is neither a file nor a folder.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):  # to replace a device is to break the machine
        raise CannotWrite(f"{path} is a device, a pipe or a socket; name a file.")
    path.parent.mkdir(parents=True, exist_ok=True)
    incoming = path.with_name(f".{path.name}.{_INCOMING}{os.getpid()}")
    remove(incoming)
    try:
        write(incoming)
        move_into_place(incoming, path)
    except BaseException:
        remove(incoming)
        raise


def move_into_place(incoming: Path, path: Path) -> None:
    """Flush a finished file or folder and give it its name; a file that stood there is replaced in one step."""
    if incoming.is_dir():
        for inside in incoming.rglob("*"):
            flush(inside)
        discard(path)
    flush(incoming)
    incoming.replace(path)
    flush(path.parent)


def discard(path: Path) -> None:
    """Remove a file or folder so that it is never seen half-removed; nothing happens where there is none."""
    gone = path.with_name(f".{path.name}.{_GONE}{os.getpid()}")
    if not path.exists():
        return
    remove(gone)
    path.rename(gone)
    flush(path.parent)
    remove(gone)


def sweep(folder: Path, *, inside: bool = True) -> None:
    """Remove what killed processes left in a folder under hidden names, at any depth or only at the top."""
    for pattern in (f".*.{_INCOMING}*", f".*.{_GONE}*"):
        found = folder.rglob(pattern) if inside else folder.glob(pattern)
        for left_over in list(found):
            remove(left_over)


def remove(path: Path) -> None:
    """Remove a file, or a folder with everything in it, or nothing."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Have a file's content, or a folder's list of names, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def readable_json(content: Any) -> str:
    """JSON that a person reads and a program compares: indented, keys sorted, a line break at the end."""
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
