"""Who gains and loses by the rule that counts for a customer."""

import pandas as pd

from engine.nightly.folder.offers_compared import by_rule


def offers(*names: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": list(names),
            "item_id": "milk",
            "discount_bp": 1000,
            "p_buy": 0.5,
            "expected_cost_milli": 2000,
        }
    )


def test_who_has_no_rule_is_counted_beside_those_who_have_one() -> None:
    people = pd.DataFrame({"customer_id": ["anna", "ben", "cleo", "dan"]})
    rule = pd.Series(["at_height: thank_you", "lost: win_back"], index=["anna", "ben"])
    found = by_rule(offers("ben", "cleo"), people, rule, offers("anna", "cleo"))
    told = {line["segment"]: (line["customers"], line["gain"], line["lose"], line["keep"]) for line in found}
    assert told == {
        "at_height: thank_you": (1, 0, 1, 0),
        "lost: win_back": (1, 1, 0, 0),
        "no rule": (2, 0, 0, 1),
    }
    assert by_rule(offers("ben"), people, rule.iloc[:0], None) == []
