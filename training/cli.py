"""`abonement-train`: the data scientist's command."""

from pathlib import Path
from typing import Annotated

import typer

from models.console import answer, progress_bar, run_command
from models.errors import AbonementError, BadInput

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]

app = typer.Typer(
    name="abonement-train",
    help="Learn what customers will want: demo data, fit, compare, promote, roll back.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _commands() -> None:
    """Keep `abonement-train` a group of commands, however few there are."""


@app.command()
def demo_data(
    out: Annotated[
        Path, typer.Option(help="Folder to write purchases, products, customers and tables.toml into.")
    ],
    as_json: AsJson = False,
) -> None:
    """Write Complete Journey, a year of real groceries, as a data folder that `abonement load` reads."""
    from training.demo_data import write_demo_data

    lines = write_demo_data(out)
    answer(
        f"Wrote {lines:,} purchase lines of Complete Journey to {out}.", {"lines": lines, "out": out}, as_json
    )


@app.command()
def fit(
    workspace: Annotated[Path, typer.Option(help="Folder with the loaded data.")],
    as_of: Annotated[
        str, typer.Option(help="Learn from what lies before: a local day, or a time with zone.")
    ],
    item_level: Annotated[
        str, typer.Option(help="What an offer is on: product, or a family level.")
    ] = "product",
    jobs: Annotated[int, typer.Option(help="Buckets worked on side by side.")] = 2,
    promote_it: Annotated[bool, typer.Option("--promote", help="Make it current at once.")] = False,
    as_json: AsJson = False,
) -> None:
    """Learn affinity, churn and rhythm; publish them as a version of the workspace's registry.

    The first version becomes the current one; later ones wait for `promote`, or for `--promote` here.
    """
    from models import registry
    from models.moment import parse_moment
    from models.sources import open_data
    from training.params import FitProfile
    from training.run import fit as learn

    data = open_data(workspace)
    with data.held(), data.blamed_if_damaged(), progress_bar() as progress:
        fitted = learn(data, parse_moment(as_of, data.timezone), item_level, FitProfile(), jobs, progress)
    folder = registry.registry_folder(workspace)
    version = registry.publish(folder, fitted.manifest, fitted.rhythm, fitted.affinity, fitted.churn)
    before = registry.current_version(folder)
    if before is None or (promote_it and before != version):
        registry.promote(folder, version)
        said = f"Published {version}; it is the current version."
    elif before == version:
        said = f"Version {version} is the current version already."
    else:
        said = f"Published {version}; make it current with `abonement-train promote {version}`."
    about = fitted.manifest
    metrics = [f"  {name:<28} {value:,.4f}" for name, value in about.metrics.items()]
    facts = {
        "version": version,
        "current": registry.current_version(folder) == version,
        "notes": about.notes,
        "metrics": about.metrics,
    }
    answer("\n".join([*about.notes, *metrics, said]), facts, as_json)


@app.command()
def promote(
    version: Annotated[str, typer.Argument(help="Version to make current.")],
    workspace: Annotated[Path, typer.Option(help="Folder with the registry.")],
    as_json: AsJson = False,
) -> None:
    """Make a published version the one that nights use."""
    from models import registry

    registry.promote(registry.registry_folder(workspace), version)
    answer(f"Version {version} is the current version.", {"version": version}, as_json)


@app.command()
def rollback(
    workspace: Annotated[Path, typer.Option(help="Folder with the registry.")], as_json: AsJson = False
) -> None:
    """Go back to the version that was current before the present one."""
    from models import registry

    version = registry.roll_back(registry.registry_folder(workspace))
    answer(f"Version {version} is the current version again.", {"version": version}, as_json)


@app.command()
def versions(
    workspace: Annotated[Path, typer.Option(help="Folder with the registry.")], as_json: AsJson = False
) -> None:
    """List the versions of the registry with their metrics; the one that nights use is marked."""
    from models import registry
    from training.versions import list_versions

    if not workspace.is_dir():
        raise BadInput(
            f"There is no workspace {workspace}; expected the folder that `abonement load` filled."
        )
    table = list_versions(registry.registry_folder(workspace))
    rows = table.assign(current=table["current"].map({True: "*", False: ""}))
    said = (
        rows.to_string(index=False, float_format="{:.4f}".format, na_rep="-")
        if len(rows)
        else "No version yet."
    )
    answer(said, {"versions": table.astype(object).where(table.notna(), None).to_dict("records")}, as_json)


@app.command()
def diff(
    one: Annotated[str, typer.Argument(help="A version.")],
    other: Annotated[str, typer.Argument(help="Another one.")],
    workspace: Annotated[Path, typer.Option(help="Folder with the registry.")],
    as_json: AsJson = False,
) -> None:
    """Show in what two versions differ: data window, recipe, parameters, metrics, notes."""
    from models import registry
    from training.versions import diff_versions

    differing = diff_versions(registry.registry_folder(workspace), one, other)
    lines = [f"{name}\n  {one}: {a}\n  {other}: {b}" for name, (a, b) in differing.items()]
    answer("\n".join(lines) or f"{one} and {other} differ in nothing.", {"differs": differing}, as_json)


bench = typer.Typer(help="Write predictions for others to score, fitted on what is before --as-of.")
app.add_typer(bench, name="bench")


@bench.command("bundles")
def bench_bundles_command(
    data: Annotated[Path, typer.Option(help="Data folder with tables.toml.")],
    as_of: Annotated[str, typer.Option(help="A local day, or a time with zone.")],
    out: Annotated[Path, typer.Option(help="File to write: .parquet, .csv or .jsonl.")],
    days: Annotated[int, typer.Option(min=1, help="Window in which a purchase is predicted.")] = 7,
    size: Annotated[int, typer.Option(min=1, help="Items a customer.")] = 6,
    level: Annotated[str, typer.Option(help="product, or family for the finest family level.")] = "product",
    jobs: Annotated[int, typer.Option(help="Buckets worked on side by side.")] = 2,
    as_json: AsJson = False,
) -> None:
    """The top items by P(buy) of every customer seen in the last 56 days."""
    from models.files import check_table, write_frame
    from training.bench import bench_bundles

    check_table(out)
    with progress_bar() as progress:
        predictions = bench_bundles(data, as_of, days, size, level, jobs, progress)
    write_frame(predictions, out)
    customers = predictions["customer_id"].nunique()
    sentence = f"Wrote {len(predictions):,} items for {customers:,} customers to {out}."
    answer(sentence, {"items": len(predictions), "customers": customers, "out": out}, as_json)


@bench.command("churn")
def bench_churn_command(
    data: Annotated[Path, typer.Option(help="Data folder with tables.toml.")],
    as_of: Annotated[str, typer.Option(help="A local day, or a time with zone.")],
    out: Annotated[Path, typer.Option(help="File to write: .parquet, .csv or .jsonl.")],
    horizon: Annotated[int, typer.Option(min=1, help="Length of the silence in days.")] = 28,
    jobs: Annotated[int, typer.Option(help="Buckets worked on side by side.")] = 2,
    as_json: AsJson = False,
) -> None:
    """P(silent for the horizon) of every customer with two visits and one in the last 84 days."""
    from models.files import check_table, write_frame
    from training.bench import bench_churn

    check_table(out)
    with progress_bar() as progress:
        predictions = bench_churn(data, as_of, horizon, jobs, progress)
    write_frame(predictions, out)
    sentence = f"Wrote P(silent) of {len(predictions):,} customers to {out}."
    answer(sentence, {"customers": len(predictions), "out": out}, as_json)


def main() -> None:
    """Console entry point: leaves the process with the exit code of the command."""
    run_command(lambda: app(standalone_mode=True), (AbonementError,))
