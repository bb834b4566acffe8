"""The shop: families, products, prices and costs, and the chain's own promotions and mailers week by week.

Nothing here depends on households or policies. Products of a family stand side by side, so that a family is a
slice. Product numbers are positions; ids and names are what data and tills know.
"""

import tomllib
from dataclasses import dataclass
from functools import cached_property
from importlib import resources

import numpy as np
from scipy.stats import beta

from training.simulator.draws import Flags, Floats, Ints, Purpose, keyed, normal, uniform
from training.simulator.parameters import WorldParameters
from training.simulator.runs import means, starts_of

_ALCOHOL = frozenset({"Beer", "Wine"})
_GOLDEN = 0.6180339887


@dataclass(frozen=True)
class Shop:
    """Families `[f]` and products `[j]`; prices and costs in minor units of one unit."""

    department: list[str]  # [f]
    family_name: list[str]  # [f]
    starts: Ints  # [f] first product of each family
    sizes: Ints  # [f] number of its products
    keeps: Floats  # [f] 1: can be stocked at home; near 0: spoils
    days_per_unit: Floats  # [f] days for which one unit lasts a usual household
    active_share: Floats  # [f] share of households that use it at all
    price_weight: Floats  # [f] utility for one unit of log price
    attachment: Floats  # [f] on taste and habit, 1 is usual
    product_id: list[str]  # [j]
    name: list[str]  # [j]
    family: Ints  # [j]
    price_minor: Ints  # [j]
    cost_minor: Ints  # [j]
    appeal: Floats  # [j] utility for everybody: popularity, less what dearness within the family takes
    own_brand: Flags  # [j]
    promotion_share: Floats  # [j] share of weeks on promotion
    promotion_weeks: Ints  # [j] length of a promotion
    promotion_phase: Ints  # [j] weeks by which its turns are shifted

    @cached_property
    def flags(self) -> list[str]:
        """Each product's flags in the vocabulary of the products table."""
        names = [self.family_name[family] for family in self.family]
        return [
            ";".join(flag for flag, holds in (("alcohol", name in _ALCOHOL), ("own_brand", own)) if holds)
            for name, own in zip(names, self.own_brand.tolist(), strict=True)
        ]


@dataclass(frozen=True)
class Week:
    """What the chain's promotions and mailer say in one week, for every product `[j]`."""

    promo_minor: Ints  # off one unit, minor units
    price_share: Floats  # promoted price by shelf price
    mailer: Flags
    best_gain: Floats  # [f] largest log(shelf price / promoted price) of each family
    any_mailer: Flags  # [f]


def open_shop(parameters: WorldParameters, seed: int) -> Shop:
    """Draw the shop of a world: families, products, prices, costs."""
    assortment, margins, choice = parameters.assortment, parameters.margins, parameters.choice
    catalogue = tomllib.loads(
        resources.files("training.simulator").joinpath("assortment.toml").read_text(encoding="utf-8")
    )["department"]
    every = [
        (department["name"], float(department["keeps"]), family)
        for department in catalogue
        for family in department["families"]
    ]
    # Golden-section steps take families from all departments, however few a world has.
    order = np.argsort((np.arange(len(every)) * _GOLDEN) % 1.0)[: assortment.families]
    chosen = [every[place] for place in sorted(order.tolist())]
    family = np.arange(len(chosen))

    def of_family(trait: int) -> Floats:
        return normal(keyed(seed, Purpose.SHOP, trait, family))

    spread = np.float32(assortment.products_sd_log)
    mean = assortment.products_per_family * np.exp(spread * of_family(0) - spread**2 / 2)
    sizes = np.clip(np.rint(mean), 1, 100).astype(np.int64)
    starts = starts_of(sizes)
    family_of = np.repeat(family, sizes)
    product = np.arange(len(family_of))

    def of_product(trait: int) -> Floats:
        return normal(keyed(seed, Purpose.SHOP, trait, product))

    log_price = assortment.price_sd_log * of_family(1)
    own = assortment.price_sd_log_in_family * of_product(2)
    price_minor = np.maximum(np.rint(assortment.price_minor * np.exp(log_price[family_of] + own)), 10).astype(
        np.int64
    )
    relative = np.log(price_minor).astype(np.float32)
    relative -= means(relative, starts)[family_of]
    margin = np.clip(margins.mean_share + margins.sd_share * of_family(3), 0.01, 0.9)
    place = product - starts[family_of]
    weeks = int(parameters.promotions.weeks) + (
        uniform(keyed(seed, Purpose.SHOP, 11, product)) < parameters.promotions.weeks % 1
    )
    return Shop(
        department=[department for department, _, _ in chosen],
        family_name=[name for _, _, name in chosen],
        starts=starts,
        sizes=sizes,
        keeps=np.array([keeps for _, keeps, _ in chosen], np.float32),
        days_per_unit=(
            parameters.needs.days_per_unit * np.exp(parameters.needs.family_sd_log * of_family(4))
        ).astype(np.float32),
        active_share=_beta(
            parameters.needs.active_share,
            parameters.needs.active_concentration,
            uniform(keyed(seed, Purpose.SHOP, 5, family)),
        ),
        price_weight=np.maximum(choice.price_weight + choice.price_sd * of_family(6), np.float32(0)).astype(
            np.float32
        ),
        attachment=np.exp(
            choice.attachment_sd_log * of_family(10) - np.float32(choice.attachment_sd_log**2 / 2)
        ).astype(np.float32),
        product_id=[f"{1000 + number}" for number in family_of * 1000 + place],
        name=[f"{chosen[f][2]} {p + 1}" for f, p in zip(family_of.tolist(), place.tolist(), strict=True)],
        family=family_of.astype(np.int64),
        price_minor=price_minor,
        cost_minor=np.rint(price_minor * (1 - margin[family_of])).astype(np.int64),
        appeal=(assortment.popularity_sd * of_product(7) - choice.shelf_weight * relative).astype(np.float32),
        own_brand=uniform(keyed(seed, Purpose.SHOP, 8, product)) < assortment.own_brand_share,
        promotion_share=_beta(
            parameters.promotions.product_share,
            parameters.promotions.concentration,
            uniform(keyed(seed, Purpose.SHOP, 9, product)),
        ),
        promotion_weeks=weeks,
        promotion_phase=(uniform(keyed(seed, Purpose.SHOP, 12, product)) * weeks).astype(np.int64),
    )


def open_week(shop: Shop, parameters: WorldParameters, seed: int, week: int) -> Week:
    """Promotions and mailer of week `week` (day 0 begins week 0); they depend on nothing that households do."""
    promotions = parameters.promotions
    product = np.arange(len(shop.product_id))
    turn = (week + shop.promotion_phase) // shop.promotion_weeks
    promoted = uniform(keyed(seed, Purpose.PROMOTION, 0, product, turn)) < shop.promotion_share
    steps = np.cumsum(promotions.depth_weights) / np.sum(promotions.depth_weights)
    drawn = np.searchsorted(steps, uniform(keyed(seed, Purpose.PROMOTION, 1, product, turn)))
    depth_bp = np.array(promotions.depths_bp, np.int64)[np.minimum(drawn, len(steps) - 1)] * promoted
    promo_minor = part_minor(shop.price_minor, depth_bp)
    price_share = (1 - promo_minor / shop.price_minor).astype(np.float32)
    shown = uniform(keyed(seed, Purpose.PROMOTION, 2, product, week)) < promotions.mailer_share
    mailer = (promo_minor > 0) & shown
    return Week(
        promo_minor=promo_minor,
        price_share=price_share,
        mailer=mailer,
        best_gain=np.maximum.reduceat(-np.log(price_share), shop.starts).astype(np.float32),
        any_mailer=np.maximum.reduceat(mailer, shop.starts),
    )


def part_minor(amount_minor: Ints, share_bp: Ints) -> Ints:
    """`share_bp` basis points of amounts, a half rounded up: the till's one rounding rule, for arrays."""
    part: Ints = (amount_minor * share_bp + 5000) // 10_000
    return part


def margin_minor(shop: Shop, product: Ints, units: Ints, paid_minor: Ints) -> Ints:
    """What a line leaves: paid less cost, minor units. Costs are a stated assumption of the world (`margins`)."""
    left: Ints = paid_minor - units * shop.cost_minor[product]
    return left


def _beta(mean: float, concentration: float, drawn: Floats) -> Floats:
    """Beta variates with a mean and a concentration (the sum of both shapes) by inversion."""
    if mean in {0.0, 1.0}:
        return np.full_like(drawn, mean)
    shares: Floats = beta.ppf(
        drawn.astype(np.float64), mean * concentration, (1 - mean) * concentration
    ).astype(np.float32)
    return shares
