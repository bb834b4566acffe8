"""Reason codes, why an item is in a bundle: a code with its numbers, and a sentence for the customer and one for the analyst.

The codes are found for the final slots only. The customer's wording stands in `messages/<language>.toml`, the
analyst's in this file. A reason names only what the data says of this customer and item; it is not a claim
about what the discount changes.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.customer_view import counted, readable
from engine.domain.offer_errors import BadProgramme
from models.items.candidates import SOURCES

# A rhythm is worth telling from three purchases on, while it is neither early nor given up.
MIN_BUYS_FOR_RHYTHM = 3
DUE_FROM, DUE_TO, GIVEN_UP = 0.75, 2.0, 4.0
MIN_BUYS_FOR_OFTEN = 3
MIN_BUYERS_FOR_POPULAR = 10
SHORTEST_GAP_DAYS = 0.5  # reads as 1

ANALYST = {
    "due_now": "mean gap {n} days, by its rhythm between 0.75 and 2 usual gaps after the last purchase",
    "overdue": "not bought for {n} days, by its rhythm between 2 and 4 usual gaps",
    "bought_often": "bought on {n} days, not due by its own rhythm",
    "bought_before": "bought on {n} days",
    "new_on_shelf": "never bought, new on the shelf, {family} bought on {n} days of the last 84",
    "new_in_family": "never bought, {family} bought on {n} days of the last 84",
    "alike": "never bought, bought by customers with a similar history, {n} customers bought it in the last 28 days",
    "goes_with": "never bought, often bought next time after what he buys, {n} customers bought it in the last 28 days",
    "rising": "never bought, more buyers last week than in a usual one, {n} customers bought it in the last 28 days",
    "popular": "never bought, {n} customers bought it in the last 28 days",
    "something_new": "never bought, {n} customers bought it in the last 28 days",
}
REASONS = tuple(ANALYST)
# What the analyst reads of a customer for whom a flag of `models.tables.STANDINGS` is up.
CUSTOMER_FLAGS = {
    "at_a_loss": "served at a loss: margin {margin_minor} in the period",
    "deal_only": "deals only: {deal_share_bp} bp of his buys with a discount",
    "at_height": "at the height of his consumption: a deeper discount has nothing left to raise",
    "reward_alarm": "rewards replace habit: discount share {discount_share_before_bp} to {discount_share_bp} bp, "
    "fewer buys at full price",
}


@dataclass(frozen=True)
class Messages:
    """A language's sentences: for every reason code one for a number of 1 and one for others."""

    sentences: Mapping[str, Mapping[str, str]]

    def text(self, code: str, number: int, family: str) -> str:
        """Return the customer's sentence."""
        return self.sentences[code]["one" if number == 1 else "other"].format(
            n=number, family=readable(family)
        )


def load_messages(language: str) -> Messages:
    """Read a language's sentences.

    Raises:
        BadProgramme: the language is not there, or lacks a reason.

    """
    folder = resources.files("engine.nightly.choosing").joinpath("messages")
    known = sorted(
        file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")
    )
    if language not in known:
        raise BadProgramme(
            f"language = {language!r}: expected one of {', '.join(known)}; "
            f"choose one or add engine/nightly/messages/{language}.toml."
        )
    sentences = tomllib.loads(folder.joinpath(f"{language}.toml").read_text(encoding="utf-8"))
    lacking = [code for code in REASONS if not {"one", "other"} <= set(sentences.get(code, ()))]
    if lacking:
        raise BadProgramme(f"messages/{language}.toml lacks the sentences {', '.join(lacking)}; add them.")
    return Messages(sentences)


def find_reasons(
    candidates: pd.DataFrame, has_family: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return every slot's reason, a place in REASONS, and its number.

    Args:
        candidates: buys, days_since_buy, item_gap_days and item_overdue (NaN where unknown), family_buys,
            buyers_28d, sources. The rhythm decides what is due; the number that is told is the customer's own.
        has_family: whether the item's family has a name.

    """
    buys = candidates["buys"].to_numpy(dtype=np.float64)
    gap = candidates["item_gap_days"].to_numpy(dtype=np.float64)
    since = candidates["days_since_buy"].to_numpy(dtype=np.float64)
    family_buys = candidates["family_buys"].to_numpy(dtype=np.float64)
    buyers = candidates["buyers_28d"].to_numpy(dtype=np.float64)
    overdue = candidates["item_overdue"].to_numpy(dtype=np.float64)
    regular = (buys >= MIN_BUYS_FOR_RHYTHM) & (gap >= SHORTEST_GAP_DAYS)
    tests = [
        regular & (overdue >= DUE_FROM) & (overdue <= DUE_TO),
        regular & (overdue > DUE_TO) & (overdue <= GIVEN_UP),
        buys >= MIN_BUYS_FOR_OFTEN,
        buys > 0,
        ((candidates["sources"].to_numpy() & SOURCES["launched"]) > 0) & has_family,
        (family_buys > 0) & has_family,
        (candidates["sources"].to_numpy() & SOURCES["neighbour"]) > 0,
        (candidates["sources"].to_numpy() & SOURCES["follow_up"]) > 0,
        (candidates["sources"].to_numpy() & SOURCES["rising"]) > 0,
        buyers >= MIN_BUYERS_FOR_POPULAR,
    ]
    code = np.select(tests, range(len(tests)), len(tests)).astype(np.uint8)
    number = np.select(
        tests, [np.floor(gap + 0.5), since, buys, buys, family_buys, family_buys, *[buyers] * 4], buyers
    )
    return code, np.nan_to_num(number).astype(np.int64)


def analyst_text(code: str, number: int, family: str) -> str:
    """Return the analyst's sentence for a reason."""
    return ANALYST[code].format(n=number, family=family)


def customer_texts(people: pd.DataFrame) -> list[str]:
    """Return the analyst's sentence about every customer: his rung, his loyalty, and what is wrong with it.

    Args:
        people: rows of `models.tables.STANDINGS`.

    """
    return [
        _customer_text(dict(zip(people.columns, row, strict=True))) for row in people.itertuples(index=False)
    ]


def _customer_text(one: Mapping[str, Any]) -> str:
    rung = str(one["ladder"]).replace("_", " ")
    if pd.isna(one["visits"]):
        return f"{rung}: known, never bought"
    basis = "by his answer" if one["loyalty_answered"] else "by behaviour"
    kind = "no loyalty" if one["loyalty"] == "none" else f"{one['loyalty']} loyalty"
    visits, days = (
        counted(one["visits"], "visit", "visits"),
        counted(one["days_since_visit"], "day", "days"),
    )
    parts = [
        f"{rung}: {visits}, the last {days} ago",
        f"usual gap {counted(round(one['visit_gap_days']), 'day', 'days')}",
        f"{kind} {basis}",
        *(text.format_map(one) for flag, text in CUSTOMER_FLAGS.items() if one[flag]),
    ]
    return "; ".join(parts)
