"""What holds of rules, whatever is known of customers: the strictest counts, and adding one gives nobody more."""

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.domain.budget import allowance_milli
from engine.domain.budget_lines import WIN_BACK
from engine.nightly.choosing.allocation import find_shadow_price
from engine.nightly.choosing.assignment import assign_bucket
from engine.nightly.choosing.bucket_plan import plan_bucket
from engine.nightly.choosing.policy import depth_rule
from engine.nightly.shelf.assortment import build_assortment
from engine.nightly.shelf.ruled_customers import ruled_customers
from engine.programme.rules_section import CustomerRules
from tests.engine.nightly import bucket
from tests.laws.night_cases import MESSAGES, make_shop

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


@settings(
    max_examples=3,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.integers(0, 10_000), st.sampled_from([0, 40, 300]), st.sampled_from([20, 2000]))
def test_no_line_plans_more_than_its_amount_over_the_nights_of_its_period(
    seed: int, back_minor: int, rest_minor: int
) -> None:
    shop, rules = make_shop(seed, 18), bucket.programme()
    night, assortment = bucket.night(rules), build_assortment(shop.items, rules)
    gives = np.array(["none", "at_most", "win_back", None] * 5, dtype=object)[:18]
    people = shop.customers.assign(
        gets=gives, at_most_bp=np.where(gives == "at_most", 1000.0, np.nan), days_since_visit=3.0
    )
    amount, spent = {WIN_BACK: back_minor, "": rest_minor}, {WIN_BACK: 0, "": 0}
    for nights_left in (3, 2, 1):
        for line, most in amount.items():
            mine = people[(people["gets"] == WIN_BACK) == (line == WIN_BACK)].reset_index(drop=True)
            theirs = shop.candidates[shop.candidates["customer_no"].isin(mine["customer_no"])]
            plan = plan_bucket(
                night,
                assortment,
                mine,
                theirs.reset_index(drop=True),
                consent=shop.consent,
                open_customers=(),
                policy=depth_rule,
            )
            allowed = allowance_milli(most, spent[line], nights_left)
            price = find_shadow_price(plan.cost_milli, allowed)
            slots = assign_bucket(plan, night, assortment, price, MESSAGES).slots
            spent[line] += int(slots["expected_cost_milli"].sum())
            told = slots.merge(mine, on="customer_id")
            assert not (told["gets"] == "none").any()
            assert (told["discount_bp"] <= told["at_most_bp"].fillna(10_000)).all()
            assert spent[line] <= most * 1000
