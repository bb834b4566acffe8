"""What a policy remembers between nights, as a person can open it: plain JSON and arrays, known by a digest.

    memory/facts.json     the digest, and whatever is plain JSON
    memory/arrays.npz     arrays of numbers, truth values and text; nothing that a reader would have to execute

It is kept whole beside the week that it was learnt from, so a run that was stopped goes on with what was remembered
then, and a memory that somebody has changed since is told.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from models.ground.durable import readable_json, write_whole
from models.ground.errors import BadInput

_FACTS, _ARRAYS = "facts.json", "arrays.npz"
_PLAIN_KINDS = "biufUS"  # truth values, whole numbers, fractions, text, bytes


@dataclass(frozen=True)
class Memory:
    """Facts that are plain JSON, and named arrays.

    Raises:
        BadInput: a fact is no plain JSON (a number that is none included), or an array holds objects.

    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, array in self.arrays.items():
            if array.dtype.kind not in _PLAIN_KINDS:
                raise BadInput(
                    f"A policy's memory keeps arrays of numbers and text, and {name} holds {array.dtype}; make it one of these."
                )
        _canonical(self.facts)

    @property
    def digest(self) -> str:
        """SHA-256 of what is remembered, whatever order it is named in and however it is stored."""
        found = hashlib.sha256(_canonical(self.facts))
        for name, array in sorted(self.arrays.items()):
            found.update(_canonical([name, array.dtype.str, array.shape]))
            found.update(np.ascontiguousarray(array).tobytes())
        return found.hexdigest()

    def save(self, folder: Path) -> None:
        """Write it; the folder appears whole or not at all."""
        write_whole(folder, self.fill)

    def fill(self, folder: Path) -> None:
        """Write it into a new folder that is itself written whole."""
        folder.mkdir()
        content = {"digest": self.digest, "facts": self.facts}
        (folder / _FACTS).write_text(readable_json(content), encoding="utf-8")
        np.savez(folder / _ARRAYS, allow_pickle=False, **dict(self.arrays))

    @classmethod
    def load(cls, folder: Path, digest: str | None = None) -> "Memory":
        """Read what `save` wrote.

        Args:
            folder: where it lies.
            digest: what it has to be, where that was kept elsewhere too.

        Raises:
            BadInput: there is none, or it is not what was written.

        """
        try:
            content = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
            with np.load(folder / _ARRAYS, allow_pickle=False) as kept:
                found = cls(content["facts"], {name: kept[name] for name in kept.files})
            told = content["digest"]
        except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
            raise BadInput(
                f"Expected a policy's memory in {folder}: {error}. Remove the run it belongs to and simulate anew."
            ) from error
        for expected in (told, digest or told):
            if found.digest != expected:
                raise BadInput(
                    f"The policy's memory in {folder} is {found.digest[:12]} and was {expected[:12]} when it was written: it was "
                    "changed since. Put it back, or remove the run it belongs to and simulate anew."
                )
        return found


def _canonical(content: Any) -> bytes:
    try:
        return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise BadInput(
            f"A policy's memory keeps facts that are plain JSON ({error}); put numbers, text, lists and names into it."
        ) from error
