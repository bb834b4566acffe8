from importlib.resources import files

import pytest

from models.features import recipe
from models.features.recipe import (
    CUSTOMER_FEATURES,
    PAIR_FEATURES,
    PROMOTION_FEATURES,
    Recipe,
    current_recipe,
)

# What merely names features, says what an item is, or is read by no fitted model: habits by the
# owner's thresholds, dropped families by a sentence.
OTHERS = (
    "__init__.py",
    "recipe.py",
    "bucket_history.py",
    "catalogue.py",
    "habits.sql",
    "habits.py",
    "dropped.sql",
    "earned.sql",
    "net_days.sql",
    "dropped_families.py",
    "lowest_price.sql",
    "lowest_prices.py",  # told beside the offer, no feature
    "own_features.py",  # stands in the fingerprint of every feature that it computes
)
FORMULAS = sorted(
    file.name
    for file in files("models.features").iterdir()
    if file.name.endswith((".sql", ".py")) and file.name not in OTHERS
)


def test_the_same_code_has_the_same_fingerprint() -> None:
    assert current_recipe().fingerprint == current_recipe().fingerprint


@pytest.mark.parametrize(
    "other",
    [
        Recipe(CUSTOMER_FEATURES[1:], PAIR_FEATURES, current_recipe().formulas_sha256),
        Recipe(("renamed", *CUSTOMER_FEATURES[1:]), PAIR_FEATURES, current_recipe().formulas_sha256),
        Recipe(CUSTOMER_FEATURES, PAIR_FEATURES[::-1], current_recipe().formulas_sha256),
        Recipe((*CUSTOMER_FEATURES, PAIR_FEATURES[0]), PAIR_FEATURES[1:], current_recipe().formulas_sha256),
        Recipe(CUSTOMER_FEATURES, PAIR_FEATURES, "0" * 64),
    ],
    ids=["one fewer", "another name", "another order", "one moved over", "another formula"],
)
def test_a_change_of_names_order_or_formulas_is_another_recipe(other: Recipe) -> None:
    assert other.fingerprint != current_recipe().fingerprint


@pytest.mark.parametrize(
    "changed",
    [
        *FORMULAS,
        "vectors.py",
        "reference.py",
        "follow_ups.py",
        "foretold.py",
        "scores.py",
        "candidates.sql",
        "candidates.py",
    ],
)
def test_every_formula_counts(monkeypatch: pytest.MonkeyPatch, changed: str) -> None:
    before, read_sql = current_recipe(promotions=True).fingerprint, recipe.read_sql
    monkeypatch.setattr(
        recipe,
        "read_sql",
        lambda name, *package: read_sql(name, *package) + (" -- changed" if name == changed else ""),
    )
    assert current_recipe(promotions=True).fingerprint != before


def test_what_a_shop_promotes_is_no_part_of_the_recipe_of_one_that_does_not_say_it() -> None:
    with_them = current_recipe({"evening": "f"}, promotions=True)
    assert with_them.pair_features == (*PAIR_FEATURES, *PROMOTION_FEATURES, "evening")
    assert current_recipe(promotions=False) == current_recipe()
    assert not set(current_recipe().pair_features) & set(PROMOTION_FEATURES)


@pytest.mark.parametrize("names", [CUSTOMER_FEATURES, (*PAIR_FEATURES, *PROMOTION_FEATURES)])
def test_no_feature_stands_twice(names: tuple[str, ...]) -> None:
    assert len(set(names)) == len(names)
