"""The shop: families and their products, prices and costs. Nothing here depends on households or policies.

Products of a family stand side by side, so that a family is a slice. Product numbers are positions; ids and names are
what data and tills know.
"""

import tomllib
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from importlib import resources
from typing import NamedTuple

import numpy as np

from training.simulator.world.draws import (
    Flags,
    Floats,
    Ints,
    Purpose,
    beta_of,
    keyed,
    mean_one,
    normal,
    uniform,
)
from training.simulator.world.flat_runs import means, starts_of
from training.simulator.world.world_parameters import ShopAssortment, WorldParameters

_ALCOHOL = frozenset({"Beer", "Wine"})
_GOLDEN = 0.6180339887
_LEAST_PRICE_MINOR = 10
_MOST_PRODUCTS = 100  # of a family
_MARGINS = 0.01, 0.9  # the normal's tails are cut here
_IDS_PER_FAMILY = 1000


@dataclass(frozen=True)
class SimulatedShop:
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

    @cached_property
    def flags(self) -> list[str]:
        """Each product's flags in the vocabulary of the products table."""
        names = [self.family_name[family] for family in self.family]
        return [
            ";".join(flag for flag, holds in (("alcohol", name in _ALCOHOL), ("own_brand", own)) if holds)
            for name, own in zip(names, self.own_brand.tolist(), strict=True)
        ]


class _Family(NamedTuple):
    department: str
    keeps: float
    name: str


class _ShopTrait(IntEnum):
    """Names the draws that make a shop; the numbers are part of every world's past."""

    PRODUCTS = 0
    FAMILY_PRICE = 1
    PRICE = 2
    MARGIN = 3
    USE = 4
    ACTIVE = 5
    PRICE_WEIGHT = 6
    POPULARITY = 7
    OWN_BRAND = 8
    ATTACHMENT = 10


@dataclass(frozen=True)
class ShopDice:
    """What makes a shop, one draw for each of some families or products, by the trait's number."""

    seed: int
    numbers: Ints

    def uniform(self, trait: int) -> Floats:
        """Uniform on (0, 1) for each."""
        return uniform(keyed(self.seed, Purpose.SHOP, trait, self.numbers))

    def normal(self, trait: int) -> Floats:
        """Standard normal for each."""
        return normal(keyed(self.seed, Purpose.SHOP, trait, self.numbers))


def open_shop(parameters: WorldParameters, seed: int) -> SimulatedShop:
    """Draw the shop of a world."""
    assortment, needs, choice = parameters.assortment, parameters.needs, parameters.choice
    families = _families(assortment.families)
    of_family = ShopDice(seed, np.arange(len(families)))
    spread = assortment.products_sd_log
    mean = assortment.products_per_family * np.exp(
        spread * of_family.normal(_ShopTrait.PRODUCTS) - spread**2 / 2
    )
    sizes = np.clip(np.rint(mean), 1, _MOST_PRODUCTS).astype(np.int64)
    starts = starts_of(sizes)
    family = np.repeat(np.arange(len(families)), sizes)
    place = np.arange(len(family)) - starts[family]
    of_product = ShopDice(seed, np.arange(len(family)))
    price_minor = _prices_minor(assortment, of_family, of_product, family)
    log_price = np.log(price_minor).astype(np.float32)
    margin = parameters.margins.mean_share + parameters.margins.sd_share * of_family.normal(_ShopTrait.MARGIN)
    return SimulatedShop(
        department=[one.department for one in families],
        family_name=[one.name for one in families],
        starts=starts,
        sizes=sizes,
        keeps=np.array([one.keeps for one in families], np.float32),
        days_per_unit=needs.days_per_unit
        * np.exp(np.float32(needs.family_sd_log) * of_family.normal(_ShopTrait.USE)),
        active_share=beta_of(
            needs.active_share, needs.active_concentration, of_family.uniform(_ShopTrait.ACTIVE)
        ),
        price_weight=np.maximum(
            choice.price_weight + np.float32(choice.price_sd) * of_family.normal(_ShopTrait.PRICE_WEIGHT), 0
        ),
        attachment=mean_one(choice.attachment_sd_log, of_family.normal(_ShopTrait.ATTACHMENT)),
        product_id=[str(number) for number in _IDS_PER_FAMILY * (family + 1) + place],
        name=[f"{families[of].name} {number + 1}" for of, number in zip(family, place, strict=True)],
        family=family,
        price_minor=price_minor,
        cost_minor=np.rint(price_minor * (1 - np.clip(margin, *_MARGINS)[family])).astype(np.int64),
        appeal=np.float32(assortment.popularity_sd) * of_product.normal(_ShopTrait.POPULARITY)
        - np.float32(choice.shelf_weight) * (log_price - means(log_price, starts)[family]),
        own_brand=of_product.uniform(_ShopTrait.OWN_BRAND) < assortment.own_brand_share,
    )


def part_minor(amount_minor: Ints, share_bp: Ints) -> Ints:
    """`share_bp` basis points of amounts, a half rounded up: the till's one rounding rule, for arrays."""
    part: Ints = (amount_minor * share_bp + 5000) // 10_000
    return part


def margin_minor(shop: SimulatedShop, product: Ints, units: Ints, paid_minor: Ints) -> Ints:
    """What a line leaves: paid less cost, minor units. Costs are a stated assumption of the world (`margins`)."""
    left: Ints = paid_minor - units * shop.cost_minor[product]
    return left


def _families(count: int) -> list[_Family]:
    """So many families of the catalogue; golden-section steps take them from all departments, however few."""
    text = resources.files("training.simulator.world").joinpath("assortment.toml").read_text(encoding="utf-8")
    every = [
        _Family(department["name"], department["keeps"], name)
        for department in tomllib.loads(text)["department"]
        for name in department["families"]
    ]
    order = np.argsort((np.arange(len(every)) * _GOLDEN) % 1.0)
    return [every[place] for place in sorted(order[:count].tolist())]


def _prices_minor(
    assortment: ShopAssortment, of_family: ShopDice, of_product: ShopDice, family: Ints
) -> Ints:
    log_price = assortment.price_sd_log * of_family.normal(_ShopTrait.FAMILY_PRICE)[family]
    log_price = log_price + assortment.price_sd_log_in_family * of_product.normal(_ShopTrait.PRICE)
    prices: Ints = np.rint(assortment.price_minor * np.exp(log_price)).astype(np.int64)
    return np.maximum(prices, _LEAST_PRICE_MINOR)
