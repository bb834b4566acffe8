import pandas as pd

from training.evaluation.segments import segments_of


def test_customers_are_new_then_occasional_or_loyal() -> None:
    customers = pd.DataFrame(
        {
            "cut": "2024-05-01",
            "customer_no": [1, 2, 3, 4],
            "visits": [4, 20, 5, 30],
            "tenure_days": [300, 56, 57, 300],
            "visits_84d": [4, 20, 5, 12],
            "spend_minor_84d": [100.0, 300.0, None, 200.0],
        }
    )
    found = segments_of(customers)
    assert found["loyalty"].tolist() == ["new", "new", "occasional", "loyal"]
    assert found["spend"].tolist() == ["middle third", "highest third", "lowest third", "highest third"]


def test_thirds_are_of_each_cut() -> None:
    customers = pd.DataFrame(
        {
            "cut": ["a", "a", "a", "b", "b", "b"],
            "customer_no": [1, 2, 3, 1, 2, 3],
            "visits": 9,
            "tenure_days": 99,
            "visits_84d": 9,
            "spend_minor_84d": [1, 2, 3, 30, 20, 10],
        }
    )
    low, middle, high = "lowest third", "middle third", "highest third"
    assert segments_of(customers)["spend"].tolist() == [low, middle, high, high, middle, low]
