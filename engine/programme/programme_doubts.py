"""What a programme allows and its owner hardly means, held against the shop's prices, sales and customers.

A programme with a doubt can be used; what cannot be used is refused by `programme` itself.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.domain.budget import BudgetPeriod
from engine.domain.money import discount_minor
from engine.programme.programme import Programme
from models.ground.currencies import written
from models.ground.shop_figures import ShopFigures

# Whoever writes less than 1 % has written a percentage, or a share, where basis points are asked.
SHALLOWEST_BP = 100
# How many units of an offered item are bought while the offer lasts: 12,042 offers of the demo's night, 13 % off in the mean,
# cost .20 a bundle of six at a middle price of 2.20.
USES_AN_OFFER = 0.12
# Shares of the customers below which a budget reaches few: bundles are for everybody, a favourite is for who picks one.
FEW_BUNDLES, FEW_FAVOURITES = 0.5, 0.2
_KEPT_BY_LAW = ("alcohol", "tobacco")
_DAYS = {BudgetPeriod.DAY: 1, BudgetPeriod.WEEK: 7, BudgetPeriod.MONTH: 30}


@dataclass(frozen=True)
class Doubt:
    """A key of the programme and a sentence about its value: what it does, and what may be meant."""

    key: str
    sentence: str


def doubts(programme: Programme, figures: ShopFigures) -> list[Doubt]:
    """Return what deserves a look before the night, in the order of the file; empty where nothing does."""
    return [
        *_about_depths(programme, figures),
        *_about_exclusions(programme, figures),
        *_about_budget(programme, figures),
        *_about_favourite(programme, figures),
    ]


def _about_depths(programme: Programme, figures: ShopFigures) -> Iterator[Doubt]:
    depths = [("depths.bp", bp) for bp in programme.depths.bp]
    if programme.favourite.offered:
        depths.append(("favourite.discount_bp", programme.favourite.discount_bp))
    for key, bp in depths:
        saved = _said(discount_minor(figures.price_middle, bp), figures)
        what = f"{bp} bp are {bp / 100:g} % off, {saved} of the middle price {_said(figures.price_middle, figures)}"
        if bp < SHALLOWEST_BP:
            yield Doubt(key, f"{what}; for {bp} % write {bp * 100}.")
        elif not discount_minor(figures.price_middle, bp):
            yield Doubt(key, f"{what}: nobody saves anything; give more.")


def excluded_in_vain(flags: Iterable[str], figures: ShopFigures) -> str | None:
    """Say that no product bears what the law often keeps from offers, where the products bear no flag at all."""
    vain = [flag for flag in flags if flag in _KEPT_BY_LAW]
    if not vain or figures.flags:
        return None
    return (
        f"no product bears a flag, so {' and '.join(vain)} are offered like all others: give the products table a column "
        "flags, or name their families in exclusions.families; a shop that sells none takes them out of this list."
    )


def _about_exclusions(programme: Programme, figures: ShopFigures) -> Iterator[Doubt]:
    vain = excluded_in_vain(programme.exclusions.flags, figures)
    if vain and not programme.exclusions.families:
        yield Doubt("exclusions.flags", vain)


def _about_budget(programme: Programme, figures: ShopFigures) -> Iterator[Doubt]:
    budget, bundle, validity = programme.budget, programme.bundle, programme.validity
    items = bundle.min_items if programme.claim is None else programme.claim.shown
    one = items * figures.price_middle * min(programme.depths.bp) / 10_000 * USES_AN_OFFER
    in_period = max(1.0, _DAYS[budget.period] * 2 / (validity.min_days + validity.max_days))
    reached = budget.amount_minor / (one * in_period)
    if reached < FEW_BUNDLES * figures.customers:
        yield Doubt(
            "budget.amount_minor",
            f"{_said(budget.amount_minor, figures)} a {budget.period} are enough for bundles of about {reached:,.0f} of "
            f"{figures.customers:,} customers; all of them need about {_said(one * in_period * figures.customers, figures)}.",
        )


def _about_favourite(programme: Programme, figures: ShopFigures) -> Iterator[Doubt]:
    favourite = programme.favourite
    if not favourite.offered:
        return
    low, high = favourite.min_price_minor, favourite.max_price_minor
    if high < figures.price_middle:
        share = "nine tenths" if high < figures.price_low else "half"
        price = figures.price_low if high < figures.price_low else figures.price_middle
        yield Doubt(
            "favourite.max_price_minor",
            f"{_said(high, figures)}, but {share} of purchases cost {_said(price, figures)} or more: customers find little to "
            "pick.",
        )
    if low > figures.price_middle:
        yield Doubt(
            "favourite.min_price_minor",
            f"{_said(low, figures)}, but half of purchases cost {_said(figures.price_middle, figures)} at most: customers "
            "find little to pick.",
        )
    price = min(max(figures.price_middle, low), high)
    one = discount_minor(price, favourite.discount_bp) * favourite.budget.expected_units
    in_period = max(1.0, _DAYS[favourite.budget.period] / favourite.days)
    reached = favourite.budget.amount_minor / max(1.0, one * in_period)
    if reached < FEW_FAVOURITES * figures.customers:
        yield Doubt(
            "favourite.budget.amount_minor",
            f"{_said(favourite.budget.amount_minor, figures)} a {favourite.budget.period} are enough for the favourites of "
            f"about {reached:,.0f} of {figures.customers:,} customers; after them nobody can pick one.",
        )


def _said(minor: float, figures: ShopFigures) -> str:
    return f"{written(minor, figures.currency)} {figures.currency}"
