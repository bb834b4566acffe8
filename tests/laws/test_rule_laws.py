"""What holds of rules, whatever is known of customers: the strictest counts, and adding one gives nobody more."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.nightly.shelf.ruled_customers import ruled_customers
from engine.programme.rules_section import CustomerRules

SAID = st.sampled_from([None, "none", "at_most 1000", "at_most 1500", "at_most 2000"])
ORDER = ["none", "at_most 1000", "at_most 1500", "at_most 2000"]
FLAGS = ("at_a_loss", "deal_only", "at_height", "reward_alarm")
people = st.lists(
    st.tuples(
        st.sampled_from(["client", "lost", "repeat"]),
        st.sampled_from(["true", "none", None]),
        *[st.booleans()] * len(FLAGS),
    ),
    min_size=1,
    max_size=6,
)
rules = st.dictionaries(st.sampled_from([*FLAGS, "client", "lost", "loyalty_true", "loyalty_none"]), SAID)


def lifecycle(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["ladder", "loyalty", *FLAGS])
    return frame.assign(customer_no=np.arange(len(rows)), customer_id=[f"c{n}" for n in range(len(rows))])


def given_to(section: dict[str, str | None], known: pd.DataFrame) -> dict[int, str]:
    found = ruled_customers(CustomerRules(**section), known)
    rows = found[["customer_no", "gets", "at_most_bp"]].itertuples(index=False)
    return {number: gets if np.isnan(bp) else f"{gets} {bp:.0f}" for number, gets, bp in rows}


def holds(name: str, person: "pd.Series[object]") -> bool:
    if name in FLAGS:
        return bool(person[name])
    return person["ladder"] == name or f"loyalty_{person['loyalty']}" == name


@settings(max_examples=60, deadline=None)
@given(people, rules)
def test_each_customer_goes_by_the_strictest_rule_that_matches(
    rows: list[tuple[object, ...]], section: dict[str, str | None]
) -> None:
    known = lifecycle(rows)
    expected = {
        number: min((said for name, said in section.items() if said and holds(name, person)), key=ORDER.index)
        for number, person in known.iterrows()
        if any(said and holds(name, person) for name, said in section.items())
    }
    assert given_to(section, known) == expected


@settings(max_examples=60, deadline=None)
@given(people, rules, st.sampled_from([*FLAGS, "client"]), SAID)
def test_one_rule_more_gives_nobody_more(
    rows: list[tuple[object, ...]], section: dict[str, str | None], name: str, said: str | None
) -> None:
    known = lifecycle(rows)
    before = given_to({**section, name: None}, known)
    after = given_to({**section, name: said}, known)
    assert set(before) <= set(after)
    assert all(ORDER.index(after[number]) <= ORDER.index(one) for number, one in before.items())
