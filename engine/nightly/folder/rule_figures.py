"""What the programme's [rules] did in a night: customers and expected use by rule, and what one customer's rule was."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from engine.domain.treatments import Gets
from engine.nightly.choosing.rule_effects import EFFECTS
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.shelf.ruled_customers import AT_MOST_BP, GETS, RULE
from engine.programme.rules_section import CustomerRules
from models.tables import CUSTOMER_ID


def rule_figures(folder: RunFolder, rules: CustomerRules | None) -> dict[str, Any]:
    """What each rule removed, in the order of the programme; nothing where it has none.

    Returns:
        Under "rules" by rule: gets, at_most_bp, customers (whom it ruled), asked (of these, who could have had a bundle
        tonight), bundles, uses_milli, cost_milli (what they would have had without it, at the budget's lowest price),
        bundles_kept, uses_kept_milli, cost_kept_milli (what they have with it, at that price).
    """
    if rules is None:
        return {}
    ruled = ruled_of(folder)
    return {"rules": {name: _sums(str(name), ruled, rules) for name in rules.treatments}}


def ruled_of(folder: RunFolder) -> pd.DataFrame:
    """Everybody whom a run's rules were about; empty where its programme had none."""
    files = sorted((folder.path / "ruled").glob("bucket=*.parquet"))
    if not files:
        return pd.DataFrame({name: [] for name in (CUSTOMER_ID, RULE, GETS, AT_MOST_BP, *EFFECTS)})
    return pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)


def rule_of(folder: RunFolder, customer_id: str) -> dict[str, Any] | None:
    """The rule that counted for a customer in a finished run: rule, gets, at_most_bp, deepest_bp; None where none did.

    Of a rule that thanks also given: whether that night gave them anything.

    Raises:
        BadInput: a file of the run is missing or was changed.
    """
    if not folder.is_finished:
        return None
    for file in folder.checked_files("ruled"):
        row = pd.read_parquet(file, filters=[(CUSTOMER_ID, "==", customer_id)])
        if len(row):
            one = row.iloc[0]
            return {
                RULE: one[RULE],
                GETS: one[GETS],
                AT_MOST_BP: _whole(one[AT_MOST_BP]),
                "deepest_bp": _whole(one["deepest_bp"]),
                **({"given": _was_given(folder, customer_id)} if one[GETS] == Gets.THANK_YOU else {}),
            }
    return None


def _was_given(folder: RunFolder, customer_id: str) -> bool:
    return customer_id in set(pd.read_parquet(folder.grants, columns=[CUSTOMER_ID])[CUSTOMER_ID])


def rule_in_words(rule: Mapping[str, Any]) -> str:
    """`at_height: none`, `deal_only: at most 10 % (without it 20 %)`."""
    if rule[GETS] != Gets.AT_MOST:
        given = "" if "given" not in rule else f", {'given' if rule['given'] else 'not given'} that night"
        return f"{rule[RULE]}: {rule[GETS]}{given}"
    deepest = rule.get("deepest_bp") or 0
    without = f" (without it {deepest / 100:g} %)" if deepest > rule[AT_MOST_BP] else ""
    return f"{rule[RULE]}: at most {rule[AT_MOST_BP] / 100:g} %{without}"


def rule_names(folder: RunFolder) -> "pd.Series[str]":
    """Which rule counts for each customer, in words, index customer_id; empty where a run's programme has none."""
    ruled = ruled_of(folder)
    depths = ruled[AT_MOST_BP].astype("float64")
    said = [
        rule_in_words({RULE: rule, GETS: gets, AT_MOST_BP: depth})
        for rule, gets, depth in zip(ruled[RULE], ruled[GETS], depths, strict=True)
    ]
    return pd.Series(said, index=ruled[CUSTOMER_ID], dtype="str")


def _sums(name: str, ruled: pd.DataFrame, rules: CustomerRules) -> dict[str, Any]:
    treatment = rules.treatments[name]
    mine = ruled[ruled[RULE] == name]
    asked = mine[mine["uses"].notna()]
    return {
        GETS: treatment.gets.value,
        AT_MOST_BP: treatment.at_most_bp,
        "customers": len(mine),
        "asked": len(asked),
        "bundles": int((asked["deepest_bp"] > 0).sum()),
        "uses_milli": round(1000 * float(asked["uses"].sum())),
        "cost_milli": round(float(asked["cost_milli"].sum())),
        "bundles_kept": int((asked["deepest_kept_bp"] > 0).sum()),
        "uses_kept_milli": round(1000 * float(asked["uses_kept"].sum())),
        "cost_kept_milli": round(float(asked["cost_kept_milli"].sum())),
    }


def _whole(value: float) -> int | None:
    return None if pd.isna(value) else int(value)
