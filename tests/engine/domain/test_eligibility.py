import pytest

from engine.domain.eligibility import (
    Consent,
    Removal,
    exclusion,
    is_seen,
    keeps_assumed_margin,
    keeps_margin,
    keeps_price,
    may_receive,
)


@pytest.mark.parametrize(
    ("consent", "required", "unless_refused"),
    [(True, True, True), (None, False, True), (False, False, False)],
)
def test_consent_is_asked_for_or_assumed_as_the_owner_decides(
    consent: bool | None, required: bool, unless_refused: bool
) -> None:
    assert may_receive(consent, Consent.REQUIRED) is required
    assert may_receive(consent, Consent.UNLESS_REFUSED) is unless_refused


def test_the_last_day_of_eligibility_counts() -> None:
    assert [is_seen(days, 56) for days in (55.0, 56.0, 56.01)] == [True, True, False]


def test_an_excluded_flag_or_family_of_any_level_removes_an_item() -> None:
    assert exclusion(["alcohol", "own_brand"], ["DRINKS"], ["alcohol"], []) is Removal.EXCLUDED_FLAG
    assert exclusion([""], ["GROCERY", "CANDY"], ["alcohol"], ["CANDY"]) is Removal.EXCLUDED_FAMILY
    assert exclusion(["own_brand"], ["GROCERY"], ["alcohol"], ["CANDY"]) is None


def test_an_offer_price_on_the_floor_is_kept() -> None:
    assert [keeps_price(price, 50) for price in (49, 50)] == [False, True]


def test_a_margin_on_the_floor_is_kept() -> None:
    # 100 minor units with 90 cost leave 10 %.
    assert [keeps_margin(100, 90, floor) for floor in (1000, 1001)] == [True, False]


def test_an_assumed_margin_is_taken_from_the_undiscounted_price() -> None:
    # 30 % margin: after 20 % off, 10 of 80 remain, which is 12.5 %.
    assert [keeps_assumed_margin(2000, 3000, floor) for floor in (1250, 1251)] == [True, False]
