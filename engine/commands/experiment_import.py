"""`abonement experiment import`: another engine's arms and offers, so that it and ours run as two arms."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.commands.options import AsJson, StoreUrl, Workspace, first_or_existing_store
from models.running.terminal import answer, number_of

if TYPE_CHECKING:
    from engine.measurement.imported_experiment import Imported


def import_foreign_experiment(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The experiment; one that is there is added to.")
    ],
    workspace: Workspace,
    arms: Annotated[
        Path | None,
        typer.Option(
            help="CSV or Parquet: customer_id, arm, which is ours or incumbent. Needed the first time."
        ),
    ] = None,
    offers: Annotated[
        Path | None,
        typer.Option(
            help="CSV or Parquet: customer_id, product_id, discount (0.2 is a fifth off), valid_from, valid_to, shown, used."
        ),
    ] = None,
    starts: Annotated[
        str | None,
        typer.Option("--from", help="Its first night, the first time: a local day, or a time with zone."),
    ] = None,
    weeks: Annotated[int | None, typer.Option(min=1, max=104, help="Planned length, the first time.")] = None,
    ours_share: Annotated[
        float | None,
        typer.Option(
            help="Which share was meant for our arm, so that the counts can be checked: 0.5 is a half."
        ),
    ] = None,
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Take over another engine's arms and offers; its customers get nothing from our nights while it runs."""
    from engine.measurement.foreign_files import read_foreign_arms, read_foreign_offers
    from engine.measurement.imported_experiment import Beginning, import_experiment
    from engine.programme.experiment_file import require_name
    from models.ground.errors import BadInput
    from models.ground.moment import parse_moment
    from models.sources import open_data

    require_name(name)
    if arms is None and offers is None:
        raise BadInput("Nothing to import: give --arms FILE, --offers FILE or both.")
    if ours_share is not None and not 0 < ours_share < 1:
        raise BadInput(f"Expected --ours-share above 0 and below 1, got {ours_share:g}; 0.5 is a half.")
    data = open_data(workspace)
    moment = None if starts is None else parse_moment(starts, data.timezone, "--from")
    told = {} if arms is None else read_foreign_arms(arms)
    given = [] if offers is None else read_foreign_offers(offers, data.timezone)
    with first_or_existing_store(workspace, store_url) as store, data.held(), data.blamed_if_damaged():
        done = import_experiment(store, data, name, told, given, Beginning(moment, weeks, ours_share))
    facts = {
        "name": done.about.name,
        "since": done.about.definition["since"],
        "until": done.about.definition["until"],
        "customers": dict(done.customers),
        "known_customers": done.known,
        "offers": done.offers,
        "known_offers": done.known_offers,
        "crossed": done.crossed,
        "left_out": [{"why": one.why, "count": one.count, "such_as": one.such_as} for one in done.left],
    }
    answer("\n".join(_lines(done)), facts, as_json)


def _lines(done: "Imported") -> list[str]:
    about, said = (
        done.about.definition,
        [f"{number:,} {arm}" for arm, number in sorted(done.customers.items())],
    )
    head = f"Experiment {done.about.name}, {about['since']} until {about['until']}: {', '.join(said) or 'no new customers'}"
    again = f"{number_of(done.known, 'customer')}, {number_of(done.known_offers, 'offer')}"
    known = f"; known already: {again}" if done.known or done.known_offers else ""
    lines = [f"{head}; {number_of(done.offers, 'new offer')} of the other engine{known}."]
    if done.crossed:
        lines.append(
            f"  {number_of(done.crossed, 'customer')} of the other engine had our offers before: counted as mixed where the "
            "holdout is reported."
        )
    lines += [f"  Left out, {one.why}: {one.count:,}, such as {', '.join(one.such_as)}." for one in done.left]
    return lines
