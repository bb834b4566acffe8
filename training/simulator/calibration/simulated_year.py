"""One life of a simulated shop that everything is measured on: its year, its data folder, and the truth at the cuts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from models.ground.progress import Progress
from models.tables import CUSTOMER_ID
from training.simulator.calibration.sales import YEAR_DAYS, checked_year
from training.simulator.oracle.churn_truth import Belief, certain, live_watching, p_silent
from training.simulator.world.offers_and_lines import Lines, joined
from training.simulator.world.shop_tables import write_tables
from training.simulator.world.world import World
from training.simulator.world.world_parameters import WorldParameters

# Lived before the year that is compared, so that stocks and feelings have settled.
WARM_UP_DAYS = 84


@dataclass(frozen=True)
class SimulatedYear:
    """A year of a world without personal offers.

    Attributes:
        sales: SALES_COLUMNS.
        truth: customer_id, cut_day, p_state (P(silent) of who knows the hidden state), p_history (of who knows all
            parameters and has seen the past), for every household that had joined by the cut.
    """

    sales: pd.DataFrame
    truth: pd.DataFrame


def simulated_year(parameters: WorldParameters, households: int, seed: int) -> pd.DataFrame:
    """A year of a world without personal offers, after WARM_UP_DAYS, as `sales` has it."""
    world = World.new(parameters, households, seed)
    world.live(WARM_UP_DAYS)
    return sales_of_lines(world, world.live(YEAR_DAYS), WARM_UP_DAYS)


def simulated_life(
    parameters: WorldParameters,
    households: int,
    seed: int,
    *,
    cut_days: Sequence[int],
    horizon_days: int,
    folder: Path,
    progress: Progress,
) -> SimulatedYear:
    """Live the same year, write its data folder, and ask at every cut what can be known of the silence after it.

    Args:
        parameters: the world.
        households: how many.
        seed: of all that happens.
        cut_days: days of the year, ascending.
        horizon_days: length of the silence.
        folder: for the input tables of the year.
        progress: told of every stage.
    """
    world = World.new(parameters, households, seed)
    progress("simulated year", 0, len(cut_days) + 1)
    world.live(WARM_UP_DAYS)
    belief, parts, truth = certain(world), [], []
    for number, cut_day in enumerate(cut_days):
        lines, belief = live_watching(world, WARM_UP_DAYS + cut_day - world.day, belief)
        parts.append(lines)
        truth.append(_truth(world, belief, cut_day, horizon_days))
        progress("simulated year", number + 1, len(cut_days) + 1)
    parts.append(world.live(WARM_UP_DAYS + YEAR_DAYS - world.day))
    lines = joined(parts)
    write_tables(world, lines, np.zeros(len(lines), np.int64), folder)
    progress("simulated year", len(cut_days) + 1, len(cut_days) + 1)
    return SimulatedYear(sales_of_lines(world, lines, WARM_UP_DAYS), pd.concat(truth, ignore_index=True))


def sales_of_lines(world: World, lines: Lines, first_day: int) -> pd.DataFrame:
    """The world's lines as SALES_COLUMNS, day 0 being `first_day`."""
    shelf_minor = lines.units * lines.shelf_price_minor
    frame = pd.DataFrame(
        {
            "customer": lines.household,
            "day": lines.day - first_day,
            "product": lines.product,
            "family": world.shop.family[lines.product],
            "quantity_milli": 1000 * lines.units,
            "paid_minor": shelf_minor - lines.promo_minor,
            "discount_minor": lines.promo_minor,
        }
    )
    return checked_year(frame, f"the world {world.parameters.name}")


def _truth(world: World, belief: Belief, cut_day: int, horizon_days: int) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            CUSTOMER_ID: world.customer_id,
            "cut_day": cut_day,
            "p_state": p_silent(world, certain(world), horizon_days),
            "p_history": p_silent(world, belief, horizon_days),
        }
    )
    return frame[world.traits.joined_day < world.day]
