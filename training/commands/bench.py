"""`abonement-train bench`: predictions in files that others can score."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.running.terminal import answer, progress_bar
from models.tables import CUSTOMER_ID
from training.commands.options import AsJson, AsOf, DataFolder, Jobs, Level, OutFile, Size

if TYPE_CHECKING:
    import pandas as pd


class Label(StrEnum):
    """What a customer may do that is predicted."""

    SILENT = "silent"
    PARTIAL = "partial"


bench = typer.Typer(help="Write predictions for others to score, fitted on what is before --as-of.")


@bench.command("bundles")
def bench_bundles_command(
    data: DataFolder,
    as_of: AsOf,
    out: OutFile,
    days: Annotated[int, typer.Option(min=1, help="Window in which a purchase is predicted.")] = 7,
    size: Size = 6,
    level: Level = "product",
    jobs: Jobs = 2,
    as_json: AsJson = False,
) -> None:
    """The top items by P(buy) of every customer seen in the last 56 days."""
    from models.tables.table_files import check_table
    from training.bench.bundles_and_churn import bench_bundles

    check_table(out)
    with progress_bar() as progress:
        predictions = bench_bundles(data, as_of, days, size, level, jobs, progress)
    _write_items(predictions, "items", out, as_json)


@bench.command("novelties")
def bench_novelties_command(
    data: DataFolder,
    as_of: AsOf,
    out: OutFile,
    days: Annotated[int, typer.Option(min=1, help="Window in which a trial is predicted.")] = 7,
    size: Size = 2,
    level: Level = "product",
    rule: Annotated[str | None, typer.Option(help="Rank by a baseline instead of the model.")] = None,
    jobs: Jobs = 2,
    as_json: AsJson = False,
) -> None:
    """The items most worth trying of those a customer has never bought, for all seen in the last 56 days."""
    from models.tables.table_files import check_table
    from training.bench.bundles_and_churn import bench_novelties

    check_table(out)
    with progress_bar() as progress:
        predictions = bench_novelties(data, as_of, days, size, level, rule, jobs, progress)
    _write_items(predictions, "new items", out, as_json)


def _write_items(predictions: "pd.DataFrame", what: str, out: Path, as_json: bool) -> None:
    """Write the chosen items, and say how many for how many."""
    from models.tables.table_files import write_frame

    write_frame(predictions, out)
    customers = predictions[CUSTOMER_ID].nunique()
    sentence = f"Wrote {len(predictions):,} {what} for {customers:,} customers to {out}."
    answer(sentence, {"items": len(predictions), "customers": customers, "out": out}, as_json)


@bench.command("churn")
def bench_churn_command(
    data: DataFolder,
    as_of: AsOf,
    out: OutFile,
    horizon: Annotated[int, typer.Option(min=1, help="Length of the silence in days.")] = 28,
    label: Annotated[
        Label, typer.Option(help="No visit within the horizon, or spend below half of the own rate.")
    ] = Label.SILENT,
    jobs: Jobs = 2,
    as_json: AsJson = False,
) -> None:
    """P(silent for the horizon), or P(partial defection), of every customer with two visits and one in 84 days."""
    from models.tables.table_files import check_table, write_frame
    from training.bench.bundles_and_churn import bench_churn

    check_table(out)
    with progress_bar() as progress:
        predictions = bench_churn(data, as_of, horizon, label.value, jobs, progress)
    write_frame(predictions, out)
    sentence = f"Wrote P({label.value}) of {len(predictions):,} customers to {out}."
    answer(sentence, {"customers": len(predictions), "out": out}, as_json)


@bench.command("next-basket")
def bench_next_basket_command(
    history: Annotated[
        Path, typer.Option(help="customer_id, product_id and basket_no, purchased_at or both.")
    ],
    out: OutFile,
    k: Annotated[int, typer.Option("--k", min=1, help="Products a customer.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Of everything drawn while learning.")] = 0,
    jobs: Jobs = 2,
    as_json: AsJson = False,
) -> None:
    """The products of every customer's next basket, learnt from the history alone."""
    from models.tables.table_files import check_table, write_frame
    from training.bench.command_cost import measured
    from training.bench.next_basket import bench_next_basket

    check_table(out)
    with progress_bar() as progress, measured() as cost:
        found = bench_next_basket(history, k, seed, jobs, progress)
        write_frame(found.predictions, out)
    customers = found.predictions[CUSTOMER_ID].nunique()
    said = [*found.bad_rows, *found.notes]
    new = len(found.predictions) - found.repeats
    said.append(
        f"Wrote {len(found.predictions):,} products for {customers:,} customers to {out}, {found.repeats:,} of them bought "
        f"before and {new:,} new to their customer; it {cost}."
    )
    facts = {
        "products": len(found.predictions),
        "repeats": found.repeats,
        "new": new,
        "customers": customers,
        "out": out,
        "wall_seconds": round(cost.wall_seconds, 1),
        "peak_bytes": cost.peak_bytes,
        "bad_rows": found.bad_rows,
        "notes": found.notes,
        "metrics": found.metrics,
    }
    answer("\n".join(said), facts, as_json)
