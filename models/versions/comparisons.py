"""How one version did against another: what `abonement-train evaluate` found, kept beside the registry.

REGISTRY/comparisons.jsonl holds one line a comparison, oldest first; the latest of a pair decides whether the
one may replace the other (`models.versions.registry.promote`).
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.ground.durable import write_text
from models.ground.locks import holding

_WAIT_SECONDS = 60  # the lock is held while one small file is written
_FILE = "comparisons.jsonl"


@dataclass(frozen=True)
class Difference:
    """A measure of the version less that of the other, with its interval.

    Attributes:
        measure: its name in words.
        value, low, high: in the measure's own unit.
        level: how often such an interval holds the true difference, .975 for instance.
        worse: the whole interval lies where the version is worse, beyond the margin that is let pass.
    """

    measure: str
    value: float
    low: float
    high: float
    level: float
    worse: bool


@dataclass(frozen=True)
class VersionComparison:
    """What an evaluation found about a pair of versions.

    Attributes:
        version, against: the version judged and the one it would replace.
        as_of: purchases before this moment were known.
        how: "replayed" (both refitted before every cut) or "published" (as they are, on later cuts).
        cuts: local days on which they were judged.
        customers: how many customers' purchases decided.
        differences: the measures that decide.
    """

    version: str
    against: str
    as_of: str
    how: str
    cuts: tuple[str, ...]
    customers: int
    differences: tuple[Difference, ...]

    @property
    def name(self) -> str:
        """Eight digits that name this evaluation: a digest of its content."""
        return hashlib.sha256(_line(self).encode()).hexdigest()[:8]

    @property
    def worse_in(self) -> tuple[Difference, ...]:
        """Measures in which the version is significantly worse."""
        return tuple(difference for difference in self.differences if difference.worse)


def record_comparison(registry: Path, comparison: VersionComparison) -> None:
    """Add a comparison; finding the same again moves it to the end."""
    with holding(registry, "recording an evaluation", wait_seconds=_WAIT_SECONDS):
        kept = [earlier for earlier in comparisons(registry) if earlier != comparison]
        lines = [_line(each) for each in (*kept, comparison)]
        write_text(registry / _FILE, "\n".join(lines) + "\n")


def comparisons(registry: Path) -> list[VersionComparison]:
    """All recorded comparisons, oldest first."""
    try:
        lines = (registry / _FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [_comparison(json.loads(line)) for line in lines if line]


def latest_comparison(registry: Path, version: str, against: str) -> VersionComparison | None:
    """The latest comparison of a version with another, or None."""
    found = [each for each in comparisons(registry) if (each.version, each.against) == (version, against)]
    return found[-1] if found else None


def _line(comparison: VersionComparison) -> str:
    return json.dumps(asdict(comparison), sort_keys=True)


def _comparison(written: dict[str, Any]) -> VersionComparison:
    differences = tuple(Difference(**difference) for difference in written.pop("differences"))
    return VersionComparison(**{**written, "cuts": tuple(written["cuts"])}, differences=differences)
