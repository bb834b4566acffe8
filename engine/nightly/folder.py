"""The run folder: everything one night read, decided and wrote, so that it can resume, be checked and be read.

runs/RUN_ID/
  request.json            what the night was asked to do and from which data, model, programme and code
  programme.toml          the rules, as they stood
  snapshot/               what it read of the store: committed.json, open/bucket=NNNN.parquet
  items.parquet           the shop's items just before `as_of`, price and statistics
  plan/bucket=NNNN/       first pass, one folder a bucket
  slots/, outcomes/       second pass, bucket=NNNN.parquet: SLOT_LOG and OUTCOMES of `models.tables`
  manifest.json           written last: counts, money and the SHA-256 of every file above
"""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from engine.domain.errors import BadRequest


@dataclass(frozen=True)
class RunFolder:
    """Paths and whole-or-nothing writes of one run."""

    path: Path

    @classmethod
    def of(cls, workspace: Path, run_id: str) -> "RunFolder":
        """The folder of a run, existing or not."""
        return cls(workspace / "runs" / run_id)

    @property
    def run_id(self) -> str:
        """The run's name."""
        return self.path.name

    @property
    def items(self) -> Path:
        """The shop's items."""
        return self.path / "items.parquet"

    @property
    def programme(self) -> Path:
        """The rules."""
        return self.path / "programme.toml"

    def plan(self, bucket: int) -> Path:
        """First pass of a bucket; the folder exists once it is whole."""
        return self.path / "plan" / f"bucket={bucket:04d}"

    def slots(self, bucket: int) -> Path:
        """Final slots of a bucket."""
        return self.path / "slots" / f"bucket={bucket:04d}.parquet"

    def outcomes(self, bucket: int) -> Path:
        """Every scored customer of a bucket and what came of him."""
        return self.path / "outcomes" / f"bucket={bucket:04d}.parquet"

    def open_customers(self, bucket: int) -> Path:
        """Customers of a bucket who keep the bundle they have."""
        return self.path / "snapshot" / "open" / f"bucket={bucket:04d}.parquet"

    @property
    def committed_milli(self) -> int | None:
        """Money committed when the night began, thousandths of a minor unit; None before the snapshot."""
        snapshot = self._read("snapshot/committed.json")
        return None if snapshot is None else int(snapshot["committed_milli"])

    def keep_committed(self, committed_milli: int) -> None:
        """Write that part of the snapshot."""
        write_text(self.path / "snapshot" / "committed.json", _json({"committed_milli": committed_milli}))

    @property
    def is_finished(self) -> bool:
        """True once everything has been computed and described."""
        return (self.path / "manifest.json").exists()

    def begin(self, request: dict[str, Any], programme_text: str) -> bool:
        """Take up the folder for a request; returns True where an unfinished night of the same request resumes.

        Whatever else stood there (another request under the same name, never published) is removed.
        """
        if self._read("request.json") == request:
            return True
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(parents=True)
        write_text(self.programme, programme_text)
        write_text(self.path / "request.json", _json(request))
        return False

    def forget(self, bucket: int) -> None:
        """Drop what was computed for a bucket, because what it was computed from has changed."""
        shutil.rmtree(self.plan(bucket), ignore_errors=True)
        self.unsettle()

    def unsettle(self) -> None:
        """Drop the second pass of every bucket: all are settled at one price, and that price has moved."""
        shutil.rmtree(self.path / "slots", ignore_errors=True)
        shutil.rmtree(self.path / "outcomes", ignore_errors=True)

    def request(self) -> dict[str, Any]:
        """What the night was asked to do."""
        return self._required("request.json")

    def manifest(self) -> dict[str, Any]:
        """The finished run's manifest; BadRequest where there is none."""
        return self._required("manifest.json")

    def finish(self, about: dict[str, Any]) -> dict[str, Any]:
        """Write the manifest with the digest of every file of the run; returns it."""
        shutil.rmtree(self.path / "plan", ignore_errors=True)
        manifest = about | {"files": self.digests()}
        write_text(self.path / "manifest.json", _json(manifest))
        return manifest

    def digests(self) -> dict[str, str]:
        """SHA-256 of every file but the manifest, by path inside the folder."""
        files = sorted(
            path for path in self.path.rglob("*") if path.is_file() and path.name != "manifest.json"
        )
        return {str(path.relative_to(self.path)): _sha256(path) for path in files}

    def slot_files(self) -> list[Path]:
        """All slot logs, in the order of the buckets."""
        return sorted((self.path / "slots").glob("bucket=*.parquet"))

    def outcome_files(self) -> list[Path]:
        """All outcomes, in the order of the buckets."""
        return sorted((self.path / "outcomes").glob("bucket=*.parquet"))

    def _required(self, name: str) -> dict[str, Any]:
        content = self._read(name)
        if content is None:
            raise BadRequest(f"There is no run {self.run_id} with a {name} in {self.path.parent}.")
        return content

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            content: dict[str, Any] = json.loads((self.path / name).read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return content


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    incoming = path.with_name(f".{path.name}.incoming")
    with incoming.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    incoming.replace(path)


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write a table whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    incoming = path.with_name(f".{path.name}.incoming")
    frame.to_parquet(incoming, index=False)
    incoming.replace(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _json(content: Any) -> str:
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
