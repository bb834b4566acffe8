import pytest

from models.ground.currencies import written


@pytest.mark.parametrize(
    ("currency", "amount"), [("EUR", "1,234.56"), ("JPY", "123,456"), ("KWD", "123.456"), ("XAF", "123,456")]
)
def test_an_amount_has_the_decimals_of_its_currency(currency: str, amount: str) -> None:
    assert written(123456, currency) == amount


def test_what_rounds_to_nothing_has_no_sign() -> None:
    assert written(-0.3, "EUR") == "0.00"
