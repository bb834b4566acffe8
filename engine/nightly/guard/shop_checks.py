"""Checks of the shop: are these the items, prices, customers and baskets that were known before?"""

from collections.abc import Iterator
from statistics import median

from engine.nightly.guard.guard_check import GuardCheck, nothing_before, slack
from engine.nightly.guard.tonight import Tonight
from engine.programme import GuardLimits

PRICE_JUMP = 5.0


def items(tonight: Tonight, limits: GuardLimits) -> Iterator[GuardCheck]:
    """Items in use before: still in use, at the same level of prices, none of them with an absurd price."""
    names = ("known_items", "price_level", "price_jumps")
    if tonight.reference is None:
        yield from map(nothing_before, names)
        return
    whose, before = tonight.reference
    marks = [mark for mark in before.items if mark in tonight.item_prices]
    if not before.items:
        yield from (GuardCheck(name, None, f"{whose} knew no item in use") for name in names)
        return
    least, count = limits.min_known_item_share, len(before.items)
    yield GuardCheck(
        names[0],
        round(len(marks) / count, 4),
        f"{len(marks):,} of {count:,} sampled items that were in use when {whose} looked still are",
        at_least=round(max(0.0, least - slack(least, count)), 4),
    )
    pairs = [(before.items[mark], tonight.item_prices[mark]) for mark in marks]
    ratios = [now / then for then, now in pairs if now and then]
    if not ratios:
        yield from (
            GuardCheck(name, None, f"no item with a price in common with {whose}") for name in names[1:]
        )
        return
    factor = limits.max_price_factor
    says = f"of the median item of {len(ratios):,}, against when {whose} looked"
    yield GuardCheck(names[1], round(median(ratios), 4), says, round(1 / factor, 4), factor)
    jumped = sum(not 1 / PRICE_JUMP <= ratio <= PRICE_JUMP for ratio in ratios)
    most = limits.max_price_jump_share
    yield GuardCheck(
        names[2],
        round(jumped / len(ratios), 4),
        f"{jumped:,} of {len(ratios):,} items, against when {whose} looked",
        at_most=round(most + slack(most, len(ratios)), 4),
    )


def known_customers(tonight: Tonight, limits: GuardLimits) -> GuardCheck:
    """The customers of the last run are scored again, or ids were mixed up."""
    share, name = tonight.known_customer_share, "known_customers"
    if not tonight.earlier:
        return GuardCheck(name, None, "no earlier run")
    last = tonight.earlier[-1]
    if share is None:
        return GuardCheck(name, None, f"the folder of run {last.run_id} is gone")
    least = limits.min_known_customer_share
    return GuardCheck(
        name,
        round(share, 4),
        f"of the {last.measures.customers:,} customers scored in run {last.run_id}",
        at_least=round(max(0.0, least - slack(least, last.measures.customers)), 4),
    )


def model_shop(tonight: Tonight, limits: GuardLimits) -> GuardCheck:
    """The model was fitted on this shop's baskets and not on another one's."""
    name, model = "model_shop", tonight.measures.model
    if tonight.model is None:
        return GuardCheck(name, None, f"model {model} did not record its shop")
    first, until = tonight.model.basket_days
    if tonight.model_basket_share is None:
        return GuardCheck(name, None, f"the data do not reach back to {first}, where model {model} looked")
    least, count = limits.min_model_basket_share, len(tonight.model.baskets)
    return GuardCheck(
        name,
        round(tonight.model_basket_share, 4),
        f"of {count:,} baskets of {first} to {until} that model {model} was fitted on, in these data",
        at_least=round(max(0.0, least - slack(least, count)), 4),
    )
