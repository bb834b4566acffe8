"""The night's share of the favourite product: what it keeps out of bundles, and what it advises to pick, nothing sold out.

The day runs no model, so each customer's suggestions are chosen here from the scores that their bundle is made of, and
a list of what most customers buy stands by for everybody else.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.arms import Arm
from engine.domain.eligibility import Consent, may_receive
from engine.nightly.night import Night
from engine.nightly.shelf.age_rule import NO_AGE, AgeRule, least_years
from engine.nightly.shelf.products import published_rows
from models.tables import CUSTOMER_ID, CUSTOMER_NO, ITEM_ID, ITEM_NO, PRODUCT_ID

# In place of a list: this customer has refused, or buys elsewhere, and must not be advised, whoever asks.
NOBODY = json.dumps(None)
NO_ADVICE = pd.DataFrame({CUSTOMER_ID: [], "items": []}).astype("str")


@dataclass(frozen=True)
class Pickable:
    """What may be picked as a favourite tonight.

    Attributes:
        product_id: (I,) the product to suggest for each item of the catalogue: the item itself or, of a family, the
            product that most customers bought; None where none may be picked.
        name: (I,) its name: a customer could not tell two products of one name apart.
        least_years: (I,) age from which it may be picked; NO_AGE where anybody may.
        popular: product ids, those with most buyers in four weeks first, for customers without suggestions.

    """

    product_id: npt.NDArray[np.object_]
    name: npt.NDArray[np.object_]
    least_years: npt.NDArray[np.int64]
    popular: tuple[str, ...]


def find_pickable(
    products: pd.DataFrame, item_no: "pd.Series[int]", buyers: "pd.Series[float]", items: int, night: Night
) -> Pickable:
    """Apply the programme's rules to every product.

    Args:
        products: `product_rows`, index product_no.
        item_no: index product_no, the item of the night's catalogue that the product belongs to; missing for none.
        buyers: index product_no, customers who bought it in the last four weeks; missing for none.
        items: number of items of the night's catalogue.
        night: the run.

    """
    rules = night.programme.favourite_rules
    goods = (row.product for row in published_rows(products))
    allowed = [rules.refusal(one) is None and not one.is_sold_out for one in goods]
    ranked = (
        pd.DataFrame(
            {
                PRODUCT_ID: products[PRODUCT_ID],
                "name": products["name"],
                ITEM_NO: item_no.reindex(products.index),
                "buyers": buyers.reindex(products.index).fillna(0),
            }
        )[np.array(allowed, dtype=np.bool_)]
        .dropna(subset=[ITEM_NO])
        .sort_values(["buyers", PRODUCT_ID], ascending=[False, True], kind="stable")
    )
    product_id, name = (np.full(items, None, dtype=object) for _ in range(2))
    best = ranked.drop_duplicates(ITEM_NO)
    rows = best[ITEM_NO].to_numpy(dtype=np.int64)
    product_id[rows], name[rows] = best[PRODUCT_ID], best["name"]
    bought = ranked[ranked["buyers"] > 0].drop_duplicates("name")[PRODUCT_ID]
    ages = np.full(items, NO_AGE, dtype=np.int64)
    ages[rows] = least_years(products["flags"].loc[best.index], night)
    return Pickable(product_id, name, ages, tuple(bought.head(night.programme.favourite.suggestions)))


def suggest(
    night: Night,
    people: pd.DataFrame,
    seen: "pd.Series[int]",
    candidates: pd.DataFrame,
    pickable: Pickable,
    *,
    arms: Mapping[str, str],
    elsewhere: Collection[str] = (),
    ages: AgeRule | None = None,
) -> pd.DataFrame:
    """Choose each customer's suggestions, the likeliest first.

    Customers whom the holdout keeps without a favourite have no row, like those whom the shop does not know. Where
    consent must be given, those who gave it have a row even if they were not seen, an empty list.

    Args:
        night: the run.
        people: every customer of a bucket: customer_no, customer_id, consent (True, False or missing).
        seen: customer_no of those who were scored.
        candidates: sorted by customer_no and falling p_buy: customer_no, item_no.
        pickable: what may be picked.
        arms: the arm of each customer, by id; who is not named is treated.
        elsewhere: ids of customers who usually buy in a store that the programme is not for; they are not advised.
        ages: how old everybody is; without it nobody is too young.

    Returns:
        customer_id, items (JSON list of product ids, or NOBODY), in the order of customer_no.
    """
    rules = night.programme
    item_no = candidates[ITEM_NO].to_numpy(dtype=np.int64)
    picks = pd.DataFrame(
        {
            CUSTOMER_NO: candidates[CUSTOMER_NO].to_numpy(),
            PRODUCT_ID: pickable.product_id[item_no],
            "name": pickable.name[item_no],
        }
    )
    if ages is not None:
        picks = picks[~ages.too_young(picks[CUSTOMER_NO].to_numpy(), pickable.least_years[item_no])]
    picks = picks.dropna(subset=[PRODUCT_ID]).drop_duplicates([CUSTOMER_NO, "name"])
    picks = picks[picks.groupby(CUSTOMER_NO).cumcount() < rules.favourite.suggestions]
    lists = picks.groupby(CUSTOMER_NO)[PRODUCT_ID].agg(list)
    held_out = "favourite" in rules.holdout.covers
    known = set(seen.tolist())
    rows = []
    for number, customer_id, consent in zip(
        people[CUSTOMER_NO].tolist(),
        people[CUSTOMER_ID].tolist(),
        people["consent"].tolist(),
        strict=True,
    ):
        if held_out and arms.get(customer_id) == Arm.HOLDOUT:
            continue
        answer = None if pd.isna(consent) else bool(consent)
        if answer is False or customer_id in elsewhere:
            rows.append((customer_id, NOBODY))
        elif may_receive(answer, rules.consent.rule) and (
            number in known or rules.consent.rule is Consent.REQUIRED
        ):
            rows.append((customer_id, json.dumps(lists.get(number, []), ensure_ascii=False)))
    return pd.DataFrame(rows, columns=[CUSTOMER_ID, "items"]).astype("str")


def without_favourites(
    candidates: pd.DataFrame,
    customers: pd.DataFrame,
    item_id: npt.NDArray[np.object_],
    favourites: pd.DataFrame,
) -> pd.DataFrame:
    """Drop what customers have as their favourite already: it would take a place and give less.

    Args:
        candidates: customer_no, item_no.
        customers: customer_no, customer_id.
        item_id: (I,) id of each item.
        favourites: customer_id, item_id of every favourite that counts while tonight's bundles may.

    """
    if favourites.empty:
        return candidates
    names = customers.set_index(CUSTOMER_NO)[CUSTOMER_ID]
    pairs = pd.MultiIndex.from_arrays(
        [names.reindex(candidates[CUSTOMER_NO]), item_id[candidates[ITEM_NO].to_numpy(dtype=np.int64)]]
    )
    own = pairs.isin(pd.MultiIndex.from_frame(favourites[[CUSTOMER_ID, ITEM_ID]]))
    return candidates[~own].reset_index(drop=True)
