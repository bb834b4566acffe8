"""The work of `abonement-train calibrate`: a real year and a simulated one, what is missed, on request a tuned world."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from models.ground.durable import write_text
from models.ground.progress import Progress
from models.running.blas_threads import one_blas_thread
from models.sources import Data, load, open_data
from models.tables.table_files import write_frame
from training.simulator.calibration.calibration_page import page
from training.simulator.calibration.comparison import WorldComparison, compare
from training.simulator.calibration.moments import moments
from training.simulator.calibration.observed_response import family_elasticities
from training.simulator.calibration.sales import opened, sales_of
from training.simulator.calibration.shipped_churn import CUT_DAYS, HORIZON_DAYS, told_silent
from training.simulator.calibration.simulated_year import (
    WARM_UP_DAYS,
    SimulatedYear,
    simulated_life,
    simulated_year,
)
from training.simulator.calibration.tuned_world import tuned_world
from training.simulator.world.world_files import parse_world, world_text
from training.simulator.world.world_parameters import WorldParameters

PAGE, WORLD, TRIALS = "calibration.html", "world.toml", "trials.jsonl"


@dataclass(frozen=True)
class Calibration:
    """What was found and where it is written; `world` is the tuned file, where one was asked for."""

    comparison: WorldComparison
    page: Path
    world: Path | None


@one_blas_thread()
def calibrate(
    source: Path,
    world: str,
    out: Path,
    *,
    steps: int,
    trial_households: int,
    households: int | None,
    lives: int,
    seed: int,
    jobs: int,
    progress: Progress,
) -> Calibration:
    """Compare a world with a real shop, after turning its parameters towards it for so many steps.

    Args:
        source: the real shop's data folder, a year at least.
        world: the world to begin with, by name or as a file.
        out: folder for the page, the tables, the tuned world and the trials it took.
        steps: how many steps of tuning; 0 compares the world as it is.
        trial_households: how many live in each trial of tuning.
        households: how many live in the year that is compared; as many as the real year saw otherwise.
        lives: how many years of other seeds the simulated shop lives; figures are their mean. Churn is judged in
            the first.
        seed: of the first life and of tuning; each further life has the next one.
        jobs: buckets worked on side by side.
        progress: told of every stage.

    Raises:
        BadInput: there is no such world, or less than a year of purchases.
    """
    text, name = world_text(world)
    parse_world(text, name)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="abonement-calibrate-") as place:
        progress("real year", 0, 1)
        real = _loaded(source, Path(place) / "real")
        real_sales = sales_of(real)
        real_figures = moments(real_sales)
        real_told = told_silent(real, CUT_DAYS, jobs, progress)
        if steps:
            text, _ = tuned_world(
                text,
                name,
                real_figures,
                households=trial_households,
                seed=seed,
                steps=steps,
                trials=out / TRIALS,
                progress=progress,
            )
            name = str(out / WORLD)
            write_text(out / WORLD, text)
        parameters = parse_world(text, name)
        count = households or int(real_sales["customer"].nunique())
        shop, told = _simulated(parameters, count, seed, Path(place), jobs, progress)
    years = [moments(shop.sales)]
    for number in range(1, lives):
        progress("further lives", number - 1, lives - 1)
        years.append(moments(simulated_year(parameters, count, seed + number)))
    found = compare(real_figures, years, real_told, told, shop.truth, seed, currency=parameters.currency)
    lived = (
        f"{count:,} households, {WARM_UP_DAYS} days to settle and a year; {lives} lives from seed {seed} on"
    )
    _write(found, (real_sales, shop.sales), parameters, lived, out)
    return Calibration(found, out / PAGE, out / WORLD if steps else None)


def _simulated(
    parameters: WorldParameters, households: int, seed: int, place: Path, jobs: int, progress: Progress
) -> tuple[SimulatedYear, pd.DataFrame]:
    shop = simulated_life(
        parameters,
        households,
        seed,
        cut_days=CUT_DAYS,
        horizon_days=HORIZON_DAYS,
        folder=place / "shop",
        progress=progress,
    )
    data = _loaded(place / "shop", place / "simulated")
    return shop, told_silent(
        data, CUT_DAYS, jobs, lambda _, done, total: progress("model there", done, total)
    )


def _loaded(source: Path, workspace: Path) -> Data:
    load(source, workspace)
    return open_data(workspace)


def _write(
    found: WorldComparison,
    sales: tuple[pd.DataFrame, pd.DataFrame],
    parameters: WorldParameters,
    lived: str,
    out: Path,
) -> None:
    elasticities = []
    for year in sales:
        with opened(year) as shop:
            elasticities.append(family_elasticities(shop))
    for name in ("figures", "churn", "cuts"):
        write_frame(getattr(found, name), out / f"{name}.csv")
    real, simulated = elasticities
    html = page(found, (real, simulated), parameters.name, parameters.unidentified, lived)
    write_text(out / PAGE, html)
