"""`abonement-train calibrate`: a simulated shop beside a real one, and its world's parameters turned towards it."""

from pathlib import Path
from typing import Annotated

import typer

from models.running.terminal import answer, progress_bar
from training.commands.options import AsJson


def calibrate(
    data: Annotated[Path, typer.Option(help="The real shop: a data folder with a year of purchases.")],
    out: Annotated[Path, typer.Option(help="Folder for the page, the tables and the tuned world.")],
    world: Annotated[str, typer.Option(help="World to begin with: a name, or a file.")] = "calibrated",
    tune: Annotated[
        int, typer.Option(min=0, help="Steps in which its parameters are turned; 0 compares it as it is.")
    ] = 0,
    trial_households: Annotated[
        int, typer.Option(min=100, help="Households in each trial of the tuning.")
    ] = 600,
    households: Annotated[
        int | None,
        typer.Option(min=100, help="Households in the year that is compared; as many as the real one has."),
    ] = None,
    lives: Annotated[
        int,
        typer.Option(
            min=1, help="Years of other seeds whose mean is compared; churn is judged in the first."
        ),
    ] = 3,
    seed: Annotated[int, typer.Option(min=0, help="Of all that happens in the simulated shop.")] = 20171204,
    jobs: Annotated[int, typer.Option(help="Buckets worked on side by side.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Measure a world beside a real shop: visits, silence, deals, price responses, repeats, and who can know churn.

    With --tune, interrupt it when you like: trials are kept in --out, and the same command goes on from there.
    """
    from training.simulator.calibration.calibrate import calibrate as work
    from training.simulator.calibration.calibration_page import churn_sentence, sentence, written

    with progress_bar() as progress:
        done = work(
            data,
            world,
            out,
            steps=tune,
            trial_households=trial_households,
            households=households,
            lives=lives,
            seed=seed,
            jobs=jobs,
            progress=progress,
        )
    found = done.comparison
    rows = found.figures
    table = [
        f"{row['meaning']:<48}{written(row['unit'], row['real'], found.currency):>9}"
        f"{written(row['unit'], row['simulated'], found.currency):>11}{'   missed' if row['missed'] else ''}"
        for _, row in rows.iterrows()
    ]
    said = [
        f"{'':<48}{'real':>9}{'simulated':>11}",
        *table,
        sentence(found, int(rows["asked"].sum())),
        churn_sentence(found),
        *([f"World: {done.world}"] if done.world else []),
        f"Page and tables: {done.page}",
    ]
    facts = {
        "figures": rows.to_dict("records"),
        "churn": found.churn.to_dict("records"),
        "cuts": found.cuts.to_dict("records"),
        "missed": found.misses["key"].tolist(),
        "page": done.page,
        "world": done.world,
    }
    answer("\n".join(said), facts, as_json)
