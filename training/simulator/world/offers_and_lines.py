"""What the world and its tills exchange: personal offers of a day, and the lines of its baskets.

Also the world's own till, for lives without an engine: the better of offer and promotion counts for a whole line.
"""

from dataclasses import dataclass, fields

import numpy as np

from training.simulator.world.draws import Ints
from training.simulator.world.simulated_shop import part_minor


@dataclass(frozen=True)
class PersonalOffers:
    """Personal offers valid on a day, sorted by household; one entry each. `offer_no` is the caller's own handle."""

    household: Ints  # row of the world
    product: Ints
    discount_bp: Ints
    max_units: Ints
    offer_no: Ints

    def __len__(self) -> int:
        return len(self.household)

    def take(self, rows: Ints) -> "PersonalOffers":
        """Some of the offers, in the order of `rows`."""
        return PersonalOffers(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True)
class Lines:
    """A day's baskets, sorted by household and product; one entry each."""

    household: Ints  # row of the world
    basket: Ints
    product: Ints
    units: Ints
    shelf_price_minor: Ints  # of one unit
    promo_minor: Ints  # the chain's promotion off the whole line
    offer_no: Ints  # of a valid personal offer on the product, whether or not it is the better; -1: none
    day: Ints
    second: Ints  # of the day

    def __len__(self) -> int:
        return len(self.household)

    def take(self, rows: Ints) -> "Lines":
        """Some of the lines, in the order of `rows`."""
        return Lines(*(getattr(self, field.name)[rows] for field in fields(self)))

    def discount_minor(self, personal_minor: Ints) -> Ints:
        """What is off each line: a personal discount stands in the place of the chain's promotion."""
        off: Ints = np.where(personal_minor > 0, personal_minor, self.promo_minor)
        return off


def beyond_minor(price_minor: Ints, discount_bp: Ints, promo_minor: Ints) -> Ints:
    """What personal discounts take off one unit beyond what everybody gets, 0 where the chain sells it as cheaply."""
    more: Ints = np.maximum(part_minor(price_minor, discount_bp) - promo_minor, 0)
    return more


def no_offers() -> PersonalOffers:
    """A day without personal offers."""
    return PersonalOffers(*(np.zeros(0, np.int64) for _ in fields(PersonalOffers)))


def joined(days: list[Lines]) -> Lines:
    """Lines of several days or blocks, one after the other."""
    if not days:
        return Lines(*(np.zeros(0, np.int64) for _ in fields(Lines)))
    return Lines(*(np.concatenate([getattr(one, field.name) for one in days]) for field in fields(Lines)))


def personal_minor(lines: Lines, offers: PersonalOffers) -> Ints:
    """What the world's own till takes off each line: the offer on the line where it is the better, else 0.

    An offer is on its first `max_units`. As at the engine's tills, the discount of one unit is rounded, a half
    upwards, and taken as many times.
    """
    if not len(offers):
        return np.zeros(len(lines), np.int64)
    by_no = np.argsort(offers.offer_no, kind="stable")
    place = by_no[np.minimum(np.searchsorted(offers.offer_no[by_no], lines.offer_no), len(offers) - 1)]
    units = np.minimum(lines.units, offers.max_units[place])
    off = units * part_minor(lines.shelf_price_minor, offers.discount_bp[place])
    return np.where((lines.offer_no >= 0) & (off > lines.promo_minor), off, 0)
