"""A bucket's plan after staples were exchanged at their prices: the plan that the budget and the second pass go by."""

from dataclasses import replace

import numpy as np
import pandas as pd

from engine.domain.eligibility import Outcome, Removal
from engine.nightly.choosing.bucket_plan import BucketPlan
from engine.nightly.choosing.funder_lines import FunderLines
from engine.nightly.choosing.pool_cost import with_parts
from engine.nightly.choosing.price_grid import Numbers
from engine.nightly.choosing.staples import Exchanged
from engine.nightly.choosing.used_cost import used_cost_milli
from engine.nightly.shelf.assortment import REMOVAL_CODES
from models.tables import CUSTOMER_NO, EXPECTED_COST_MILLI, ITEM_NO

_BUNDLE = [CUSTOMER_NO, "level"]
_PLACE = [*_BUNDLE, "slot"]


def at_item_prices(
    plan: BucketPlan, price: Numbers | None, min_items: int, lines: FunderLines | None = None
) -> BucketPlan:
    """The plan where every place keeps its item or takes a spare; `price` is of each item, on the grid of `staples`.

    `lines` are what suppliers' budgets cost beside it. A plan's value changes by what its places are worth now; the parts of the value stay those of the first choice.
    """
    if price is None and lines is not None:
        price = np.zeros(len(lines.agreement_no), dtype=np.int64)
    if plan.claims is None or price is None or not (price.any() or (lines is not None and lines.price.any())):
        return plan
    return _written(plan, plan.claims.exchanged(price, min_items, lines))


def _written(plan: BucketPlan, exchanged: Exchanged) -> BucketPlan:
    claims = exchanged.claims
    bundle, place = np.nonzero(exchanged.spare != -1)
    if len(bundle) == 0:
        return plan
    changed = pd.DataFrame(
        {
            CUSTOMER_NO: claims.customer[bundle],
            "level": claims.level[bundle],
            "slot": place,
            "spare": exchanged.spare[bundle, place],
            "rule": np.where(
                exchanged.price[claims.item[bundle, place]] > 0,
                REMOVAL_CODES[Removal.STAPLES_SHARE],
                REMOVAL_CODES[Removal.FUNDER_BUDGET],
            ),
        }
    )
    marked = plan.slots.merge(changed, on=_PLACE, how="left")
    kept = marked[marked["spare"].isna()].drop(columns=["spare", "rule"])
    former = marked[marked["spare"] >= 0][[*_PLACE, "spare", "rule", "kind", ITEM_NO]]
    spares = (plan.spares if plan.spares is not None else plan.slots[:0]).rename(columns={"slot": "spare"})
    taken = former.rename(columns={"kind": "former_kind", ITEM_NO: "former_item"}).merge(
        spares, on=[*_BUNDLE, "spare"], validate="one_to_one"
    )
    taken = taken.assign(
        kind=taken["former_kind"],
        runner_up_no=taken["former_item"],
        runner_up_rule=taken["rule"],
    )
    void = pd.DataFrame(
        {CUSTOMER_NO: claims.customer[exchanged.void], "level": claims.level[exchanged.void]}
    ).assign(void=True)
    slots = pd.concat([kept, taken[kept.columns]], ignore_index=True).astype(plan.slots.dtypes.to_dict())
    slots = _without(slots, void)
    order = np.lexsort((slots["slot"], -slots["value"], slots["level"], slots[CUSTOMER_NO]))
    slots = with_parts(slots.iloc[order].reset_index(drop=True))
    slots["slot"] = slots.groupby(_BUNDLE).cumcount().astype(np.int64)
    levels = _levels(_without(plan.levels, void), plan.slots, slots)
    made = replace(plan, levels=levels, slots=slots, spares=None, claims=None)
    customers = plan.customers.copy()
    lost = set(void[CUSTOMER_NO]) - set(levels[CUSTOMER_NO])
    customers.loc[customers[CUSTOMER_NO].isin(lost) & customers["served"], "outcome"] = (
        Outcome.TOO_FEW_ITEMS.value
    )
    made = replace(made, customers=customers)
    return replace(made, cost_milli=used_cost_milli(made, {}))


def _levels(levels: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Plans with the cost of their new bundles, and worth more or less by what their places are."""
    was, now = (slots.groupby(_BUNDLE)[["value", EXPECTED_COST_MILLI]].sum() for slots in (before, after))
    index = pd.MultiIndex.from_frame(levels[_BUNDLE])
    old, new = was.reindex(index), now.reindex(index)
    has = new["value"].notna().to_numpy()
    more = np.where(has, (new["value"] - old["value"]).to_numpy(), 0.0)
    return levels.assign(
        plan_value=levels["plan_value"] + more,
        plan_lower=levels["plan_lower"] + more,
        cost_milli=np.where(has, new[EXPECTED_COST_MILLI].to_numpy(), levels["cost_milli"]).astype(np.int64),
    )


def _without(rows: pd.DataFrame, void: pd.DataFrame) -> pd.DataFrame:
    if void.empty:
        return rows
    found = rows.merge(void, on=_BUNDLE, how="left")
    return found[found["void"].isna()].drop(columns="void").reset_index(drop=True)
