"""The ridge regression of next baskets, on four customers and three items."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from models.neighbours import BasketTriples, NeighbourRules, Neighbours, customer_keys
from models.neighbours.foretold import DECAY, RIDGE, foretelling, foretelling_items, unit_vectors
from tests.models.neighbours.test_neighbours import BREAD, MILK, RYE, SEED, baskets_of, reference_of

# latest first: bread comes after milk
HISTORIES = (
    ({BREAD}, {MILK}),
    ({BREAD}, {MILK, RYE}),
    ({MILK}, {BREAD}, {MILK}),
    ({RYE},),
)


def test_the_later_a_basket_the_heavier_in_a_vector_of_length_one() -> None:
    vectors = unit_vectors(baskets_of(HISTORIES)).toarray()
    length = np.hypot(1 + DECAY**2, DECAY)
    assert vectors[2] == pytest.approx([(1 + DECAY**2) / length, DECAY / length, 0])
    assert vectors[3].tolist() == [0, 0, 1]


def test_what_comes_before_the_last_basket_is_all_that_is_known_there() -> None:
    vectors = unit_vectors(baskets_of(HISTORIES), first=1).toarray()
    assert vectors[0].tolist() == [1, 0, 0]
    assert vectors[3].tolist() == [0, 0, 0]


def test_next_baskets_are_regressed_on_what_came_before_them() -> None:
    # ann, ben and cat's second basket, then cat's last one
    before = np.array([[1, 0, 0], [1 / np.sqrt(2), 0, 1 / np.sqrt(2)], [1, 0, 0], [DECAY, 1, 0]])
    before[3] /= np.hypot(DECAY, 1)
    after = np.array([[0, 1, 0], [0, 1, 0], [0, 1, 0], [1, 0, 0]])
    expected = np.linalg.solve(before.T @ before + RIDGE * np.eye(3), before.T @ after)
    np.testing.assert_allclose(foretelling(baskets_of(HISTORIES)), expected, rtol=1e-5, atol=1e-8)


def test_the_items_in_most_baskets_are_foretold() -> None:
    assert foretelling_items(baskets_of(HISTORIES), 2).tolist() == [MILK, BREAD]


def test_an_item_outside_them_is_foretold_by_nothing() -> None:
    rules = NeighbourRules(foretold_items=2)
    ((_, *_, by_all, by_others),) = Neighbours(reference_of([0, 1, 2]), rules).scores(
        baskets_of(HISTORIES[:1]), customer_keys(["new"], SEED)
    )
    assert by_all[0, RYE] == by_others[0, RYE] == 0
    assert by_all[0, MILK] != by_others[0, MILK]


def test_what_others_foretell_leaves_out_the_item_itself() -> None:
    neighbours = Neighbours(reference_of([0, 1, 2, 3, 4]), NeighbourRules(foretold_items=3))
    ((_, *_, by_all, by_others),) = neighbours.scores(
        baskets_of(HISTORIES), customer_keys(list("abcd"), SEED)
    )
    told = foretelling(neighbours.reference.baskets)
    own = unit_vectors(baskets_of(HISTORIES)).toarray()
    np.testing.assert_allclose(by_all - by_others, own * np.diag(told), atol=1e-7)


def test_nothing_is_foretold_unless_asked() -> None:
    ((_, *_, by_all, by_others),) = Neighbours(reference_of([0, 1]), NeighbourRules()).scores(
        baskets_of(HISTORIES[:1]), customer_keys(["new"], SEED)
    )
    assert np.isnan(by_all).all()
    assert np.isnan(by_others).all()


def baskets_at_random(customers: int, items: int) -> BasketTriples:
    """Three to nine baskets of five items each, of customers who like some items more than others."""
    rng = np.random.default_rng(8)
    count = rng.integers(3, 10, customers).astype(np.int32)
    customer = np.repeat(np.arange(customers, dtype=np.int32), count * 5)
    ago = np.concatenate([np.repeat(np.arange(each, dtype=np.int32), 5) for each in count])
    item = (items * rng.random(len(customer)) ** 2).astype(np.int32)
    return BasketTriples(customer, item, ago, count, items)


def test_what_is_foretold_does_not_depend_on_the_threads_that_work_it_out() -> None:
    baskets = baskets_at_random(customers=600, items=500)
    with threadpool_limits(limits=1, user_api="blas"):
        alone = foretelling(baskets)
    with threadpool_limits(limits=2, user_api="blas"):
        together = foretelling(baskets)
    np.testing.assert_array_equal(alone, together)
