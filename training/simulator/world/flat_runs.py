"""Runs in flat sorted arrays: items of one family, lines of one basket, side by side; `starts` is where each begins.

Families differ in size, so what belongs together lies in runs instead of in rows padded to the longest.
"""

import numpy as np
import numpy.typing as npt

from training.simulator.world.draws import Floats, Ints


def run_starts(keys: Ints) -> Ints:
    """Where each run of equal, non-negative keys begins."""
    starts: Ints = np.flatnonzero(np.diff(keys, prepend=-1))
    return starts


def run_lengths(starts: Ints, total: int) -> Ints:
    """How long each run of `total` entries is."""
    lengths: Ints = np.diff(np.append(starts, total))
    return lengths


def starts_of(lengths: Ints) -> Ints:
    """Where runs of given lengths begin when they lie one after the other."""
    starts: Ints = np.cumsum(lengths) - lengths
    return starts


def sums(values: Floats, starts: Ints) -> Floats:
    """Sum of each run."""
    found: Floats = np.add.reduceat(values, starts)
    return found


def means(values: Floats, starts: Ints) -> Floats:
    """Mean of each run."""
    found: Floats = np.divide(sums(values, starts), run_lengths(starts, len(values)), dtype=np.float32)
    return found


def largest(values: Floats, starts: Ints) -> Floats:
    """Largest value of each run, repeated for its entries."""
    found: Floats = np.repeat(np.maximum.reduceat(values, starts), run_lengths(starts, len(values)))
    return found


def ranges(firsts: Ints, lengths: Ints) -> Ints:
    """`first, first + 1, ...` for each run, one run after the other: the members of slices."""
    numbers: Ints = np.arange(int(lengths.sum())) - np.repeat(starts_of(lengths) - firsts, lengths)
    return numbers


def totals(numbers: npt.ArrayLike, values: npt.ArrayLike, count: int) -> npt.NDArray[np.float64]:
    """Sum of values by the number beside each, for 0 to `count` - 1; the order does not matter."""
    return np.bincount(np.asarray(numbers), np.asarray(values), minlength=count).astype(np.float64)
