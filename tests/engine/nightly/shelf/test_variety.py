"""A bundle as a whole: few items of the last one, and of many families."""

from typing import Any

import numpy as np
import pandas as pd

from engine.domain.eligibility import Removal
from engine.nightly.choosing.bundling import Picks, Sizes, pick_bundles, repeated_names
from engine.nightly.choosing.policy import Valuation
from engine.nightly.shelf.assortment import REMOVALS
from engine.nightly.shelf.offered_before import COLUMNS
from engine.nightly.shelf.variety import Limits, Variety
from tests.engine.nightly import bucket

P_BUY = (0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)


def picked(limits: Limits | None, *, least: int = 5, value: tuple[float, ...] = P_BUY) -> Picks:
    options = bucket.options([199] * 8, P_BUY)
    worth = np.repeat(np.array(value)[:, None], 3, axis=1)
    choice = Valuation(worth, np.ones_like(worth))
    repeated = repeated_names(options, choice, np.arange(8))
    return pick_bundles(options, choice, repeated, Sizes(least, 6, 0, 2), 2, None, limits)


def limits(returns: str = "", most: int | None = None, family: str = "abcdefgh", least: int = 0) -> Limits:
    """`returns` names the candidates of the last bundle; `family` has a letter for each candidate's, - for none."""
    held = np.array([letter in returns for letter in "abcdefgh"])
    numbers = np.array([ord(letter) - ord("a") if letter != "-" else -1 for letter in family])
    return Limits(held, most, numbers, least)


def test_of_the_last_bundle_only_the_best_return() -> None:
    made = picked(limits("abcdef", 4))
    assert made.rows[0].tolist() == [0, 1, 2, 3, 6, 7]
    assert REMOVALS[made.rule[0, 0]] is Removal.RETURNING
    assert made.runner_up[0, 0] == 4


def test_without_a_limit_all_return() -> None:
    assert picked(None).rows[0].tolist() == picked(limits("abcdef")).rows[0].tolist() == [0, 1, 2, 3, 4, 5]


def test_a_bundle_has_as_many_families_as_asked_and_the_best_of_each() -> None:
    made = picked(limits(family="aaaabcde", least=5))
    assert made.rows[0].tolist() == [0, 1, 4, 5, 6, 7]
    assert REMOVALS[made.rule[0, 0]] is Removal.FAMILIES


def test_a_small_bundle_has_them_too() -> None:
    value = (0.8, 0.7, 0.6, 0.5, 0.4, -1.0, -1.0, -1.0)
    made = picked(limits(family="aabcdefg", least=5), value=value)
    assert made.rows[0, :5].tolist() == [0, 2, 3, 4, 5]


def test_what_has_no_family_is_like_nothing_else() -> None:
    assert picked(limits(family="-------h", least=5)).rows[0].tolist() == [0, 1, 2, 3, 4, 5]


def test_who_has_too_few_families_to_choose_from_gets_no_bundle() -> None:
    assert (picked(limits(family="aaaabbbb", least=5)).rows == -1).all()


def test_what_returns_is_known_by_the_last_bundle_alone() -> None:
    rows: list[tuple[Any, ...]] = [("c0", "a", 1, 7, 1, False, False), ("c0", "b", 2, 14, 8, False, False)]
    before = pd.DataFrame(rows, columns=list(COLUMNS))
    found = Variety(before, 2, 0, np.arange(3)).limits(
        bucket.customers(1), bucket.candidates([0.3, 0.2, 0.1]), np.array(["a", "b", "c"], dtype=object)
    )
    assert found.returns.tolist() == [True, False, False]
