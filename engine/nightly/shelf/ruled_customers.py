"""Which customers the programme's [rules] are about, and what each gets by the strictest rule that matches."""

import numpy as np
import pandas as pd

from engine.domain.budget_lines import WIN_BACK, line_label
from engine.domain.treatments import Gets, strictest_first
from engine.programme.rules_section import CustomerRules
from models.scoring import ScoredBucket
from models.tables import CUSTOMER_ID, CUSTOMER_NO

RULE, GETS, AT_MOST_BP, MATCHED = "rule", "gets", "at_most_bp", "matched"
_KINDS_OF_LOYALTY = "loyalty_"
_FLAGS = frozenset({"at_a_loss", "deal_only", "at_height", "reward_alarm"})
COLUMNS = (CUSTOMER_NO, CUSTOMER_ID, RULE, GETS, AT_MOST_BP, MATCHED)


def ruled_customers(rules: CustomerRules | None, lifecycle: pd.DataFrame) -> pd.DataFrame:
    """Name what each customer gets.

    Args:
        rules: the programme's; None rules nobody.
        lifecycle: customer_no, customer_id, ladder, loyalty and the flags of everybody known, as `models.customers.lifecycle`
            says.

    Returns:
        COLUMNS of those whom a rule matches, in their order: rule, the one that counts; gets; at_most_bp, NaN where it sets no
        depth; matched, all that match, the strictest first, with commas between.

    """
    ordered = strictest_first(() if rules is None else rules.treatments.items())
    matches = np.array([_is(name, lifecycle) for name, _ in ordered], dtype=np.bool_).reshape(
        len(ordered), len(lifecycle)
    )
    rows = np.flatnonzero(matches.any(axis=0))
    first = matches[:, rows].argmax(axis=0) if len(rows) else rows
    names = np.array([name for name, _ in ordered], dtype=object)
    told = [treatment for _, treatment in ordered]
    return pd.DataFrame(
        {
            CUSTOMER_NO: lifecycle[CUSTOMER_NO].to_numpy()[rows],
            CUSTOMER_ID: lifecycle[CUSTOMER_ID].astype("str").to_numpy()[rows],
            RULE: pd.array(names[first].tolist(), dtype="str"),
            GETS: pd.array([told[place].gets.value for place in first.tolist()], dtype="str"),
            AT_MOST_BP: np.array(
                [told[place].at_most_bp or np.nan for place in first.tolist()], dtype=np.float64
            ),
            MATCHED: pd.array([",".join(names[matches[:, row]]) for row in rows.tolist()], dtype="str"),
        },
        columns=list(COLUMNS),
    )


def without_the_late(scored: ScoredBucket, seen_days: int, ruled: pd.DataFrame) -> ScoredBucket:
    """Without who bought longer ago than [eligibility] asks, unless a rule asks them back."""
    customers, candidates = scored.customers, scored.candidates
    back = ruled.loc[ruled[GETS] == Gets.WIN_BACK, CUSTOMER_NO]
    kept = ~(customers["days_since_visit"] > seen_days) | customers[CUSTOMER_NO].isin(back)
    if kept.all():
        return scored
    customers = customers[kept].reset_index(drop=True)
    theirs = candidates[CUSTOMER_NO].isin(customers[CUSTOMER_NO])
    return ScoredBucket(customers, candidates[theirs].reset_index(drop=True))


def without_bundle(ruled: pd.DataFrame) -> set[str]:
    """The ids of whom a rule gives no bundle, whatever they are thanked with."""
    return set(ruled.loc[ruled[GETS].isin([Gets.NONE, Gets.THANK_YOU]), CUSTOMER_ID])


def with_rules(
    customers: pd.DataFrame, ruled: pd.DataFrame, cell: "pd.Series[str]"
) -> tuple[pd.DataFrame, "pd.Series[str]"]:
    """Customers with what their rule gives, and the label of each: their cell, or that of the line which pays their offers."""
    told = customers.join(ruled.set_index(CUSTOMER_NO)[[GETS, AT_MOST_BP]], on=CUSTOMER_NO)
    asked_back = told[GETS] == Gets.WIN_BACK
    return told, cell.mask(asked_back, cell.map(lambda name: line_label(name, WIN_BACK)))


def _is(name: str, lifecycle: pd.DataFrame) -> "np.ndarray":
    """(n,) of whom it holds."""
    if name in _FLAGS:
        return lifecycle[name].to_numpy(dtype=np.bool_)
    column, word = (
        ("loyalty", name.removeprefix(_KINDS_OF_LOYALTY))
        if name.startswith(_KINDS_OF_LOYALTY)
        else ("ladder", name)
    )
    return lifecycle[column].eq(word).fillna(value=False).to_numpy(dtype=np.bool_)
