"""`abonement-train demo-data`: a year of real groceries as a data folder."""

from pathlib import Path
from typing import Annotated

import typer

from models.running.terminal import answer
from training.commands.options import AsJson


def demo_data(
    out: Annotated[
        Path,
        typer.Option(help="Folder to write purchases, products, customers, promotions and tables.toml into."),
    ],
    promotions: Annotated[
        bool, typer.Option(help="With mailers and displays: 14.7 million rows more, a minute more to load.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Write Complete Journey, a year of real groceries, as a data folder that `abonement load` reads."""
    from training.bench.demo_data import write_demo_data

    lines = write_demo_data(out, promotions=promotions)
    answer(
        f"Wrote {lines:,} purchase lines of Complete Journey to {out}.", {"lines": lines, "out": out}, as_json
    )
