"""The day goes by what a night published, whichever release that was."""

import pytest

from engine.day.published_rules import rules_now
from engine.store import Store
from tests.engine.day.shops import open_shop

WITHOUT_CAPS = ("redemptions_a_day = 8       # in a local day\n", "")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(WITHOUT_CAPS, id="a key that came later"),
        pytest.param(
            ("\ndays = 10  ", "\ndays = 10\nof_tomorrow = 3 #"), id="a key that nobody knows any more"
        ),
        pytest.param(("[velocity] ", "[stamps]\nten = 1\n[velocity] "), id="a section that nobody knows"),
        pytest.param(("\ndays = 10  ", "\ndays = 90 "), id="a value that is refused by now"),
        pytest.param(("slots = 6 ", "slots = 9 "), id="keys that do not go together any more"),
        pytest.param(("bp = [1000,", "bp = [0, 1000,"), id="one of a list"),
    ],
)
def test_rules_of_another_release_are_read_and_what_they_promise_is_kept(
    embedded_store: Store, change: tuple[str, str]
) -> None:
    open_shop(embedded_store, change)

    shop = rules_now(embedded_store)

    assert shop.programme.favourite.discount_bp == 3000
    assert shop.programme.velocity.redemptions_a_day == 8
    assert shop.programme.checkout.session_max_seconds == 900


def test_values_that_the_other_release_published_are_kept_beside_the_key_that_is_read_otherwise(
    embedded_store: Store,
) -> None:
    open_shop(embedded_store, ("units_a_day = 40 ", "units_a_day = 7 "), WITHOUT_CAPS)

    assert rules_now(embedded_store).programme.velocity.units_a_day == 7
