"""`abonement nightly`: one night from loaded data to published bundles."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from models.console import progress_bar


def nightly(
    workspace: Annotated[Path, typer.Option(help="Folder that holds data, models, runs and the store.")],
    as_of: Annotated[str, typer.Option(help="The night: a local day, or a time with zone.")],
    programme: Annotated[
        Path | None, typer.Option(help="The programme's rules; the classic subscription without it.")
    ] = None,
    store_url: Annotated[
        str | None, typer.Option("--store", help="SQLAlchemy URL; store.db in the workspace without it.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Buckets worked on side by side.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="Print the run's manifest as JSON.")] = False,
) -> None:
    """Give every customer tonight's bundle, within budget and rules, and publish them at once."""
    import json

    from engine.commands.summary import night_summary
    from engine.nightly.policy import depth_rule
    from engine.nightly.run import run
    from engine.programme import load_programme, programme_text
    from engine.settings import store_url_in
    from engine.store import open_store
    from models.moment import parse_moment
    from models.sources import open_data

    moment = parse_moment(as_of, open_data(workspace).timezone)
    load_programme(programme)
    store = open_store(store_url or store_url_in(workspace))
    try:
        with progress_bar() as progress:
            result = run(
                workspace,
                moment,
                programme_text(programme),
                depth_rule,
                store,
                now=datetime.now(UTC),
                jobs=jobs,
                progress=progress,
            )
    finally:
        store.close()
    if as_json:
        typer.echo(json.dumps(result.manifest, indent=2, ensure_ascii=False))
    else:
        typer.echo(night_summary(result))
