"""`abonement nightly`: one night from loaded data to published bundles."""

from contextlib import ExitStack, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from engine.commands.options import AsJson, StoreUrl, Wait, Workspace, first_or_existing_store
from models.running.terminal import progress_bar


def nightly(
    workspace: Workspace,
    as_of: Annotated[str, typer.Option(help="The night: a local day, or a time with zone.")],
    programmes: Annotated[
        list[Path] | None,
        typer.Option(
            "--programme",
            help="The programme's rules, beside them wording/LANGUAGE.toml; the classic ones without it. With --dry-run several.",
        ),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(
            help="A policy's name, or module:function, in place of the one that the programme chooses."
        ),
    ] = None,
    store_url: StoreUrl = None,
    jobs: Annotated[int, typer.Option(min=1, help="Buckets worked on side by side.")] = 2,
    accept: Annotated[
        list[str] | None,
        typer.Option(help="A check of the guard that may fail tonight; recorded; may be repeated."),
    ] = None,
    metrics_file: Annotated[
        Path | None, typer.Option(help="Prometheus textfile (.prom) to replace, whatever happens.")
    ] = None,
    report: Annotated[
        bool, typer.Option("--report", help="Leave the run's page in sight/report.html, published or not.")
    ] = False,
    log_json: Annotated[
        bool, typer.Option("--log-json", help="JSON log lines on stderr in place of a progress bar.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Plan and compare with the last published night; publish and keep nothing."
        ),
    ] = False,
    budget: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,C", help="With --dry-run: amounts in minor units to look up on the budget's curve."
        ),
    ] = None,
    page: Annotated[Path | None, typer.Option(help="With --dry-run: an HTML file to write.")] = None,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """Give every customer tonight's bundle, within budget and rules, and publish them at once."""
    import json
    from typing import Any

    from engine.commands.dry_run import dry_nights
    from engine.commands.experiment_guards import guards_after_night
    from engine.commands.night_summary import learning_cost, night_summary
    from engine.nightly.choosing.policies import chosen_policy
    from engine.nightly.folder.workspace_erasure import erase_waiting
    from engine.nightly.in_force.response_in_force import require_response
    from engine.nightly.run import run
    from engine.programme import load_programme, programme_text
    from engine.settings import model_days
    from engine.watch.journal import SilentJournal, json_journal
    from engine.watch.watching import watching
    from engine.wording.language_files import load_sentences, own_wording
    from models.ground.errors import BadInput
    from models.ground.moment import parse_moment
    from models.sources import open_data

    now = datetime.now(UTC)
    if dry_run:
        dry_nights(
            workspace,
            as_of,
            programmes or (),
            policy=policy,
            budgets=budget,
            store_url=store_url,
            jobs=jobs,
            page=page,
            as_json=as_json,
            now=now,
        )
        return
    if budget is not None or page is not None or len(programmes or ()) > 1:
        raise BadInput(
            "--budget, --page and several --programme are looked at with --dry-run only; a night goes by one."
        )
    programme = programmes[0] if programmes else None
    journal = json_journal() if log_json else SilentJournal()
    with (
        ExitStack() as exits,
        progress_bar() if not log_json else nullcontext(lambda _what, _done, _total: None) as progress,
        watching(workspace, as_of, now, journal, progress, metrics=metrics_file, report=report) as watch,
    ):
        data = open_data(workspace)

        def tell_learning(learning: dict[str, Any]) -> None:
            journal.info("learning", **learning)
            if not log_json:
                typer.echo(f"Learning: {learning_cost(learning, data.currency)}.", err=True)

        moment = parse_moment(as_of, data.timezone)
        rules = load_programme(programme)
        old_after = model_days()
        chosen = chosen_policy(rules, policy)  # refused before there is a store, or anybody is erased
        require_response(workspace, rules, chosen)
        wording = own_wording(programme, rules.language)
        load_sentences(rules.language, wording)  # the same
        store = exits.enter_context(first_or_existing_store(workspace, store_url))
        if erase_waiting(workspace, store, now=now, wait_seconds=wait).customers:
            data = open_data(workspace)
        with data.blamed_if_damaged():
            result = run(
                workspace,
                moment,
                programme_text(programme),
                store,
                now=now,
                jobs=jobs,
                progress=watch,
                policy=chosen,
                wording=wording,
                wait_seconds=wait,
                accepted=accept or (),
                tell_learning=tell_learning,
            )
        watch.published(result)
        warned = guards_after_night(workspace, store, moment)
    if as_json:
        typer.echo(json.dumps(result.manifest, indent=2, ensure_ascii=False))
    else:
        typer.echo(night_summary(result, data.currency, old_after))
    for line in warned:
        typer.echo(f"  warning    {line}", err=as_json)
