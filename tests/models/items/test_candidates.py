"""Each source's rule on a shop of eight items, bought by three customers."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.features.bucket_history import open_history
from models.features.catalogue import build_catalogue
from models.features.recipe import NEIGHBOUR_FEATURES
from models.ground.moment import local_midnight
from models.items.candidates import SOURCES, CandidateLimits, add_neighbours, find_candidates
from models.neighbours import BasketTriples, NeighbourRules, Neighbours, Reference, TifuKnn
from tests.models.literal import Line, purchases, shelf, shop_at

MILK, OAT_MILK, BREAD, ROLLS, RYE, APPLE, COFFEE, BAGEL = range(8)
SHELF = shelf(
    ("milk", ("MILK",), 100, ""),
    ("oat milk", ("MILK",), 200, ""),
    ("bread", ("BREAD",), 250, ""),
    ("rolls", ("BREAD",), 50, ""),
    ("rye", ("BREAD",), 300, ""),
    ("apple", (), 40, ""),
    ("coffee", ("COFFEE",), 700, ""),
    ("bagel", ("BREAD",), 80, ""),
)
ANN, BEN, CAT = range(3)
LINES: list[Line] = [
    (ANN, MILK, "2024-03-25T10:00Z", 1, 100, 0),
    (ANN, MILK, "2024-03-18T10:00Z", 1, 100, 0),
    (ANN, BREAD, "2024-03-25T10:00Z", 1, 250, 0),
    (BEN, ROLLS, "2024-03-20T10:00Z", 1, 50, 0),
    (CAT, ROLLS, "2024-03-20T10:00Z", 1, 50, 0),
    (CAT, BREAD, "2024-03-21T10:00Z", 1, 250, 0),
    (BEN, RYE, "2024-02-01T10:00Z", 1, 300, 0),  # 57 days ago: among the buyers of 84 days only
    (BEN, BAGEL, "2024-01-20T10:00Z", 1, 80, 0),
    (BEN, APPLE, "2024-03-20T10:00Z", 1, 40, 0),
    (BEN, COFFEE, "2023-12-01T10:00Z", 1, 700, 0),  # 119 days ago: nobody wants it any more
]
OWN, FAMILY, POPULAR = SOURCES["own_history"], SOURCES["family"], SOURCES["popular"]
NEIGHBOUR, FOLLOW_UP = SOURCES["neighbour"], SOURCES["follow_up"]
NONE = CandidateLimits(own_history=0, family=0, family_items=8, popular=0, rising=0, launched=0)


def candidates(
    folder: Path,
    limits: CandidateLimits,
    *,
    offerable: tuple[int, ...] = tuple(range(8)),
    scored: tuple[int, ...] = (ANN,),
    launched: tuple[int, ...] = (),
) -> dict[int, dict[int, int]]:
    """Sources of each candidate item, of each customer."""
    found = frame(folder, limits, offerable=offerable, scored=scored, launched=launched)
    return {
        int(customer_no): dict(zip(rows["item_no"].tolist(), rows["sources"].tolist(), strict=True))
        for customer_no, rows in found.groupby("customer_no")
    }


def frame(
    folder: Path,
    limits: CandidateLimits,
    *,
    offerable: tuple[int, ...],
    scored: tuple[int, ...],
    launched: tuple[int, ...] = (),
) -> pd.DataFrame:
    file = purchases(folder / "purchases.parquet", LINES)
    catalogue, moment = build_catalogue(SHELF, "product"), local_midnight(date(2024, 3, 29), "UTC")
    with open_history(file, catalogue, moment) as history:
        return find_candidates(
            history,
            pd.DataFrame({"customer_no": np.array(scored, dtype=np.int32)}),
            shop_at([file], catalogue, moment).item_table,
            np.isin(np.arange(8), offerable),
            np.isin(np.arange(8), launched),
            limits,
        )


def test_what_is_new_on_the_shelf_is_proposed_to_customers_of_its_family_before_anybody_bought_it(
    tmp_path: Path,
) -> None:
    limits, launched = replace(NONE, launched=1), SOURCES["launched"]
    # nobody bought oat milk; ann buys of its family, ben does not
    assert candidates(tmp_path, limits, launched=(OAT_MILK,), scored=(ANN, BEN)) == {
        ANN: {OAT_MILK: launched}
    }


def test_what_is_new_on_the_shelf_is_nothing_new_to_who_bought_it(tmp_path: Path) -> None:
    assert candidates(tmp_path, replace(NONE, launched=3), launched=(MILK,)) == {}


def test_what_is_new_on_the_shelf_without_a_family_has_nobody_to_be_proposed_to(tmp_path: Path) -> None:
    assert candidates(tmp_path, replace(NONE, launched=3), launched=(APPLE,)) == {}


def test_own_history_takes_the_most_frequent_and_recent_first(tmp_path: Path) -> None:
    assert candidates(tmp_path, replace(NONE, own_history=9)) == {ANN: {MILK: OWN, BREAD: OWN}}
    assert candidates(tmp_path, replace(NONE, own_history=1)) == {ANN: {MILK: OWN}}


def test_family_takes_what_they_never_bought_of_families_they_buy(tmp_path: Path) -> None:
    assert candidates(tmp_path, replace(NONE, family=9)) == {ANN: {ROLLS: FAMILY, RYE: FAMILY, BAGEL: FAMILY}}


def test_family_takes_the_more_popular_first(tmp_path: Path) -> None:
    assert candidates(tmp_path, replace(NONE, family=2)) == {ANN: {ROLLS: FAMILY, RYE: FAMILY}}


def test_only_the_most_popular_of_a_family_compete(tmp_path: Path) -> None:
    # of the family BREAD these two have most buyers: bread, which she knows, and rolls
    assert candidates(tmp_path, replace(NONE, family=9, family_items=2)) == {ANN: {ROLLS: FAMILY}}


def test_a_family_whose_popular_items_they_all_know_takes_no_place_from_another(tmp_path: Path) -> None:
    # Ann buys milk more than bread; milk is all there is popular in its family, and she knows it
    assert candidates(tmp_path, replace(NONE, family=1)) == {ANN: {ROLLS: FAMILY}}


def test_a_family_not_bought_for_84_days_is_no_source(tmp_path: Path) -> None:
    assert COFFEE not in candidates(tmp_path, CandidateLimits(own_history=0), scored=(ANN, BEN, CAT))[BEN]


def test_popular_takes_the_items_with_most_buyers_and_then_the_smaller_number(tmp_path: Path) -> None:
    assert candidates(tmp_path, replace(NONE, popular=2)) == {ANN: {BREAD: POPULAR, ROLLS: POPULAR}}
    assert candidates(tmp_path, replace(NONE, popular=3)) == {
        ANN: {MILK: POPULAR, BREAD: POPULAR, ROLLS: POPULAR}
    }


def test_what_nobody_bought_for_84_days_is_not_popular(tmp_path: Path) -> None:
    assert set(candidates(tmp_path, replace(NONE, popular=99))[ANN]) == {
        MILK,
        BREAD,
        ROLLS,
        RYE,
        APPLE,
        BAGEL,
    }


def test_an_item_from_several_sources_remembers_them_all(tmp_path: Path) -> None:
    found = candidates(tmp_path, CandidateLimits(popular=3))
    assert found == {
        ANN: {MILK: OWN | POPULAR, BREAD: OWN | POPULAR, ROLLS: FAMILY | POPULAR, RYE: FAMILY, BAGEL: FAMILY}
    }


@pytest.mark.parametrize("forbidden", [MILK, ROLLS, RYE])
def test_what_must_not_be_offered_comes_from_no_source(tmp_path: Path, forbidden: int) -> None:
    allowed = tuple(item for item in range(8) if item != forbidden)
    found = candidates(tmp_path, CandidateLimits(), offerable=allowed, scored=(ANN, BEN, CAT))
    assert all(forbidden not in items for items in found.values())
    assert all(items for items in found.values())


def test_a_place_that_must_not_be_offered_goes_to_the_next(tmp_path: Path) -> None:
    found = candidates(tmp_path, replace(NONE, popular=2), offerable=(MILK, ROLLS, RYE, APPLE))
    assert found == {ANN: {MILK: POPULAR, ROLLS: POPULAR}}


def test_candidates_come_by_customer_and_item_whatever_the_order_asked_for(tmp_path: Path) -> None:
    everything = tuple(range(8))
    one = frame(tmp_path, CandidateLimits(), offerable=everything, scored=(ANN, BEN, CAT))
    other = frame(tmp_path, CandidateLimits(), offerable=everything, scored=(CAT, ANN, BEN))
    pd.testing.assert_frame_equal(one, other)
    pd.testing.assert_frame_equal(one, one.sort_values(["customer_no", "item_no"], ignore_index=True))


def test_nobody_to_score_gets_no_candidates(tmp_path: Path) -> None:
    assert candidates(tmp_path, CandidateLimits(), scored=()) == {}


def add(
    limit: int,
    offerable: tuple[int, ...] = tuple(range(4)),
    followers: int = 0,
    foretold: int = 0,
    bought: int = 0,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Ann bought item 0 and has it as candidate; who shops like her bought 1 and 3, then 0 and 1; somebody else 2."""
    reference = Reference(
        np.array([1, 2], dtype=np.uint64),
        baskets([(0, 0, 0), (0, 1, 0), (0, 1, 1), (0, 3, 1), (1, 2, 0)], [2, 1]),
        np.arange(4, dtype=np.int32),
        seed=1,
    )
    rules = NeighbourRules(TifuKnn(neighbours=1), foretold_items=foretold)
    return add_neighbours(
        pd.DataFrame({"customer_no": [5], "item_no": [bought], "sources": np.array([OWN], dtype=np.uint8)}),
        Neighbours(reference, rules),
        baskets([(0, bought, 0)], [1]),
        pd.DataFrame({"customer_no": np.array([5], dtype=np.int32), "customer_id": ["ann"]}),
        np.isin(np.arange(4), offerable),
        CandidateLimits(neighbour=limit, follow_up=followers),
    )


def baskets(triples: list[tuple[int, int, int]], count: list[int]) -> BasketTriples:
    customer, item, ago = (np.array(column, dtype=np.int32) for column in zip(*triples, strict=True))
    return BasketTriples(customer, item, ago, np.array(count, dtype=np.int32), 4)


def test_neighbours_add_what_they_weigh_most_and_what_she_lacks() -> None:
    found, _ = add(1)
    assert found.to_dict("list") == {"customer_no": [5, 5], "item_no": [0, 1], "sources": [OWN, NEIGHBOUR]}
    found, _ = add(9)
    assert found["item_no"].tolist() == [0, 1, 3]


def test_neighbours_add_nothing_that_must_not_be_offered() -> None:
    found, _ = add(1, offerable=(0, 2, 3))
    assert found["item_no"].tolist() == [0, 3]


def test_every_candidate_is_scored_by_neighbours_also_her_own() -> None:
    found, alike = add(1)
    scores = pd.DataFrame(alike, columns=NEIGHBOUR_FEATURES, index=found["item_no"])
    # in one of their two baskets; nothing is foretold unless asked
    assert scores.loc[0].tolist() == pytest.approx([1.0, 0.5, 0.5, 0.0, np.nan, np.nan], nan_ok=True)
    assert scores.loc[1, "tifu_own"] == 0
    assert scores.loc[1, "tifu_neighbours"] == pytest.approx((1 + 0.9) / 2)
    assert scores.loc[1, "upcf"] == pytest.approx(1.0)


def test_what_follows_her_items_comes_after_what_neighbours_propose() -> None:
    # nobody bought anything next time after item 0 often enough
    found, _ = add(1, followers=9)
    assert found["item_no"].tolist() == [0, 1]


def test_what_is_foretold_comes_after_what_neighbours_propose() -> None:
    found, alike = add(0, followers=9, foretold=4, bought=3)
    assert found.to_dict("list") == {
        "customer_no": [5, 5, 5],
        "item_no": [0, 1, 3],
        "sources": [FOLLOW_UP, FOLLOW_UP, OWN],
    }
    assert (alike[:2, NEIGHBOUR_FEATURES.index("foretold_by_others")] > 0).all()


def test_rising_takes_what_sold_much_more_last_week_than_usual(tmp_path: Path) -> None:
    file = purchases(
        tmp_path / "rising.parquet",
        [(customer, ROLLS, "2024-03-27T10:00Z", 1, 50, 0) for customer in range(10, 16)]
        + [(customer, BREAD, "2024-02-27T10:00Z", 1, 50, 0) for customer in range(10, 16)]
        + LINES,
    )
    catalogue, moment = build_catalogue(SHELF, "product"), local_midnight(date(2024, 3, 29), "UTC")
    with open_history(file, catalogue, moment) as history:
        found = find_candidates(
            history,
            pd.DataFrame({"customer_no": np.array([ANN], dtype=np.int32)}),
            shop_at([file], catalogue, moment).item_table,
            np.ones(8, dtype=bool),
            np.zeros(8, dtype=bool),
            replace(NONE, rising=3),
        )
    assert dict(zip(found["item_no"], found["sources"], strict=True)) == {ROLLS: SOURCES["rising"]}
