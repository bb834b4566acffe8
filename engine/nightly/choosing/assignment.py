"""Second pass over a bucket: at the budget's shadow price, the final bundles with everything that is logged."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from engine.domain.bundle import Bundle, Item, Kind, Offer, OfferState, Reason
from engine.domain.eligibility import Outcome
from engine.domain.ids import bundle_id, offer_id
from engine.domain.money import offer_price_minor
from engine.nightly.choosing.allocation import shadow_price_per_minor
from engine.nightly.choosing.assortment import REMOVALS, UNKNOWN_PRICE, Assortment
from engine.nightly.choosing.bucket_plan import BucketPlan
from engine.nightly.choosing.bundling import KINDS
from engine.nightly.choosing.reason_codes import REASONS
from engine.nightly.night import Night
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
    SLOT_LOG,
)
from models.tables.typed_frames import typed

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
    """A bucket's final night: `slots` as `models.tables.SLOT_LOG`, `customers` as `models.tables.OUTCOMES`."""

    slots: pd.DataFrame
    customers: pd.DataFrame


def assign_bucket(
    plan: BucketPlan,
    night: Night,
    assortment: Assortment,
    shadow_price_index: int,
    customer_sentences: CustomerSentences,
) -> Assigned:
    """Give every customer the level that the shadow price leaves them, and write down why."""
    reachable = plan.levels[plan.levels["reach"] > shadow_price_index]
    # The deepest level that the shadow price still reaches has the smallest reach.
    taken = reachable.sort_values([CUSTOMER_NO, "reach"], kind="stable").drop_duplicates(CUSTOMER_NO)
    people = plan.customers.copy()
    has_bundle = people[CUSTOMER_NO].isin(taken[CUSTOMER_NO])
    people.loc[has_bundle, "outcome"] = Outcome.BUNDLE.value
    seed = night.programme.seed
    people[BUNDLE_ID] = [
        bundle_id(night.run_id, customer_id, seed) if has else None
        for customer_id, has in zip(people[CUSTOMER_ID], has_bundle, strict=True)
    ]
    people["run_id"] = night.run_id

    slots = plan.slots.merge(taken[[CUSTOMER_NO, "level"]], on=[CUSTOMER_NO, "level"])
    slots = slots.sort_values([CUSTOMER_NO, "slot"], kind="stable", ignore_index=True)
    slots = _describe(slots, people, night, assortment, customer_sentences)
    slots["budget_price"] = shadow_price_per_minor(shadow_price_index)
    return Assigned(typed(slots, SLOT_LOG, nullable=_NULL_FOR_FAMILIES), typed(people, OUTCOMES))


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
        offer_id=[
            offer_id(bundle, item)
            for bundle, item in zip(person[BUNDLE_ID], assortment.item_id[item_no], strict=True)
        ],
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
        value_parts=_parts(slots),
        depth_cap_bp=assortment.depths_bp[slots["level"].to_numpy(dtype=np.int64) - 1],
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


def _parts(slots: pd.DataFrame) -> list[str]:
    """The policy's value parts of every slot as JSON; encoding all values at once and cutting is the fast way."""
    columns = [name for name in slots.columns if name.startswith("part_")]
    names = [json.dumps(name.removeprefix("part_")) for name in columns]
    values = [json.dumps(slots[name].tolist())[1:-1].split(", ") for name in columns]
    if not columns:
        return ["{}"] * len(slots)
    rows = zip(*values, strict=True) if len(slots) else ()
    return [
        "{" + ", ".join(f"{name}: {value}" for name, value in zip(names, row, strict=True)) + "}"
        for row in rows
    ]


def _rule(code: int) -> str | None:
    removal = REMOVALS[code]
    return None if removal is None else removal.value
