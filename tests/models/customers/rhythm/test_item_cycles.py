import numpy as np
import pandas as pd
import pytest

from models.customers.rhythm import GapPrior, ItemRhythm, fit_item_rhythm
from models.customers.rhythm.item_cycles import THREE_WEEKS, own_log_mean
from models.features.catalogue import Catalogue, build_catalogue
from tests.models.literal import shelf

SHELF = shelf(
    ("bread", ("FOOD", "BREAD"), 100, ""),
    ("gift", (), 100, ""),
    ("milk", ("FOOD", "MILK"), 100, ""),
    ("salt", ("FOOD",), 100, ""),
)


def catalogue(level: str = "product") -> Catalogue:
    return build_catalogue(SHELF, level)


def pairs(items: Catalogue, *known: tuple[str, float, int], seed: int = 5) -> pd.DataFrame:
    """Pairs bought again after log-normal gaps: (item, usual gap in days, number of pairs)."""
    rng = np.random.default_rng(seed)
    rows = []
    for item_id, usual, count in known:
        item_no = items.items.index[items.items["item_id"] == item_id][0]
        for _ in range(count):
            gaps = usual * np.exp(rng.normal(0, 0.3) + rng.normal(0, 0.6, rng.integers(1, 12)))
            sd = np.std(np.log(gaps), ddof=1) if len(gaps) > 1 else np.nan
            rows.append((item_no, len(gaps) + 1, gaps.mean(), sd))
    return pd.DataFrame(rows, columns=["item_no", "buys", "item_gap_days", "gap_log_sd"])


def test_a_family_s_gap_is_that_of_its_items() -> None:
    items = catalogue()
    rhythm = fit_item_rhythm(pairs(items, ("milk", 7, 300), ("bread", 30, 300)), items)
    assert np.exp(rhythm.families["MILK"]) == pytest.approx(7, rel=0.1)
    assert np.exp(rhythm.families["BREAD"]) == pytest.approx(30, rel=0.1)
    assert rhythm.pairs.within_sd == pytest.approx(0.6, abs=0.05)
    assert rhythm.pairs.between_sd == pytest.approx(0.3, abs=0.06)


def test_a_family_that_few_bought_again_is_drawn_towards_the_shop() -> None:
    items = catalogue()
    known = pairs(items, ("milk", 7, 300), ("bread", 12, 300), ("salt", 60, 1))
    rhythm = fit_item_rhythm(known, items)
    own = own_log_mean(*known[["buys", "item_gap_days"]].tail(1).to_numpy().T - [[1], [0]], 0.6)[0]
    assert rhythm.pairs.log_mean < rhythm.families["FOOD"] < own


def test_an_item_never_bought_again_has_its_family_s_gap_or_the_shop_s() -> None:
    rhythm = ItemRhythm(GapPrior(float(np.log(20)), 0.4, 0.6, 9.0), {"MILK": float(np.log(7))})
    centres = rhythm.centres(catalogue())
    assert np.exp(centres) == pytest.approx([20, 20, 7, 20])
    usual = rhythm.usual_gap_days(centres, np.ones(4), np.full(4, np.nan))
    assert usual == pytest.approx([20, 20, 7, 20])


def test_two_purchases_move_what_is_believed_and_many_decide_it() -> None:
    rhythm = ItemRhythm(GapPrior(float(np.log(20)), 0.4, 0.6, 9.0), {})
    centres = np.full(3, np.log(20))
    usual = rhythm.usual_gap_days(centres, np.array([1, 2, 200]), np.array([np.nan, 5, 5]))
    assert usual[0] > usual[1] > usual[2]
    assert usual[2] == pytest.approx(5 * np.exp(-(0.6**2) / 2), rel=0.02), (
        "the median of such gaps, not the mean"
    )


def test_the_mean_gap_tells_the_mean_log_gap() -> None:
    rng = np.random.default_rng(6)
    gaps = np.exp(rng.normal(2.0, 0.6, (4000, 10)))
    told = own_log_mean(np.full(4000, 10.0), gaps.mean(axis=1), 0.6)
    assert told.mean() == pytest.approx(2.0, abs=0.02)
    assert own_log_mean(np.array([0.0]), np.array([np.nan]), 0.6).tolist() == [0.0]


def test_too_few_repeats_teach_nothing() -> None:
    items = catalogue()
    assert fit_item_rhythm(pairs(items, ("milk", 7, 49)), items) == ItemRhythm(THREE_WEEKS, {})


@pytest.mark.parametrize(
    ("level", "families"),
    [("product", ["BREAD", None, "MILK", "FOOD"]), ("family_2", ["FOOD", "FOOD"]), ("family_1", [None])],
)
def test_the_finest_family_above_an_item(level: str, families: list[str | None]) -> None:
    assert catalogue(level).finest_families == families


def test_a_shop_without_families_has_one_gap_for_all() -> None:
    items = build_catalogue(shelf(("a", (), 100, ""), ("b", (), 100, "")), "product")
    rhythm = fit_item_rhythm(pairs(items, ("a", 7, 60), ("b", 7, 60)), items)
    assert rhythm.families == {}
    assert np.exp(rhythm.centres(items)) == pytest.approx([7, 7], rel=0.2)
