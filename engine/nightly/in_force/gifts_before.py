"""Money without a condition, as a night finds it: who was thanked lately, and whose complaint was settled and not made good."""

from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd

from engine.domain.budget_lines import COMPENSATION, THANK_YOU
from engine.domain.contacts import last_settled
from engine.domain.grants import GrantKind
from engine.nightly.night import Night
from engine.programme.rules_section import CustomerRules, GivenMoney
from engine.store import Store
from engine.store.choices.contact_log import contacts_of
from engine.store.grants.grants_of_nights import last_given
from models.tables import CUSTOMER_ID

KIND, AT = "kind", "at"
_LONGEST = timedelta(days=3650)  # `every_days` is at most that
COLUMNS = (CUSTOMER_ID, KIND, AT)


def gift_lines(rules: CustomerRules) -> tuple[tuple[str, GivenMoney | None], ...]:
    """The lines of the budget that give money without a condition, by name; None where the programme has none."""
    return (THANK_YOU, rules.thank_you), (COMPENSATION, rules.compensation)


def gives(night: Night) -> bool:
    """Whether a night gives any."""
    rules = night.programme.rules
    return rules is not None and any(line is not None for _, line in gift_lines(rules))


def gifts_of(store: Store, night: Night, ids: Sequence[str], replacing: date) -> pd.DataFrame:
    """COLUMNS of some customers, all texts.

    Their last thank-you and when it began; a compensation and when the complaint was settled for which nobody has given them
    anything yet.
    """
    rules, since = night.programme.rules, night.as_of - _LONGEST
    rows: list[tuple[str, str, str]] = []
    if rules is not None and rules.thank_you is not None:
        lately = last_given(
            store, GrantKind.THANK_YOU, ids, since, programme=night.programme.name, replacing=replacing
        )
        rows += [(name, THANK_YOU, at.isoformat()) for name, at in sorted(lately.items())]
    if rules is not None and rules.compensation is not None:
        within = timedelta(days=rules.compensation.within_days)
        made_good = last_given(
            store, GrantKind.COMPENSATION, ids, since, programme=night.programme.name, replacing=replacing
        )
        for name, held in sorted(contacts_of(store, ids).items()):
            found = last_settled(held, night.as_of)
            if found is None or found[1] < night.as_of - within:
                continue
            made, settled = found
            if name not in made_good or made_good[name] < (made or settled - within):
                rows.append((name, COMPENSATION, settled.isoformat()))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype("str")
