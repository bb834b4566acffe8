"""Whom a night gives money without a condition: as many as the line of the budget pays, who has waited longest first.

A thank-you goes to customers whose rule gives it instead of bundles and who could have had a bundle tonight, never to who is
held out; a compensation to anybody whose complaint was settled. What is given counts whole, used or not.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from engine.domain.arms import Arm
from engine.domain.budget import MILLI, allowance_milli, remaining_nights
from engine.domain.budget_lines import THANK_YOU, as_booked
from engine.domain.eligibility import Outcome
from engine.domain.grants import Grant, GrantKind
from engine.nightly.context import NightContext
from engine.nightly.folder.run_folder import write_parquet
from engine.nightly.in_force.gifts_before import AT, COLUMNS, KIND, gift_lines, gives
from models.tables import CUSTOMER_ID

_DIGITS = 32


def gift_budgets(context: NightContext) -> dict[str, dict[str, Any]]:
    """Plain JSON content by line that gives: as those of bundles have it, with each_minor, due and given (customers)."""
    rules, night = context.night.programme.rules, context.night
    found: dict[str, dict[str, Any]] = {}
    for name, line in () if rules is None else gift_lines(rules):
        if line is None:
            continue
        committed = context.folder.committed_in_lines.get(name, 0)
        nights = remaining_nights(night.valid_from, line.period, night.days)
        allowance = allowance_milli(line.amount_minor, committed, nights)
        each, due = line.each_minor * MILLI, len(_due(context, name))
        given = min(due, allowance // each)
        found[name] = {
            "amount_minor": line.amount_minor,
            "period": line.period.value,
            "committed_milli": committed,
            "nights_left": nights,
            "allowance_milli": allowance,
            "wanted_milli": due * each,
            "planned_milli": given * each,
            "each_minor": line.each_minor,
            "due": due,
            "given": given,
        }
    return found


def keep_gifts(context: NightContext, budget: Mapping[str, Any]) -> None:
    """Write who gets what, as many as `gift_budgets` found that each line pays; nothing where no line gives."""
    if not gives(context.night):
        return
    rows = [
        (customer_id, name, at)
        for name, line in budget["lines"].items()
        if "given" in line
        for customer_id, at in _due(context, name)[: line["given"]]
    ]
    write_parquet(context.folder.grants, pd.DataFrame(rows, columns=list(COLUMNS)).astype("str"))


def gifts_tonight(context: NightContext) -> list[Grant]:
    """What `keep_gifts` wrote as grants to give, each under a key that the same night gives again."""
    rules, night = context.night.programme.rules, context.night
    if rules is None or not context.folder.grants.exists():
        return []
    lines = {name: line for name, line in gift_lines(rules) if line is not None}
    day, programme = context.moment.day.isoformat(), night.programme.fingerprint()[:12]
    return [
        Grant(
            key="/".join(
                (kind, *((day, programme) if kind == THANK_YOU else (at,)), _digest(customer_id)[:_DIGITS])
            ),
            customer_id=customer_id,
            kind=GrantKind(kind),
            amount_minor=lines[kind].each_minor,
            currency=context.data.currency,
            reason=lines[kind].says,
            valid_from=night.valid_from,
            valid_to=night.days.after(night.valid_from, lines[kind].valid_days),
            given_by=context.run_id,
            given_at=night.as_of,
            budget_line=as_booked(kind),
        )
        for customer_id, kind, at in pd.read_parquet(context.folder.grants)[list(COLUMNS)].itertuples(
            index=False
        )
    ]


def _due(context: NightContext, name: str) -> list[tuple[str, str]]:
    """Who is due for what a line gives, who has waited longest first, with since when: their last one, or the settlement."""
    parts = [
        pd.read_parquet(context.folder.gifts(bucket), columns=[CUSTOMER_ID, AT], filters=[(KIND, "==", name)])
        for bucket in range(context.data.buckets)
        if context.folder.gifts(bucket).exists()  # not where another programme's night is looked at
    ]
    since = {customer_id: at for part in parts for customer_id, at in part.itertuples(index=False)}
    rules = context.night.programme.rules
    if rules is None or rules.thank_you is None or name != THANK_YOU:
        return sorted(since.items(), key=lambda one: (one[1], one[0]))
    latest = context.night.valid_from - timedelta(days=rules.thank_you.every_days)
    seed = context.night.programme.seed
    due = [
        (customer_id, since.get(customer_id, ""))
        for customer_id in _thanked_instead(context)
        if customer_id not in since or datetime.fromisoformat(since[customer_id]) <= latest
    ]
    return sorted(due, key=lambda one: (one[1], _digest(f"{seed}/{one[0]}")))


def _thanked_instead(context: NightContext) -> list[str]:
    """Customers whom tonight's plan leaves without a bundle for a rule that thanks them, but for who is held out."""
    found: list[str] = []
    for bucket in range(context.data.buckets):
        for file in sorted(context.folder.plan(bucket).glob("cell=*/customers.parquet")):
            people = pd.read_parquet(file, columns=[CUSTOMER_ID, "arm", "outcome"])
            mine = (people["outcome"] == Outcome.THANK_YOU.value) & (people["arm"] != Arm.HOLDOUT.value)
            found += people.loc[mine, CUSTOMER_ID].tolist()
    return found


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
