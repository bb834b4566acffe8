"""A shop's response as its own year tells it, beside what the same world's promotions truly bring."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from training.fitting.response.shop_response import ResponseTold, response_of_lines
from training.simulator.oracle.promotion_truth import TrueLift, kept_of_extra, true_lift
from training.simulator.world.offers_and_lines import Lines, joined
from training.simulator.world.simulated_shop import SimulatedShop
from training.simulator.world.world import World
from training.simulator.world.world_parameters import WorldParameters

WARM_UP_DAYS, WEEKS, FEW = 84, 52, 10


@dataclass(frozen=True)
class ResponseAndTruth:
    """What was told after a year, and the truth of some of its weeks: of one product in ten, and of all at once."""

    told: ResponseTold
    kept_of_few: np.ndarray  # (weeks, 2): what is kept of extra margin, and the extra margin
    kept_of_all: np.ndarray
    lift: TrueLift

    @property
    def kappa(self) -> float:
        """Of one product's promotion beside the others'."""
        return ratio(self.kept_of_few)

    @property
    def kappa_error(self) -> float:
        """Its standard error by leaving out one week after the other (the jackknife)."""
        weeks = len(self.kept_of_few)
        others = [ratio(np.delete(self.kept_of_few, week, axis=0)) for week in range(weeks)]
        return float(np.sqrt((weeks - 1) * np.var(others)))

    def true_elasticity(self, known: int, percents: tuple[int, ...]) -> float:
        """Log of the true growth over the log of the price cut, purchases at these depths together."""
        with_it, without = (
            counted[known].sum(axis=0)[list(percents)] for counted in (self.lift.with_it, self.lift.without)
        )
        cut = -np.log1p(-np.array(percents) / 100)
        return float(np.log(with_it.sum() / without.sum()) / np.average(cut, weights=without))


def ratio(kept_and_extra: np.ndarray) -> float:
    kept, extra = kept_and_extra.sum(axis=0)
    return float(kept / extra)


def lines_of(lines: Lines, shop: SimulatedShop, first_day: int) -> pd.DataFrame:
    """The world's lines as LINE_COLUMNS."""
    whole = lines.units * lines.shelf_price_minor
    return pd.DataFrame(
        {
            "customer": lines.household,
            "product": lines.product,
            "family": shop.family[lines.product],
            "day": lines.day - first_day,
            "units": lines.units.astype(np.float64),
            "list_minor": whole,
            "off_minor": lines.promo_minor,
            "margin_minor": whole - lines.units * shop.cost_minor[lines.product],
        }
    )


def response_and_truth(
    parameters: WorldParameters, customers: int, seed: int, looked_at: tuple[int, ...]
) -> ResponseAndTruth:
    """Live a year, estimate, and find the truth of the weeks `looked_at`."""
    world = World.new(parameters, customers, seed)
    world.live(WARM_UP_DAYS)
    shop = world.shop
    buys = np.zeros((customers, len(shop.product_id)), np.int64)
    weeks: list[Lines] = []
    few: list[tuple[int, int]] = []
    whole: list[tuple[int, int]] = []
    lift: TrueLift | None = None
    for week in range(WEEKS):
        if week in looked_at:
            found = true_lift(world, buys, FEW, len(few))
            lift = found if lift is None else lift.plus(found)
            few.append(kept_of_extra(world, FEW, len(few)))
            whole.append(kept_of_extra(world, 1, 0))
        lines = world.live(7)
        days = np.unique(np.column_stack([lines.household, lines.product, lines.day]), axis=0)
        np.add.at(buys, (days[:, 0], days[:, 1]), 1)
        weeks.append(lines)
    assert lift is not None
    told = response_of_lines(
        lines_of(joined(weeks), shop, WARM_UP_DAYS),
        WEEKS,
        shop.family_name,
        dict(enumerate(shop.product_id)),
    )
    return ResponseAndTruth(told, np.array(few, float), np.array(whole, float), lift)
