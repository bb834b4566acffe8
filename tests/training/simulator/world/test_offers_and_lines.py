import numpy as np

from training.simulator.world.offers_and_lines import Lines, PersonalOffers, joined, no_offers, personal_minor

TEN_OFF = PersonalOffers(*(np.array([value]) for value in (0, 5, 1000, 2, 41)))


def line(*, units: int, price_minor: int, promo_minor: int, offer_no: int) -> Lines:
    """One line of household 0, product 5."""
    return Lines(
        *(np.array([value]) for value in (0, 1, 5, units, price_minor, promo_minor, offer_no, 3, 40_000))
    )


def test_an_offer_takes_its_part_off_the_units_that_it_covers() -> None:
    bought = line(units=3, price_minor=200, promo_minor=0, offer_no=41)

    assert personal_minor(bought, TEN_OFF).tolist() == [40]


def test_the_discount_of_one_unit_is_rounded_as_at_the_engines_tills() -> None:
    """10 % of 1.95 is 19.5, rounded up to 20 for each of two units."""
    bought = line(units=2, price_minor=195, promo_minor=0, offer_no=41)

    assert personal_minor(bought, TEN_OFF).tolist() == [40]


def test_the_better_of_offer_and_promotion_counts_for_the_whole_line() -> None:
    better_offer = line(units=2, price_minor=200, promo_minor=30, offer_no=41)
    better_promotion = line(units=2, price_minor=200, promo_minor=50, offer_no=41)

    assert better_offer.discount_minor(personal_minor(better_offer, TEN_OFF)).tolist() == [40]
    assert better_promotion.discount_minor(personal_minor(better_promotion, TEN_OFF)).tolist() == [50]


def test_a_line_without_an_offer_gets_none() -> None:
    assert personal_minor(line(units=1, price_minor=200, promo_minor=0, offer_no=-1), TEN_OFF).tolist() == [0]


def test_a_day_without_offers_takes_nothing_off() -> None:
    assert personal_minor(
        line(units=1, price_minor=200, promo_minor=0, offer_no=-1), no_offers()
    ).tolist() == [0]


def test_days_are_joined_one_after_the_other() -> None:
    day = line(units=1, price_minor=200, promo_minor=0, offer_no=-1)

    assert joined([day, day]).units.tolist() == [1, 1]
    assert len(joined([])) == 0
