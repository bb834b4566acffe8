"""Weeks that a world has lived, as the scores want them: margins, personal discounts, offers, who is still there."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from training.simulator.loop.simulation_start import BURN_IN_DAYS
from training.simulator.scores.lived import DAYS_A_WEEK, OFFER_COLUMNS, Lived, lines_of, offers_of
from training.simulator.world.offers_and_lines import Lines
from training.simulator.world.simulated_shop import margin_minor
from training.simulator.world.world import World

# Weeks lived without a night after the last one: stocks are used up, customers stay or go.
AFTER_WEEKS = 4
NOTHING_OFFERED = offers_of(**{name: np.zeros(0, np.int64) for name in OFFER_COLUMNS})


def recorded(world: World, lines: Lines, personal: npt.NDArray[np.int64], offers: pd.DataFrame) -> Lived:
    """A week that the world has just lived: its lines, what personal offers took off each, the offers made for it."""
    paid = lines.shelf_price_minor * lines.units - lines.discount_minor(personal)
    frame = lines_of(
        household=lines.household,
        day=lines.day - BURN_IN_DAYS,
        product=lines.product,
        units=lines.units,
        margin_minor=margin_minor(world.shop, lines.product, lines.units, paid),
        personal_minor=personal,
        offer_no=np.where(personal > 0, lines.offer_no, -1),
    )
    return Lived(frame, offers[list(OFFER_COLUMNS)], world.state.here[None, :].copy())


def lived_without(world: World, weeks: int) -> Lived:
    """So many weeks and the AFTER_WEEKS without any offer, lived in a copy of the world."""
    alone = world.copy()
    lived = []
    for _ in range(weeks + AFTER_WEEKS):
        lines = alone.live(DAYS_A_WEEK)
        lived.append(recorded(alone, lines, np.zeros(len(lines), np.int64), NOTHING_OFFERED))
    return Lived.joined(lived)
