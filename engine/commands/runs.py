"""`abonement runs`: list the runs, look at one, roll one back."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from engine.commands.options import AsJson, StoreUrl, Wait, Workspace, existing_store
from models.running.terminal import answer, number_of

if TYPE_CHECKING:
    from engine.nightly.folder.past_runs import PastRun

RunName = Annotated[str, typer.Argument(help="A run's name such as 2017-12-04.1, or current.")]
_HEADS = ("run", "state", "as of", "published", "bundles", "touched", "model")

runs = typer.Typer(help="List the runs, look at one, roll one back.", no_args_is_help=True)


@runs.command("list")
def list_runs(workspace: Workspace, store_url: StoreUrl = None, as_json: AsJson = False) -> None:
    """Every run in the order in which they began, and nights that are unfinished."""
    from engine.nightly.folder.past_runs import past_runs
    from engine.store.nights.stops import current_stop

    with existing_store(workspace, store_url) as store:
        found, stopped = past_runs(workspace, store), current_stop(store)
    if stopped is not None:
        since = stopped.since.isoformat(" ", "seconds")
        said = f"All personal offers are stopped since {since}: {stopped.reason} (`abonement resume`)"
        typer.echo(said, err=as_json)
    if as_json:
        typer.echo(json.dumps([asdict(run) for run in found], indent=2))
    else:
        typer.echo(_table([_row(run) for run in found]) if found else "There are no runs yet.")


@runs.command("show")
def show_run(run: RunName, workspace: Workspace, store_url: StoreUrl = None, as_json: AsJson = False) -> None:
    """One run: what it made, from what, and what has become of it."""
    from engine.nightly.folder.past_runs import named_run, past_run

    with existing_store(workspace, store_url) as store:
        found, manifest = past_run(workspace, store, named_run(store, run))
    typer.echo(
        json.dumps(asdict(found) | {"manifest": manifest}, indent=2) if as_json else _card(found, manifest)
    )


@runs.command("rollback")
def roll_back(
    run: RunName, workspace: Workspace, store_url: StoreUrl = None, wait: Wait = 0, as_json: AsJson = False
) -> None:
    """Withdraw a published run's untouched offers; touched ones are honoured until they end."""
    from engine.nightly.folder.past_runs import named_run
    from engine.nightly.folder.served_nights import mark_served
    from engine.settings import deployment_now
    from engine.store.choices.recall_rendering import render_recalled
    from engine.store.grants.grants_of_nights import cancel_of_night
    from engine.store.log.exported_offers import touched_bundles
    from engine.store.nights.run_records import current_run, withdraw_run
    from models.ground.locks import only_writer

    with (
        existing_store(workspace, store_url) as store,
        only_writer(workspace, "a roll-back", wait_seconds=wait),
    ):
        now = datetime.now(UTC)
        with store.switching() as connection:
            withdrawn = withdraw_run(store, named_run(store, run), now=now)
            taken_back = cancel_of_night(connection, withdrawn.night, withdrawn.programme, deployment_now())
        mark_served(workspace, store)
        render_recalled(store, deployment_now())
        honoured = touched_bundles(store).get(withdrawn.run_no, 0)
        now_current = current_run(store)
    current_id = now_current.run_id if now_current else None
    answer(
        f"Run {withdrawn.run_id} is rolled back: of {number_of(withdrawn.bundles, 'bundle')}, the touched offers of {honoured:,} "
        f"are honoured until they end, all others are withdrawn"
        + (
            f", and {number_of(taken_back, 'unused grant')} of that night taken back. "
            if taken_back
            else ". "
        )
        + f"The current run is {current_id or 'none'}.",
        {
            "run_id": withdrawn.run_id,
            "bundles": withdrawn.bundles,
            "honoured": honoured,
            "grants_taken_back": taken_back,
            "current_run": current_id,
        },
        as_json,
    )


def _row(run: "PastRun") -> tuple[str, ...]:
    return (
        run.run_id,
        run.state + (", current" if run.is_current else ""),
        _local(run.as_of, run) or "",
        _local(run.published_at, run) or "",
        f"{run.bundles:,}",
        f"{run.touched:,}",
        run.model or "",
    )


def _local(text: str | None, run: "PastRun") -> str | None:
    """A moment by the shop's clock, with its offset."""
    if text is None:
        return None
    return datetime.fromisoformat(text).astimezone(ZoneInfo(run.timezone)).isoformat(" ", "seconds")


def _table(rows: list[tuple[str, ...]]) -> str:
    lines = [_HEADS, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADS))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _policy(manifest: dict[str, Any]) -> str | None:
    """Name and version; a run from before versions were kept has a name only."""
    name, version = manifest.get("policy"), manifest.get("policy_fingerprint")
    return f"{name} ({version[:12]})" if version else name


def _card(run: "PastRun", manifest: dict[str, Any]) -> str:
    facts = {
        "state": run.state + (", current" if run.is_current else ""),
        "programme": run.programme or None,
        "as of": _local(run.as_of, run),
        "published": _local(run.published_at, run),
        "bundles": f"{run.bundles:,} with {number_of(run.offers, 'offer')}, {number_of(run.touched, 'bundle')} touched",
        "model": run.model,
        "load": manifest.get("load"),
        "policy": _policy(manifest),
        "code": manifest.get("code"),
        "run folder": "there" if run.has_folder else "pruned",
    }
    lines = [f"  {name:<11} {value}" for name, value in facts.items() if value is not None]
    lines += [f"  {'warning':<11} {alarm}" for alarm in manifest.get("arms", {}).get("alarms", ())]
    return "\n".join([f"Run {run.run_id}", *lines])
