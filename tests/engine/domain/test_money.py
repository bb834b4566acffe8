import pytest

from engine.domain.money import discount_minor, offer_price_minor, part_minor
from engine.domain.offer_errors import BadRequest


@pytest.mark.parametrize(
    ("price_minor", "discount_bp", "offer_price"),
    [(299, 1500, 254), (100, 1000, 90), (1, 1000, 1), (5, 1000, 4), (4, 1000, 4), (0, 2000, 0)],
)
def test_an_offer_price_is_the_price_less_a_discount_rounded_half_up(
    price_minor: int, discount_bp: int, offer_price: int
) -> None:
    assert offer_price_minor(price_minor, discount_bp) == offer_price


def test_the_discount_and_the_offer_price_sum_to_the_price() -> None:
    assert [discount_minor(299, bp) + offer_price_minor(299, bp) for bp in (1, 333, 1500, 9999)] == [299] * 4


@pytest.mark.parametrize(("amount", "share"), [(-1, 1000), (100, -1), (100, 10_001)])
def test_a_negative_amount_or_an_impossible_share_is_refused(amount: int, share: int) -> None:
    with pytest.raises(BadRequest, match=f"got {amount} and {share} bp"):
        part_minor(amount, share)
