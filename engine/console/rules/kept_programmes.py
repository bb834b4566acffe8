"""By which rules a night went, and when they changed."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.programme import Programme, kept_rules
from engine.store.nights.run_lines import RunLine
from models.ground.shop_ids import is_id


class RulesChanged(NamedTuple):
    """A published night whose rules are not those of the one before."""

    run: RunLine
    nights: int  # published ones that went by these rules until the next change


def changes(runs: Sequence[RunLine]) -> list[RulesChanged]:
    """Every change, the newest first; `runs` in the order in which they began."""
    found: list[RulesChanged] = []
    last: str | None = None
    for run in runs:
        if run.programme is None or not run.was_published:
            continue
        if run.programme == last:
            found[-1] = found[-1]._replace(nights=found[-1].nights + 1)
        else:
            found.append(RulesChanged(run, 1))
        last = run.programme
    return found[::-1]


def rules_of_night(workspace: Path, run_id: str) -> Programme | None:
    """The rules that lie in a night's folder; None where there is none any more."""
    file = workspace / "runs" / run_id / "programme.toml"
    if not is_id(run_id) or not file.is_file():
        return None
    return kept_rules(file.read_text(encoding="utf-8"), str(file)).programme
