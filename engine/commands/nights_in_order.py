"""The nights of one command: each programme's, one after the other, in the order in which they were named.

Each is published by itself. Where one fails, those before it stay published, and none after it begins: it would be planned
without knowing what the failed one is going to offer.
"""

import json
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from engine.commands.options import first_or_existing_store
from models.running.terminal import progress_bar

if TYPE_CHECKING:
    from engine.nightly.run import NightResult
    from engine.watch.journal import Journal


@dataclass(frozen=True)
class AskedNights:
    """What the command was asked for; of `programmes` None is the shipped one."""

    workspace: Path
    as_of: str
    programmes: tuple[Path | None, ...]
    policy: str | None
    store_url: str | None
    jobs: int
    accepted: tuple[str, ...]
    metrics_file: Path | None
    report: bool
    log_json: bool
    wait_seconds: float
    now: datetime


def nights_in_order(asked: AskedNights, *, as_json: bool) -> None:
    """Run and publish the nights, and say what each did."""
    from engine.commands.night_summary import night_summary
    from engine.settings import model_days
    from engine.watch.journal import SilentJournal, json_journal

    old_after = model_days()
    journal = json_journal() if asked.log_json else SilentJournal()
    done: list[NightResult] = []
    for programme in asked.programmes:
        try:
            result, currency, warned = _one_night(asked, programme, journal)
        except BaseException:
            if len(asked.programmes) > 1:
                typer.echo(_what_stands(asked.programmes, done), err=True)
            raise
        done.append(result)
        if not as_json:
            typer.echo(night_summary(result, currency, old_after))
        for line in warned:
            typer.echo(f"  warning    {line}", err=as_json)
    if as_json:
        manifests = [one.manifest for one in done]
        typer.echo(json.dumps(manifests if len(done) > 1 else manifests[0], indent=2, ensure_ascii=False))


def _one_night(
    asked: AskedNights, programme: Path | None, journal: "Journal"
) -> tuple["NightResult", str, tuple[str, ...]]:
    """Run and publish the night of one programme; also the currency, and what guards of experiments warn of."""
    from engine.commands.experiment_guards import guards_after_night
    from engine.commands.night_summary import learning_cost
    from engine.nightly.choosing.policies import chosen_policy
    from engine.nightly.folder.workspace_erasure import erase_waiting
    from engine.nightly.in_force.response_in_force import require_response
    from engine.nightly.run import run
    from engine.programme import load_programme, programme_text
    from engine.watch.watching import watching
    from engine.wording.language_files import load_sentences, own_wording
    from models.ground.moment import parse_moment
    from models.sources import open_data

    workspace = asked.workspace
    with (
        ExitStack() as exits,
        progress_bar() if not asked.log_json else nullcontext(lambda _what, _done, _total: None) as progress,
        watching(
            workspace,
            asked.as_of,
            asked.now,
            journal,
            progress,
            metrics=asked.metrics_file,
            report=asked.report,
        ) as watch,
    ):
        _require_side_by_side(asked.programmes)
        data = open_data(workspace)

        def tell_learning(learning: dict[str, Any]) -> None:
            journal.info("learning", **learning)
            if not asked.log_json:
                typer.echo(f"Learning: {learning_cost(learning, data.currency)}.", err=True)

        moment = parse_moment(asked.as_of, data.timezone)
        rules = load_programme(programme)
        chosen = chosen_policy(rules, asked.policy)  # refused before there is a store, or anybody is erased
        require_response(workspace, rules, chosen)
        wording = own_wording(programme, rules.language)
        load_sentences(rules.language, wording)  # the same
        store = exits.enter_context(first_or_existing_store(workspace, asked.store_url))
        if erase_waiting(workspace, store, now=asked.now, wait_seconds=asked.wait_seconds).customers:
            data = open_data(workspace)
        with data.blamed_if_damaged():
            result = run(
                workspace,
                moment,
                programme_text(programme),
                store,
                now=asked.now,
                jobs=asked.jobs,
                progress=watch,
                policy=chosen,
                wording=wording,
                wait_seconds=asked.wait_seconds,
                accepted=asked.accepted,
                tell_learning=tell_learning,
            )
        watch.published(result)
        warned = guards_after_night(workspace, store, moment)
    return result, data.currency, tuple(warned)


def _require_side_by_side(programmes: Sequence[Path | None]) -> None:
    """Refuse programmes that cannot run side by side before any of them has its night."""
    from engine.programme import load_programme, require_agreement
    from models.ground.errors import BadInput

    if len(programmes) == 1:
        return
    named = {str(path): load_programme(path) for path in programmes}
    if len(named) < len(programmes):
        raise BadInput("--programme names one file twice; expected each programme once.")
    require_agreement(named)


def _what_stands(programmes: Sequence[Path | None], done: Sequence["NightResult"]) -> str:
    """After one of several nights failed: which ones are published and stay so, and what to repeat."""
    left = " ".join(f"--programme {path}" for path in programmes[len(done) :])
    published = ", ".join(f"{path} as run {one.run_id}" for path, one in zip(programmes, done, strict=False))
    before = f"Published before it, and offered: {published}." if done else "Nothing was published before it."
    return f"The night of {programmes[len(done)]} was not published. {before} Then repeat with {left} only."
