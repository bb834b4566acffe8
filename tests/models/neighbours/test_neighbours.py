from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.neighbours import (
    BasketTriples,
    NeighbourRules,
    Neighbours,
    Reference,
    TifuKnn,
    UpCf,
    customer_keys,
    follow_ups,
    merge_references,
    recent_shares,
    tifu_vectors,
)

ANN, BEN, CAT = 0, 1, 2
MILK, BREAD, RYE = 0, 1, 2
IDS = ["ann", "ben", "cat", "dan", "eve", "fay"]
SEED = 7
# every customer's baskets, latest first
HISTORIES = (
    ({MILK}, {MILK, BREAD}, {BREAD}),
    ({MILK, RYE}, {MILK, RYE}),
    ({BREAD},),
    ({RYE}, {BREAD, RYE}, {MILK}, {MILK}),
    ({MILK}, {RYE}, {MILK, BREAD}),
    ({BREAD, RYE}, set(), {BREAD}),  # a visit without any item
)


def baskets_of(histories: tuple[tuple[set[int], ...], ...], items: int = 3) -> BasketTriples:
    bought = [
        (row, item, ago)
        for row, history in enumerate(histories)
        for ago, basket in enumerate(history)
        for item in sorted(basket)
    ]
    customer, item, ago = (np.array(column, dtype=np.int32) for column in zip(*bought, strict=True))
    return BasketTriples(customer, item, ago, np.array([len(h) for h in histories], dtype=np.int32), items)


def reference_of(rows: list[int], items: int = 3) -> Reference:
    order = sorted(rows, key=lambda row: int(customer_keys([IDS[row]], SEED)[0]))
    keys = customer_keys([IDS[row] for row in order], SEED)
    return Reference(
        keys,
        baskets_of(tuple(HISTORIES[row] for row in order), items),
        np.arange(items, dtype=np.int32),
        SEED,
    )


def scored(rules: NeighbourRules, reference: list[int], asked: list[int]) -> tuple[np.ndarray, np.ndarray]:
    blocks = Neighbours(reference_of(reference), rules).scores(
        baskets_of(tuple(HISTORIES[row] for row in asked)), customer_keys([IDS[row] for row in asked], SEED)
    )
    _, tifu, upcf, *_ = zip(*blocks, strict=True)
    return np.concatenate(tifu), np.concatenate(upcf)


def test_a_tifu_vector_decays_within_groups_and_from_group_to_group() -> None:
    rule = TifuKnn(group_size=2, within_decay=0.5, group_decay=0.1)
    # groups, latest first: [{MILK}, {MILK, BREAD}] and [{BREAD}], which has one basket
    vectors = tifu_vectors(baskets_of(HISTORIES[:1]), rule).toarray()
    assert vectors[ANN] == pytest.approx([(1 + 0.5) / 2 / 2, 0.5 / 2 / 2 + 0.1 / 1 / 2, 0])


def test_a_recent_share_counts_the_last_baskets_only_and_no_more_than_there_are() -> None:
    shares = recent_shares(baskets_of(HISTORIES[:3]), UpCf(recency=2)).toarray()
    assert shares.tolist() == [[1.0, 0.5, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]


def test_what_follows_an_item_is_what_the_next_baskets_hold() -> None:
    # bread then milk three times, milk then rye twice, bread then bread never counts
    histories = (
        ({MILK}, {BREAD}),
        ({MILK}, {BREAD}),
        ({RYE}, {MILK}, {BREAD, RYE}),
        ({RYE, BREAD}, {MILK, BREAD}),
    )
    links = follow_ups(baskets_of(histories), 5).toarray()
    # bread stood in 4 baskets that had a next one, milk in 3 next ones
    assert links[BREAD] == pytest.approx([3 / np.sqrt(4 * 3), 0, 0])
    assert links[MILK].tolist() == [0, 0, 0]


def test_the_strongest_followers_are_kept() -> None:
    often = (({MILK, RYE}, {BREAD}),) * 3 + (({MILK}, {BREAD}),)
    assert np.flatnonzero(follow_ups(baskets_of(often), 1).toarray()[BREAD]).tolist() == [MILK]
    assert np.flatnonzero(follow_ups(baskets_of(often), 2).toarray()[BREAD]).tolist() == [MILK, RYE]


def test_tifu_neighbours_are_the_nearest_by_euclid_and_count_the_same() -> None:
    rules = NeighbourRules(TifuKnn(neighbours=2))
    everybody = list(range(6))
    tifu, _ = scored(rules, everybody, everybody)
    vectors = tifu_vectors(baskets_of(HISTORIES), rules.tifu).toarray()
    for row in everybody:
        distance = np.linalg.norm(vectors - vectors[row], axis=1)
        distance[row] = np.inf
        assert tifu[row] == pytest.approx(vectors[np.argsort(distance)[:2]].mean(axis=0))


def test_upcf_weighs_everybody_by_the_asymmetric_cosine_of_what_they_ever_bought() -> None:
    rules = NeighbourRules(upcf=UpCf(recency=2, asymmetry=0.25, locality=3, shrink=1.0))
    _, upcf = scored(rules, list(range(6)), [ANN])
    shares = recent_shares(baskets_of(HISTORIES), rules.upcf).toarray()
    ever = [set().union(*history) for history in HISTORIES]
    alike = np.array(
        [len(ever[ANN] & other) / (len(ever[ANN]) ** 0.25 * len(other) ** 0.75 + 1) for other in ever]
    )
    alike = np.where(np.arange(6) == ANN, 0, alike) ** 3
    assert upcf[0] == pytest.approx(alike @ shares / alike.sum())


@pytest.mark.parametrize("themselves", [ANN, BEN, CAT])
def test_nobody_is_their_own_neighbour(themselves: int) -> None:
    others = [row for row in range(6) if row != themselves]
    rules = NeighbourRules(TifuKnn(neighbours=6))
    for among, without in zip(
        scored(rules, list(range(6)), [themselves]), scored(rules, others, [themselves]), strict=True
    ):
        np.testing.assert_allclose(among, without, rtol=1e-6)


def test_a_reference_of_nobody_but_themselves_tells_nothing() -> None:
    for scores in scored(NeighbourRules(), [ANN], [ANN]):
        assert scores.tolist() == [[0, 0, 0]]


def test_a_customer_without_items_is_scored_like_everybody() -> None:
    nothing: tuple[set[int], ...] = (set(), {MILK})
    asked = baskets_of((HISTORIES[ANN], nothing))
    asked = replace(
        asked, customer=asked.customer[:-1], item=asked.item[:-1], baskets_ago=asked.baskets_ago[:-1]
    )
    neighbours = Neighbours(reference_of([BEN, CAT]), NeighbourRules())
    ((_, tifu, upcf, *_),) = neighbours.scores(asked, customer_keys(["ann", "new"], SEED))
    assert tifu[1] == pytest.approx(
        tifu_vectors(baskets_of(HISTORIES[1:3]), TifuKnn()).toarray().mean(axis=0)
    )
    assert upcf[1].tolist() == [0, 0, 0]


def test_scores_depend_neither_on_the_order_nor_on_the_company_of_customers() -> None:
    rules = NeighbourRules(TifuKnn(neighbours=2))
    together = scored(rules, list(range(6)), [0, 1, 2, 3])
    turned = scored(rules, list(range(6)), [3, 2, 1, 0])
    alone = [scored(rules, list(range(6)), [row]) for row in range(4)]
    for which in (0, 1):
        np.testing.assert_array_equal(together[which], turned[which][::-1])
        np.testing.assert_array_equal(together[which], np.concatenate([part[which] for part in alone]))


def test_a_merged_reference_is_the_same_for_every_split_into_buckets() -> None:
    def merged(*buckets: list[int]) -> Reference:
        return merge_references([reference_of(rows) for rows in buckets], 4, 2)

    one, other = merged([0, 1, 2, 3, 4, 5]), merged([5, 3, 1], [0, 2, 4])
    assert one.keys.tolist() == other.keys.tolist() == sorted(customer_keys(IDS, SEED).tolist())[:4]
    assert one.item_no.tolist() == other.item_no.tolist()
    assert len(one.item_no) == 2
    np.testing.assert_array_equal(
        tifu_vectors(one.baskets, TifuKnn()).toarray(), tifu_vectors(other.baskets, TifuKnn()).toarray()
    )


def test_another_seed_draws_other_customers() -> None:
    ids = [f"c{number}" for number in range(50)]
    one, other = (set(np.argsort(customer_keys(ids, seed))[:10]) for seed in (1, 2))
    assert one != other


def test_a_model_meets_a_catalogue_that_numbers_otherwise_and_lacks_an_item() -> None:
    trained_on, served_on = pd.Series(["milk", "bread", "rye"]), pd.Series(["cake", "rye", "milk"])
    neighbours = Neighbours(reference_of([BEN, CAT]), NeighbourRules())
    served = neighbours.named(trained_on).numbered(served_on)
    assert served.reference.item_no.tolist() == [1, 2]
    before, after = (
        tifu_vectors(which.reference.baskets, TifuKnn()).toarray() for which in (neighbours, served)
    )
    np.testing.assert_array_equal(after, before[:, [RYE, MILK]])
