import numpy as np
import pytest

from training.simulator.world.flat_runs import (
    largest,
    means,
    ranges,
    run_lengths,
    run_starts,
    starts_of,
    sums,
)

VALUES = np.array([1, 2, 3, 4, 6], np.float32)
STARTS = np.array([0, 3])


def test_runs_begin_where_keys_change() -> None:
    assert run_starts(np.array([0, 0, 0, 7, 7])).tolist() == [0, 3]


def test_lengths_and_starts_tell_each_other() -> None:
    assert run_lengths(STARTS, 5).tolist() == [3, 2]
    assert starts_of(np.array([3, 2])).tolist() == [0, 3]


def test_sums_means_and_the_largest_of_each_run() -> None:
    assert sums(VALUES, STARTS) == pytest.approx([6, 10])
    assert means(VALUES, STARTS) == pytest.approx([2, 5])
    assert largest(VALUES, STARTS).tolist() == [3, 3, 3, 6, 6]


def test_ranges_list_the_members_of_slices() -> None:
    assert ranges(np.array([10, 40]), np.array([3, 2])).tolist() == [10, 11, 12, 40, 41]


def test_sums_stay_single_precision() -> None:
    assert sums(VALUES, STARTS).dtype == np.float32
    assert means(VALUES, STARTS).dtype == np.float32
