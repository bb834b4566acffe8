"""What was offered rests: items, families, and what nobody ever used."""

import numpy as np
import pandas as pd
import pytest

from engine.nightly.shelf.cool_down import FamilyRest, Fatigue, Rest
from engine.nightly.shelf.offered_before import COLUMNS, nothing_offered
from tests.engine.nightly import bucket

ITEMS = np.array(["a", "b", "c", "d"], dtype=object)


def offered(*rows: tuple[str, str, int, int, int, bool], shadow: bool = False) -> pd.DataFrame:
    """Customer, item, bundles ago, days since its begin and its end, used."""
    return pd.DataFrame([(*row, shadow) for row in rows], columns=list(COLUMNS))


def barred(rule: Rest | FamilyRest | Fatigue, **columns: object) -> list[str]:
    people, found = bucket.customers(2), bucket.candidates([0.4, 0.3, 0.2, 0.1], **columns)
    return ITEMS[rule.bars(people, found, ITEMS)].tolist()


LAST_TWO = offered(
    ("c0", "a", 1, 7, 1, False),
    ("c0", "b", 2, 14, 8, True),
    ("c1", "c", 1, 7, 1, False),
    ("c0", "z", 1, 7, 1, False),
)


def test_an_item_rests_for_so_many_of_its_customers_bundles() -> None:
    assert barred(Rest(LAST_TWO, 1, 0, 0.0, 0, 0)) == ["a"]
    assert barred(Rest(LAST_TWO, 2, 0, 0.0, 0, 0)) == ["a", "b"]


def test_an_item_rests_for_so_many_days_after_the_end_of_its_bundle() -> None:
    assert barred(Rest(LAST_TWO, 0, 8, 0.0, 0, 0)) == ["a"]
    assert barred(Rest(LAST_TWO, 0, 9, 0.0, 0, 0)) == ["a", "b"]


def test_what_the_customer_buys_often_returns_sooner() -> None:
    staples = Rest(LAST_TWO, 2, 0, 7.0, 1, 0)
    assert barred(staples, item_gap_days=[6.0, 6.0, 6.0, np.nan]) == ["a"]
    assert barred(staples, item_gap_days=[6.0, 8.0, 6.0, np.nan]) == ["a", "b"]


def test_a_family_rests_with_its_item_and_what_has_no_family_does_not() -> None:
    assert barred(FamilyRest(LAST_TWO, 1, 0, np.array([0, 1, 0, -1]))) == ["a", "c"]
    assert barred(FamilyRest(LAST_TWO, 1, 0, np.array([-1, 1, -1, -1]))) == []


def test_nobody_is_kept_from_anything_who_was_offered_nothing() -> None:
    for rule in (Rest(nothing_offered(), 9, 99, 0.0, 0, 0), Fatigue(nothing_offered(), 1, 99)):
        assert barred(rule) == []


@pytest.mark.parametrize(
    ("used", "tired"),
    [
        ((False, False, False), ["a"]),
        ((False, False, True), []),
        ((True, False, False), []),
    ],
)
def test_an_item_is_tired_once_it_was_offered_in_a_row_and_never_used(
    used: tuple[bool, ...], tired: list[str]
) -> None:
    rows = [("c0", "a", ago, 7 * ago, 7 * ago - 6, use) for ago, use in enumerate(used, start=1)]
    assert barred(Fatigue(offered(*rows), 3, 28)) == tired


def test_a_tired_item_comes_back_and_is_not_tired_again_at_once() -> None:
    long_ago = [("c0", "a", ago, 28 + 7 * ago, 22 + 7 * ago, False) for ago in (2, 3, 4)]
    assert barred(Fatigue(offered(*long_ago), 3, 28)) == []
    again = offered(("c0", "a", 1, 7, 1, False), *long_ago)
    assert barred(Fatigue(again, 3, 28)) == []


def test_what_nobody_saw_tires_only_who_did_not_buy_it_either() -> None:
    rows = [("c0", "a", ago, 7 * ago, 7 * ago - 6, False) for ago in (1, 2)]
    never = offered(*rows, shadow=True)
    assert barred(Fatigue(never, 2, 28), days_since_buy=[3.0, 3.0, 3.0, 3.0]) == []
    assert barred(Fatigue(never, 2, 28), days_since_buy=[30.0, 3.0, 3.0, 3.0]) == ["a"]
