"""The budget's shadow price of a night, from the buckets' plans: with what items and suppliers' money cost where these are scarce.

Everything here is sums over the buckets in the run folder, so that neither their number nor the workers change it.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.domain.arms import Arm
from engine.domain.budget import allowance_milli, cell_allowances, remaining_nights
from engine.domain.budget_lines import WIN_BACK, cell_of, line_label, line_of
from engine.domain.money import WHOLE_BP
from engine.nightly.choosing.allocation import NOTHING, find_shadow_price, shadow_price_per_minor
from engine.nightly.choosing.bucket_plan import BucketPlan
from engine.nightly.choosing.cell_plans import CellPlans
from engine.nightly.choosing.staples_exchanged import at_item_prices
from engine.nightly.choosing.thinned_lots import lot_costs_milli
from engine.nightly.choosing.used_cost import used_cost_milli
from engine.nightly.context import NightContext
from engine.nightly.prices.funders_tonight import funders_told, left_of_funders
from engine.nightly.prices.gifts_tonight import gift_budgets
from engine.nightly.prices.staples_tonight import ItemPrices, keep_shares, limited_shares, prices_told
from models.tables import CUSTOMER_ID

_SUMMED = ("wanted_milli", "planned_milli", "full_use_milli")  # over the cells of experiments


def shadow_price(context: NightContext, committed_milli: int, factor_bp: Mapping[str, int]) -> dict[str, Any]:
    """Find the budget's shadow price, at which tonight's bundles cost no more than tonight's share of the budget.

    While experiments run, everybody in the same arms has a part of the budget in proportion to how many they are, with a
    shadow price of its own, so that no arm spends what another one saves; `cells` has them, and the rest their sums. Where the
    programme limits the share of bundles in which one item may stand, `staples` has the items' prices by cell, and where suppliers pay
    a part, `funders` has every agreement's line; the budget is that of the bundles after what is exchanged at these prices. Where
    rules pay some customers' offers from lines of their own, `lines` has each line, and the rest says nothing of them.

    `factor_bp` is what tills give for each unit of expected cost, by kind; empty where offers count as expected. With it
    wanted_milli and planned_milli are what tills are expected to give, and full_use_milli what was planned by scores.
    """
    night, rules = context.night, context.night.programme.budget
    nights = remaining_nights(night.valid_from, rules.period, night.days)
    allowance = allowance_milli(rules.amount_minor, committed_milli, nights)
    items = ItemPrices()
    people = Counter[str]() if context.data.fundings is None else _people(context)
    while True:
        wanted, lots = _wanted(context, factor_bp, items), _Lots(context, factor_bp, items)
        ordinary = {label: cost for label, cost in wanted.items() if line_of(label) is None}
        found = _priced_all(context, ordinary, lots, allowance, nights) | _lines(context, wanted, items)
        shares = limited_shares(context, wanted)
        left = left_of_funders(context, {label: people[label] for label in wanted if people})
        if not shares and not left:
            break
        indices = {label: index for label, (index, _) in settled_at(found).items()}
        kept = keep_shares(context, shares, left, indices, items)
        if kept.is_as(items):
            if shares:
                found["staples"] = prices_told(context, kept, shares)
                found["exchanged_milli"] = sum(held.lost_milli for held in kept.last.values())
            if left:
                found["funders"] = funders_told(context, kept, left)
            break
        items = kept
    if factor_bp:
        found["factor_bp"] = dict(factor_bp)
    return {
        "amount_minor": rules.amount_minor,
        "period": rules.period.value,
        "committed_milli": committed_milli,
        "nights_left": nights,
        "allowance_milli": allowance,
        **found,
    }


def _lines(context: NightContext, wanted: "Mapping[str, _Wanted]", items: ItemPrices) -> dict[str, Any]:
    """Under `lines` every line of the programme's budget, priced by itself; what it plans counts as scores have it, what it gives whole.

    Where experiments run, everybody in the same arms has a part in proportion to how many of the line they are, rounded down.
    """
    rules, night = context.night.programme.rules, context.night
    gifts = gift_budgets(context)
    if rules is None or rules.win_back is None:
        return {"lines": gifts} if gifts else {}
    line = rules.win_back
    committed = context.folder.committed_in_lines.get(WIN_BACK, 0)
    nights = remaining_nights(night.valid_from, line.period, night.days)
    allowance = allowance_milli(line.amount_minor, committed, nights)
    mine = {
        label: _Wanted(one.as_scored, None) for label, one in wanted.items() if line_of(label) == WIN_BACK
    }
    people = _people(context)
    everybody = max(sum(people[label] for label in mine), 1)
    lots = _Lots(context, {}, items)
    cells = {
        cell_of(label): _priced(
            label, cost, lots, allowance * people[label] // everybody if len(mine) > 1 else allowance
        )
        for label, cost in sorted(mine.items())
    }
    about = {
        "amount_minor": line.amount_minor,
        "period": line.period.value,
        "committed_milli": committed,
        "nights_left": nights,
        "allowance_milli": allowance,
        **{key: sum(int(cell[key]) for cell in cells.values()) for key in _SUMMED[:2]},
        "cells": cells,
    }
    return {"lines": {WIN_BACK: about, **gifts}}


def _priced_all(
    context: NightContext, wanted: "Mapping[str, _Wanted]", lots: "_Lots", allowance: int, nights: int
) -> dict[str, Any]:
    """What the budget leaves everybody, or each cell of experiments with their sums."""
    if not context.trials:
        return _priced("", wanted[""], lots, allowance)
    cells = _cell_budgets(context, wanted, lots, allowance, nights)
    priced = max(cells.values(), key=lambda cell: int(cell["price_index"]))
    summed = [key for key in _SUMMED if key in priced]
    return {
        **{key: sum(cell[key] for cell in cells.values()) for key in summed},
        **{key: priced[key] for key in ("price_index", "value_per_minor")},
        "cells": cells,
    }


@dataclass(frozen=True)
class _Wanted:
    """A cell's expected cost at every shadow price's index: as tills give it, and as scores have it where these differ."""

    used: npt.NDArray[np.int64]
    full: npt.NDArray[np.int64] | None

    @property
    def as_scored(self) -> npt.NDArray[np.int64]:
        """As scores have it, whatever tills give."""
        return self.used if self.full is None else self.full

    def __add__(self, other: "_Wanted") -> "_Wanted":
        full = None if self.full is None or other.full is None else self.full + other.full
        return _Wanted(self.used + other.used, full)


def _wanted(context: NightContext, factor_bp: Mapping[str, int], items: ItemPrices) -> dict[str, _Wanted]:
    """Every cell's at some prices of items, summed over the buckets."""
    total: dict[str, _Wanted] = {}
    for bucket in range(context.data.buckets):
        for label, first in CellPlans.load(context.folder.plan(bucket)).plans.items():
            plan = _exchanged(context, label, first, items)
            one = (
                _Wanted(used_cost_milli(plan, factor_bp), plan.cost_milli)
                if factor_bp
                else _Wanted(plan.cost_milli, None)
            )
            total[label] = total[label] + one if label in total else one
    return total


def _exchanged(context: NightContext, label: str, plan: BucketPlan, items: ItemPrices) -> BucketPlan:
    price = items.price.get(label)
    if price is None:
        return plan
    return at_item_prices(plan, price, context.cell(label).min_items, items.lines.get(label))


@dataclass(frozen=True)
class _Lots:
    """What lots give away in each cell, by the share of them that counts; looked up only where all of them are too many."""

    context: NightContext
    factor_bp: Mapping[str, int]
    items: ItemPrices

    @cached_property
    def used(self) -> dict[str, npt.NDArray[np.int64]]:
        """As tills give it."""
        return self._summed(self.factor_bp)

    @cached_property
    def full(self) -> dict[str, npt.NDArray[np.int64]]:
        """As scores have it."""
        return self._summed({})

    def _summed(self, factor_bp: Mapping[str, int]) -> dict[str, npt.NDArray[np.int64]]:
        total: dict[str, npt.NDArray[np.int64]] = {}
        for bucket in range(self.context.data.buckets):
            for label, first in CellPlans.load(self.context.folder.plan(bucket)).plans.items():
                plan = _exchanged(self.context, label, first, self.items)
                one = lot_costs_milli(plan, factor_bp)
                total[label] = total[label] + one if label in total else one
        return total


def _priced(label: str, wanted: _Wanted, lots: _Lots, allowance: int) -> dict[str, Any]:
    """`lots_bp` is there where only so many of the lots count, because the budget has no room for all of them."""
    index = find_shadow_price(wanted.used, allowance)
    planned, full = int(wanted.used[index]), None if wanted.full is None else int(wanted.full[index])
    thin: dict[str, int] = {}
    if index == NOTHING and (share_bp := _room_for(wanted, lots.used[label], allowance)):
        index, thin = NOTHING - 1, {"lots_bp": share_bp}
        planned = int(wanted.used[index] - lots.used[label][-1] + lots.used[label][share_bp])
        if wanted.full is not None:
            full = int(wanted.full[index] - lots.full[label][-1] + lots.full[label][share_bp])
    value_per_minor = shadow_price_per_minor(index)
    found = {
        "wanted_milli": int(wanted.used[0]),
        "planned_milli": planned,
        "price_index": index,
        "value_per_minor": value_per_minor if value_per_minor < float("inf") else None,
        **thin,
    }
    return found if full is None else found | {"full_use_milli": full}


def _room_for(wanted: _Wanted, lots_milli: npt.NDArray[np.int64], allowance: int) -> int:
    """The most basis points of the lots that an allowance covers beside whatever nothing else keeps from being taken."""
    room = allowance - int(wanted.used[NOTHING - 1] - lots_milli[-1])
    return int(np.searchsorted(lots_milli, room, side="right")) - 1 if lots_milli[-1] > 0 <= room else 0


def _cell_budgets(
    context: NightContext, wanted: Mapping[str, _Wanted], lots: _Lots, allowance: int, nights: int
) -> dict[str, dict[str, Any]]:
    people = _people(context)
    amount, committed = context.night.programme.budget.amount_minor, context.folder.committed_in_cells
    parts = cell_allowances(amount, {label: people[label] for label in wanted}, committed, nights, allowance)
    return {
        label: {
            "customers": people[label],
            "committed_milli": committed.get(label, 0),
            "allowance_milli": parts[label],
            **_priced(label, wanted[label], lots, parts[label]),
        }
        for label in sorted(wanted)
    }


def _people(context: NightContext) -> Counter[str]:
    """How many customers of each cell may have offers, those whom a line pays by themselves."""
    people = Counter[str]()
    for bucket in range(context.data.buckets):
        drawn = context.arms(bucket)
        treated = drawn[drawn["arm"] == Arm.TREATED]
        lines = context.folder.lines_beside(context.folder.slots(bucket))
        people.update(
            line_label(cell, lines[name]) if name in lines else cell
            for name, cell in zip(treated[CUSTOMER_ID].tolist(), treated["cell"].tolist(), strict=True)
        )
    return people


def settled_at(budget: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """The index of each cell's shadow price, and how many basis points of its lots count, from what `shadow_price` found."""
    cells = dict(budget.get("cells", {"": budget}))
    for line, of in budget.get("lines", {}).items():
        cells |= {line_label(cell, line): one for cell, one in of.get("cells", {}).items()}
    return {label: (cell["price_index"], cell.get("lots_bp", WHOLE_BP)) for label, cell in cells.items()}


def lots_that_count(budget: Mapping[str, Any], beside: Collection[str]) -> float:
    """Which share of the lots counts, 0 to 1; over cells, but for some, by how many customers they have."""
    found = budget.get("cells", {"": {"customers": 1, **budget}})
    cells = [cell for label, cell in found.items() if label not in beside]
    people = sum(cell["customers"] for cell in cells)
    counted = sum(cell["customers"] * cell.get("lots_bp", WHOLE_BP) for cell in cells)
    return float(counted / people / WHOLE_BP) if people else 1.0
