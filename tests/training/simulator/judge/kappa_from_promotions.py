"""Kappa as a shop would tell it from its own promotions, with purchase rates that are frozen before them, or that move."""

import numpy as np

from training.simulator.world.flat_runs import totals
from training.simulator.world.offers_and_lines import Lines
from training.simulator.world.simulated_shop import SimulatedShop

BEFORE, AFTER, MOVING = 8, 6, 5  # weeks: of the frozen rate, of what is counted, of the moving rate


def kappa_told(lines: Lines, shop: SimulatedShop, promoted: np.ndarray, *, frozen: bool) -> float:
    """Extra margin of families over AFTER weeks for each unit of their promoted products' extra margin, by least squares.

    Args:
        lines: of whole weeks from day 0 on.
        shop: what is sold.
        promoted: (weeks, products).
        frozen: whether what is usual is the mean of the weeks before, or of the MOVING weeks up to each one.

    """
    weeks, products = promoted.shape
    cell = (lines.day // 7) * products + lines.product
    units = totals(cell, lines.units, weeks * products).reshape(weeks, products)
    margin = units * (shop.price_minor - shop.cost_minor)
    families = np.add.reduceat(margin, shop.starts, axis=1)
    extra, kept = [], []
    for week in range(BEFORE, weeks - AFTER):
        usual = margin[week - BEFORE : week].mean(axis=0)
        more = np.where(promoted[week], margin[week] - usual, 0.0)
        extra.append(np.add.reduceat(more, shop.starts))
        before = families[week - BEFORE : week].mean(axis=0)
        kept.append(
            sum(
                families[at] - (before if frozen else families[at - MOVING + 1 : at + 1].mean(axis=0))
                for at in range(week, week + AFTER)
            )
        )
    x, y = np.concatenate(extra), np.concatenate(kept)
    x, y = x[x != 0], y[x != 0]
    x, y = x - x.mean(), y - y.mean()
    return float((x @ y) / (x @ x))
