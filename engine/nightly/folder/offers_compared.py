"""A night's offers beside those of another night: who gains and who loses, by segment."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from engine.domain.budget import MILLI
from engine.nightly.folder.run_folder import RunFolder
from models.tables import CUSTOMER_ID, EXPECTED_COST_MILLI, ITEM_ID, P_BUY

_COLUMNS = [CUSTOMER_ID, ITEM_ID, "discount_bp", P_BUY, EXPECTED_COST_MILLI]
_UNKNOWN, NO_RULE = "unknown", "no rule"
MOST_FAMILIES = 12


def offers_of(folder: RunFolder) -> pd.DataFrame:
    """Every offer of a run: customer_id, item_id, discount_bp, p_buy, expected_cost_milli."""
    return _all(folder.slot_files(), _COLUMNS)


def people_of(folder: RunFolder) -> pd.DataFrame:
    """Everybody whom a run knew: customer_id, ladder."""
    return _all(sorted((folder.path / "people").glob("bucket=*.parquet")), [CUSTOMER_ID, "ladder"])


def compared(offers: pd.DataFrame, before: pd.DataFrame) -> dict[str, Any]:
    """Who has a bundle now and had none, who had one and has none, and how many offers of those with both are the same."""
    now, then = set(offers[CUSTOMER_ID]), set(before[CUSTOMER_ID])
    same = offers.merge(before[[CUSTOMER_ID, ITEM_ID]], on=[CUSTOMER_ID, ITEM_ID])
    of_both = int(offers[CUSTOMER_ID].isin(then).sum())
    return {
        "gain": len(now - then),
        "lose": len(then - now),
        "keep": len(now & then),
        "same_items_share": round(len(same) / of_both, 4) if of_both else None,
    }


def in_words(found: Mapping[str, Any]) -> str:
    """What `compared` found, as part of a sentence."""
    same = found["same_items_share"]
    kept = "" if same is None else f", {same:.1%} of their items the same"
    return f"{found['gain']:,} customers gain a bundle, {found['lose']:,} lose theirs, {found['keep']:,} have one in both{kept}"


def by_rung(offers: pd.DataFrame, people: pd.DataFrame, before: pd.DataFrame | None) -> list[dict[str, Any]]:
    """A line a rung of the ladder: customers, bundles, offers, cost, uses, depth; who gains and loses where there is a night before."""
    rung = people.drop_duplicates(CUSTOMER_ID).set_index(CUSTOMER_ID)["ladder"].fillna(_UNKNOWN).astype(str)
    return _by(offers, rung, before, _UNKNOWN)


def by_rule(
    offers: pd.DataFrame, people: pd.DataFrame, rule: "pd.Series[str]", before: pd.DataFrame | None
) -> list[dict[str, Any]]:
    """The same by the rule that counts for a customer (by customer_id); who has none is in the segment "no rule"."""
    if not len(rule):
        return []
    everybody = pd.Index(people[CUSTOMER_ID]).union(rule.index).unique()
    return _by(offers, rule.reindex(everybody).fillna(NO_RULE), before, NO_RULE)


def _by(
    offers: pd.DataFrame, segment: "pd.Series[str]", before: pd.DataFrame | None, otherwise: str
) -> list[dict[str, Any]]:
    now = offers.assign(segment=offers[CUSTOMER_ID].map(segment).fillna(otherwise))
    then = (
        None if before is None else before.assign(segment=before[CUSTOMER_ID].map(segment).fillna(otherwise))
    )
    counts = segment.value_counts()
    names = sorted({*counts.index, *now["segment"], *(() if then is None else then["segment"])})
    lines = []
    for name in names:
        mine = now[now["segment"] == name]
        line = {"segment": name, "customers": int(counts.get(name, 0))} | _sums(mine)
        if then is not None:
            line |= compared(mine, then[then["segment"] == name])
        lines.append(line)
    return lines


def by_family(
    offers: pd.DataFrame, family: dict[str, str], before: pd.DataFrame | None
) -> list[dict[str, Any]]:
    """A line a family of the offered items, most offered first: offers, cost, uses, depth, and offers of the night before."""
    named = offers.assign(family=offers[ITEM_ID].map(family).fillna(_UNKNOWN))
    then = None if before is None else before[ITEM_ID].map(family).fillna(_UNKNOWN).value_counts()
    lines = []
    for name, mine in named.groupby("family"):
        line = {"segment": str(name)} | _sums(mine)
        lines.append(line if then is None else line | {"offers_before": int(then.get(name, 0))})
    return sorted(lines, key=lambda line: (-line["offers"], line["segment"]))[:MOST_FAMILIES]


def _sums(offers: pd.DataFrame) -> dict[str, Any]:
    return {
        "bundles": int(offers[CUSTOMER_ID].nunique()),
        "offers": len(offers),
        "cost_minor": round(float(offers[EXPECTED_COST_MILLI].sum()) / MILLI, 2),
        "uses": round(float(offers[P_BUY].sum()), 2),
        "mean_depth_bp": round(float(offers["discount_bp"].mean()), 1) if len(offers) else None,
    }


def _all(files: Sequence[Path], columns: list[str]) -> pd.DataFrame:
    if not files:
        return pd.DataFrame({name: [] for name in columns})
    return pd.concat([pd.read_parquet(file, columns=columns) for file in files], ignore_index=True)
