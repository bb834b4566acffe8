"""Second pass over a bucket: at the budget's shadow price, the final bundles with everything that is logged."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from engine.domain.bundle import Bundle, Item, Kind, Offer, OfferState, Reason
from engine.domain.eligibility import Outcome
from engine.domain.ids import bundle_id, offer_id
from engine.domain.money import offer_price_minor
from engine.nightly.choosing.allocation import NOTHING, shadow_price_per_minor
from engine.nightly.choosing.bucket_plan import BucketPlan, as_json
from engine.nightly.choosing.bundling import KINDS
from engine.nightly.choosing.plans import NO_PLAN
from engine.nightly.choosing.reason_codes import REASONS
from engine.nightly.night import Night
from engine.nightly.shelf.assortment import REMOVALS, UNKNOWN_PRICE, Assortment
from engine.programme.bundle_sections import Activation
from engine.wording.analyst_sentences import reason_sentence
from engine.wording.customer_sentences import CustomerSentences
from models.items.candidates import SOURCES
from models.tables import (
    BUNDLE_ID,
    CUSTOMER_ID,
    CUSTOMER_NO,
    EXPECTED_COST_MILLI,
    ITEM_ID,
    ITEM_NO,
    OFFER_ID,
    OUTCOMES,
    P_BUY,
    PRICE_MINOR,
    SHADOW_LOG,
    SLOT_LOG,
)
from models.tables.typed_frames import typed

_OF_PLANS = ("plan", "depth_cap", "plan_value", "plan_lower", "plan_deviation", "plan_parts", "p_plan")
_NULL_FOR_FAMILIES = (PRICE_MINOR, "offer_price_minor")
_BUNDLE_COLUMNS = (BUNDLE_ID, "run_id", CUSTOMER_ID, "valid_from", "valid_to")
_OFFER_COLUMNS = (
    OFFER_ID,
    ITEM_ID,
    "name",
    PRICE_MINOR,
    "kind",
    "discount_bp",
    "max_units",
    "reason",
    "reason_text",
    P_BUY,
    "propensity",
    EXPECTED_COST_MILLI,
)


@dataclass(frozen=True)
class Assigned:
    """A bucket's final night.

    Attributes:
        slots: as `models.tables.SLOT_LOG`.
        customers: as `models.tables.OUTCOMES`.
        shadows: as `models.tables.SHADOW_LOG`, what those who get nothing by lot would have got.

    """

    slots: pd.DataFrame
    customers: pd.DataFrame
    shadows: pd.DataFrame


def assign_bucket(
    plan: BucketPlan,
    night: Night,
    assortment: Assortment,
    shadow_price_index: int,
    customer_sentences: CustomerSentences,
) -> Assigned:
    """Give every customer the plan that the shadow price leaves them, and write down why."""
    taken, people = _settle(plan, shadow_price_index)
    has_bundle = people["served"] & people[CUSTOMER_NO].isin(taken[CUSTOMER_NO])
    people.loc[has_bundle, "outcome"] = Outcome.BUNDLE.value
    seed = night.programme.seed
    people[BUNDLE_ID] = [
        bundle_id(night.run_id, customer_id, seed) if has else None
        for customer_id, has in zip(people[CUSTOMER_ID], has_bundle, strict=True)
    ]
    people["run_id"] = night.run_id

    slots = plan.slots.merge(taken[[CUSTOMER_NO, "level", *_OF_PLANS]], on=[CUSTOMER_NO, "level"])
    slots = slots.sort_values([CUSTOMER_NO, "slot"], kind="stable", ignore_index=True)
    slots["budget_price"] = shadow_price_per_minor(shadow_price_index)
    owners = people.set_index(CUSTOMER_NO).reindex(slots[CUSTOMER_NO])
    served, shadow = owners["served"].to_numpy(dtype=np.bool_), owners["shadow"].to_numpy(dtype=np.bool_)
    described = [
        _describe(slots[some].reset_index(drop=True), people, night, assortment, customer_sentences)
        for some in (served, shadow)
    ]
    return Assigned(
        typed(described[0], SLOT_LOG, nullable=_NULL_FOR_FAMILIES),
        typed(people, OUTCOMES),
        typed(described[1], SHADOW_LOG, nullable=_NULL_FOR_FAMILIES),
    )


def chances_of(plan: BucketPlan, shadow_price_index: int) -> pd.DataFrame:
    """The plan's levels with p_plan: P(the customer gets this plan | exposed) at a shadow price."""
    levels = plan.levels
    best = levels.index.isin(_deepest(levels, "best_reach", shadow_price_index).index)
    rest = 1 - levels[[CUSTOMER_NO]].merge(plan.customers, on=CUSTOMER_NO, how="left")["lot_share"].to_numpy()
    drawn = levels["share"] * (shadow_price_index < NOTHING)
    return levels.assign(p_plan=np.clip(drawn + rest * best, 0, 1))


def _settle(plan: BucketPlan, shadow_price_index: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The plan that each customer takes, with its chance, and the customers with what became of each.

    A lot's plan is taken at every shadow price at which anybody gets anything; otherwise the best one at the price.
    """
    levels = chances_of(plan, shadow_price_index)
    taken = _deepest(levels, "reach", shadow_price_index)
    people = plan.customers.copy()
    any_plan = people[CUSTOMER_NO].map(levels.groupby(CUSTOMER_NO)["p_plan"].sum()).fillna(0.0)
    told = people[[CUSTOMER_NO]].merge(taken[[CUSTOMER_NO, *_OF_PLANS]], on=CUSTOMER_NO, how="left")
    asked = people["asked"].to_numpy(dtype=np.bool_)
    for name in ("plan", "plan_value", "p_plan"):
        people[name] = told[name].to_numpy()
    nothing = asked & told["plan"].isna().to_numpy()
    people.loc[nothing, "plan"] = NO_PLAN
    people.loc[nothing, "plan_value"] = 0.0
    people.loc[nothing, "p_plan"] = np.clip(1 - any_plan[nothing], 0, 1)
    return taken, people


def _deepest(levels: pd.DataFrame, reach: str, shadow_price_index: int) -> pd.DataFrame:
    """The row that each customer takes: of those that the shadow price still reaches, the one reached least far."""
    reachable = levels[levels[reach] > shadow_price_index]
    return reachable.sort_values([CUSTOMER_NO, reach], kind="stable").drop_duplicates(CUSTOMER_NO)


def bundles_of(slots: pd.DataFrame, activation: Activation) -> Iterator[Bundle]:
    """Turn settled slots into bundles to publish, in the order of the rows, their offers in their first state."""
    firsts = np.flatnonzero(~slots[BUNDLE_ID].duplicated().to_numpy()).tolist()
    first_state = activation.first_state
    offers = [_offer(first_state, *row) for row in _rows(slots, _OFFER_COLUMNS)]
    heads = _rows(slots.iloc[firsts], _BUNDLE_COLUMNS)
    for head, first, end in zip(heads, firsts, [*firsts, len(slots)][1:], strict=True):
        name, run_id, customer_id, valid_from, valid_to = head
        yield Bundle(
            id=name,
            run_id=run_id,
            customer_id=customer_id,
            valid_from=valid_from.to_pydatetime(),
            valid_to=valid_to.to_pydatetime(),
            offers=tuple(offers[first:end]),
            slots_total=activation.slots_total(end - first),
        )


def _rows(frame: pd.DataFrame, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    return zip(*(frame[column].tolist() for column in columns), strict=True)


def _offer(
    state: OfferState,
    name: str,
    item_id: str,
    item_name: str,
    price_minor: Any,
    kind: str,
    discount_bp: int,
    max_units: int,
    code: str,
    text: str,
    p_buy: float,
    propensity: float,
    expected_cost_milli: int,
) -> Offer:
    return Offer(
        id=name,
        item=Item(item_id, item_name, None if price_minor is pd.NA else price_minor),
        kind=Kind(kind),
        state=state,
        discount_bp=discount_bp,
        max_units=max_units,
        reason=Reason(code, text),
        p_buy=p_buy,
        propensity=propensity,
        expected_cost_milli=expected_cost_milli,
    )


def _describe(
    slots: pd.DataFrame,
    people: pd.DataFrame,
    night: Night,
    assortment: Assortment,
    customer_sentences: CustomerSentences,
) -> pd.DataFrame:
    """Add names, money, reasons and versions to the final slots."""
    item_no = slots[ITEM_NO].to_numpy(dtype=np.int64)
    runner_up = slots["runner_up_no"].to_numpy(dtype=np.int64)
    person = people.set_index(CUSTOMER_NO).reindex(slots[CUSTOMER_NO]).reset_index(drop=True)
    depth_bp = assortment.depths_bp[slots["depth"].to_numpy(dtype=np.int64)]
    price = assortment.price_minor[item_no]
    codes = [REASONS[code] for code in slots["reason"]]
    numbers = slots["reason_number"].tolist()
    families = assortment.family[item_no].tolist()
    ends = {days: night.days.after(night.valid_from, days) for days in set(people["valid_days"].tolist())}
    described = slots.assign(
        run_id=night.run_id,
        customer_id=person[CUSTOMER_ID],
        bundle_id=person[BUNDLE_ID],
        offer_id=pd.Series(
            [
                offer_id(bundle, item) if isinstance(bundle, str) else None
                for bundle, item in zip(person[BUNDLE_ID], assortment.item_id[item_no], strict=True)
            ],
            dtype=object,
        ),
        item_id=assortment.item_id[item_no],
        name=assortment.name[item_no],
        kind=[KINDS[kind].value for kind in slots["kind"]],
        discount_bp=depth_bp,
        price_minor=pd.Series(price, dtype="Int64").mask(price == UNKNOWN_PRICE),
        offer_price_minor=pd.array(
            [
                None if amount == UNKNOWN_PRICE else offer_price_minor(amount, depth)
                for amount, depth in zip(price.tolist(), depth_bp.tolist(), strict=True)
            ],
            dtype="Int64",
        ),
        max_units=night.programme.bundle.max_units,
        margin_assumed=assortment.margin_assumed[item_no],
        value_parts=as_json(
            {
                name.removeprefix("part_"): slots[name].to_numpy()
                for name in slots.columns
                if name.startswith("part_")
            },
            len(slots),
        ),
        depth_cap_bp=assortment.depths_bp[slots["depth_cap"].to_numpy(dtype=np.int64)],
        p_exposed=person["p_exposed"],
        p_bundle=person["p_exposed"]
        * slots["p_plan"]
        * slots.groupby(CUSTOMER_NO)["propensity"].transform("prod"),
        outcome=person["outcome"],
        reason=codes,
        reason_family=families,
        reason_text=[
            customer_sentences.text(*reason) for reason in zip(codes, numbers, families, strict=True)
        ],
        reason_analyst=[reason_sentence(*reason) for reason in zip(codes, numbers, families, strict=True)],
        runner_up=pd.Series(assortment.item_id[runner_up], dtype=object).where(runner_up >= 0, None),
        runner_up_rule=pd.Series([_rule(code) for code in slots["runner_up_rule"]], dtype=object),
        valid_from=pd.Timestamp(night.valid_from),
        valid_to=pd.to_datetime([ends[days] for days in person["valid_days"]], utc=True),
        arm=person["arm"],
        policy=night.policy_name,
        model_version=night.model_version,
        seed=night.programme.seed,
    )
    for source in SOURCES:
        described[f"considered_{source}"] = person[f"considered_{source}"]
    return described


def _rule(code: int) -> str | None:
    removal = REMOVALS[code]
    return None if removal is None else removal.value
