import pandas as pd
import pytest

from engine.measurement.own_offers import as_drawn


def made(offers: int, days: int) -> pd.DataFrame:
    starts = pd.Timestamp("2017-12-04", tz="UTC")
    return pd.DataFrame(
        {
            "customer_id": ["anna"] * offers + ["boris"] * 6,
            "item_id": [str(number) for number in range(offers + 6)],
            "discount_bp": 1500,
            "valid_from": starts,
            "valid_to": starts + pd.Timedelta(days=days),
        }
    )


@pytest.mark.parametrize(
    ("days", "claim", "of_eighteen"),
    [(1, (6, 1), 500.0), (2, (6, 1), 1000.0), (2, (6, 2), 500.0), (4, (6, 1), 1500.0), (1, None, 1500.0)],
)
def test_an_offer_of_a_pool_counts_by_its_chance_to_be_drawn(
    days: int, claim: tuple[int, int] | None, of_eighteen: float
) -> None:
    found = as_drawn(made(18, days), claim)
    assert found["discount_bp"].tolist() == pytest.approx([of_eighteen] * 18 + [1500.0] * 6)


def test_bundles_of_which_every_offer_counts_are_left_as_they_are() -> None:
    whole = made(6, 4)
    assert as_drawn(whole, None) is whole
