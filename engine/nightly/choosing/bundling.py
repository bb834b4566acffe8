"""Which items go into a customer's bundle: distinct, mostly preferred, some new, never too few.

Items a customer has bought before are *preferred*, all others are new to them. Places go, in this order, to
1. the best preferred items (max_items - novelty max) and the best new ones (novelty min), first of all one that
   was just put on the shelf where the customer's lot fell on trying it (`launch_first`);
2. whichever of the two sides is worth more, while the new ones stay within the novelty maximum;
3. where they have bought too little, further new items: of families they buy, then popular ones (kind cold_start).
Fewer than min_items is no bundle. Places beyond min_items are left empty rather than given to an item whose
value is below zero. Everything is done for a whole bucket at once; equal values fall back to p_buy, then to the
item's number, which is the order in which candidates come.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.domain.arms import is_drawn
from engine.domain.bundle import Kind
from engine.domain.eligibility import Removal
from engine.nightly.choosing.offer_options import Options
from engine.nightly.choosing.policy import Valuation
from engine.nightly.shelf.assortment import REMOVAL_CODES
from engine.nightly.shelf.variety import Limits, rank_within
from engine.programme import Programme
from models.items.candidates import SOURCES

KINDS = (Kind.PREFERRED, Kind.NOVELTY, Kind.COLD_START)
NO_ROW = -1
_RESERVED, _CONTESTED, _FAMILY_FILL, _POPULAR_FILL = range(4)


@dataclass(frozen=True)
class Sizes:
    """Places of a bundle, as the programme has them."""

    min_items: int
    max_items: int
    min_new: int
    max_new: int

    @classmethod
    def of(cls, programme: Programme) -> "Sizes":
        """Read them from the programme."""
        bundle, novelty = programme.bundle, programme.novelty
        return cls(bundle.min_items, bundle.max_items, novelty.min_slots, novelty.max_slots)


@dataclass(frozen=True)
class Picks:
    """The bundles of n customers under one depth cap, S = max_items places.

    Attributes:
        rows: (n, S) candidate in each place, best value first; NO_ROW where there is none.
        kinds: (n, S) place in KINDS.
        depth: (N,) place of each candidate's best depth under the cap.
        value: (N,) its value there; minus infinity where it cannot be offered.
        runner_up: (n, 2) likeliest candidate left out, bought before and new; NO_ROW where there is none.
        rule: (n, 2) code (REMOVALS) of the rule that left it out.
        spare: (n, 2 x spares) candidates that may take the place of one of their side, bought before and new, without breaking
            a rule, best value first; NO_ROW where there is none.

    """

    rows: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.uint8]
    depth: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    runner_up: npt.NDArray[np.int64]
    rule: npt.NDArray[np.uint8]
    spare: npt.NDArray[np.int64]

    def total(self, amounts: npt.NDArray[np.float64] | npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Sum (N,) amounts over each customer's places, always in the same order."""
        filled = np.where(self.rows == NO_ROW, 0, np.append(amounts, 0)[self.rows])
        result = filled[:, 0]
        for column in filled.T[1:]:
            result = result + column
        return result


def repeated_names(
    options: Options, choice: Valuation, name_no: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Tell which candidates a customer could not tell from a likelier one of the same name."""
    repeated = np.zeros(len(options), dtype=np.bool_)
    rows = np.flatnonzero((choice.value > -np.inf).any(axis=1))
    if len(rows):
        key = options.customer[rows] * (name_no.max() + 1) + name_no[options.item_no[rows]]
        _, first = np.unique(key, return_index=True)
        repeated[rows] = True
        repeated[rows[first]] = False
    return repeated


def pick_bundles(
    options: Options,
    choice: Valuation,
    repeated: npt.NDArray[np.bool_],
    sizes: Sizes,
    cap: int,
    first: npt.NDArray[np.bool_] | None = None,
    limits: Limits | None = None,
    spares: int = 0,
) -> Picks:
    """Fill every customer's bundle with depths up to the programme's depth number `cap` (0 is the smallest).

    Args:
        options: N candidates.
        choice: what they are worth.
        repeated: (N,) from `repeated_names`.
        sizes: places.
        cap: deepest depth.
        first: (N,) new items that come before all other new ones (`launch_first`); none by default.
        limits: what a bundle as a whole keeps to; nothing by default.
        spares: candidates of either side that are named besides.

    """
    depth = np.zeros(len(options), dtype=np.int64)
    value = choice.value[:, 0].copy()
    for deeper in range(1, cap + 1):
        better = choice.value[:, deeper] > value
        depth[better] = deeper
        value[better] = choice.value[better, deeper]
    value[repeated] = -np.inf

    laid_out, kinds, barred = _fill(options, value, sizes, first, limits)
    runner_up, rule = _runners_up(options, value, repeated, barred, laid_out)
    spare = _spares(options, np.where(barred > 0, -np.inf, value), laid_out, limits, spares)
    return Picks(laid_out, kinds, depth, value, runner_up, rule, spare)


def _fill(
    options: Options,
    value: npt.NDArray[np.float64],
    sizes: Sizes,
    first: npt.NDArray[np.bool_] | None,
    limits: Limits | None,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Return every place's candidate and kind, and (N,) by which rule about whole bundles a candidate did not compete.

    A full bundle may hold more items of one family than a small one; who gets a small one is asked again.
    """
    if limits is None:
        return *_filled(options, value, sizes, first), np.zeros(len(options), dtype=np.uint8)
    barred = limits.barred(options.customer, value, sizes.max_items - limits.least_families)
    rows, kinds = _filled(options, np.where(barred > 0, -np.inf, value), sizes, first)
    alike = limits.too_alike(rows)
    if limits.least_families and alike.any():
        theirs = alike[options.customer]
        stricter = limits.barred(options.customer, value, sizes.min_items - limits.least_families)
        barred = np.where(theirs, stricter, barred)
        again = _filled(options, np.where(theirs & (barred == 0), value, -np.inf), sizes, first)
        rows[alike], kinds[alike] = again[0][alike], again[1][alike]
    return rows, kinds, barred


def _filled(
    options: Options,
    value: npt.NDArray[np.float64],
    sizes: Sizes,
    first: npt.NDArray[np.bool_] | None,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    rows, place = _places(options, value, sizes, first)
    chosen, kind = _take(options, value, rows, place, sizes)
    return _lay_out(options, value, chosen, kind, sizes)


def launch_first(options: Options, share: float, salt: bytes) -> npt.NDArray[np.bool_]:
    """Tell which products that were just put on the shelf come first among a customer's new items.

    Nobody has bought such a product, so nothing else would ever let it win a place. Each of its candidates is drawn
    with the programme's share by the hash of salt, customer and item; the salt holds the night, so that a
    customer who was not drawn tonight may be tomorrow.

    Args:
        options: N candidates.
        share: of a product's candidates, 0 to 1.
        salt: of the night (`engine.domain.arms.salt_of`).

    """
    first = np.zeros(len(options), dtype=np.bool_)
    for row in np.flatnonzero((options.sources & SOURCES["launched"]) > 0):
        asked = f"{options.customer_id[options.customer[row]]}/{options.item_id[row]}"
        first[row] = is_drawn(asked, salt, share)
    return first


def _places(
    options: Options,
    value: npt.NDArray[np.float64],
    sizes: Sizes,
    first: npt.NDArray[np.bool_] | None,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the candidates that can win a place at all, and which kind of place each competes for."""
    rows = np.flatnonzero(value > -np.inf)
    customer, new = options.customer[rows], options.buys[rows] == 0
    ranked = value[rows] if first is None else np.where(first[rows], np.inf, value[rows])
    rank = rank_within(customer * 2 + new, ranked)
    fill = np.where(options.sources[rows] & SOURCES["family"], _FAMILY_FILL, _POPULAR_FILL)
    place = np.where(
        new,
        np.select([rank < sizes.min_new, rank < sizes.max_new], [_RESERVED, _CONTESTED], fill),
        np.where(rank < sizes.max_items - sizes.max_new, _RESERVED, _CONTESTED),
    )
    # Of a hundred candidates a dozen are in the running; the rest need not be sorted again.
    regular = np.where(new, place <= _CONTESTED, rank < sizes.max_items)
    filled = np.bincount(customer[regular], minlength=len(options.customer_id)) >= sizes.max_items
    running = regular | (new & ~filled[customer])
    return rows[running], place[running]


def _take(
    options: Options,
    value: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
    place: npt.NDArray[np.int64],
    sizes: Sizes,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Return the candidates taken and their kinds; customers with too few items take none."""
    customer, new = options.customer[rows], options.buys[rows] == 0
    rank = rank_within(customer * (_POPULAR_FILL + 1) + place, value[rows], customer)
    taken = (rank < sizes.max_items) & ((rank < sizes.min_items) | (value[rows] >= 0))
    counts = np.bincount(customer[taken], minlength=len(options.customer_id))
    taken &= counts[customer] >= sizes.min_items
    kind = np.where(new, np.where(place >= _FAMILY_FILL, 2, 1), 0).astype(np.uint8)
    return rows[taken], kind[taken]


def _lay_out(
    options: Options,
    value: npt.NDArray[np.float64],
    chosen: npt.NDArray[np.int64],
    kind: npt.NDArray[np.uint8],
    sizes: Sizes,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    shape = (len(options.customer_id), sizes.max_items)
    rows = np.full(shape, NO_ROW, dtype=np.int64)
    kinds = np.zeros(shape, dtype=np.uint8)
    slot = rank_within(options.customer[chosen], value[chosen])
    rows[options.customer[chosen], slot] = chosen
    kinds[options.customer[chosen], slot] = kind
    return rows, kinds


def _spares(
    options: Options,
    value: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
    limits: Limits | None,
    spares: int,
) -> npt.NDArray[np.int64]:
    """Name the best candidates that are left: none that returns where few may, none of a family twice where many are asked."""
    found = np.full((len(rows), 2 * spares), NO_ROW, dtype=np.int64)
    if not spares:
        return found
    left = value >= 0
    left[rows[rows != NO_ROW]] = False
    left &= (rows != NO_ROW).any(axis=1)[options.customer]
    if limits is not None:
        left &= limits.like_none_of(options.customer, value, rows, left)
    which = np.flatnonzero(left)
    side = (options.buys[which] == 0).astype(np.int64)
    place = rank_within(options.customer[which] * 2 + side, value[which])
    kept = place < spares
    found[options.customer[which[kept]], side[kept] * spares + place[kept]] = which[kept]
    return found


def _runners_up(
    options: Options,
    value: npt.NDArray[np.float64],
    repeated: npt.NDArray[np.bool_],
    barred: npt.NDArray[np.uint8],
    rows: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Return the likeliest candidate left out on either side, and why."""
    left_out = np.ones(len(options), dtype=np.bool_)
    left_out[rows[rows != NO_ROW]] = False
    left = np.flatnonzero(left_out)[::-1]
    side = (options.buys[left] == 0).astype(np.int64)
    runner_up = np.full((len(options.customer_id), 2), NO_ROW, dtype=np.int64)
    # Backwards, so that the last one written is the first, which is the likeliest.
    runner_up[options.customer[left], side] = left

    if len(options) == 0:
        return runner_up, np.zeros(runner_up.shape, dtype=np.uint8)
    lowest = np.where(rows == NO_ROW, np.inf, value[rows]).min(axis=1)[:, None]
    by_side = np.array(
        [[REMOVAL_CODES[Removal.NOVELTY_MIN], REMOVAL_CODES[Removal.NOVELTY_MAX]]], dtype=np.uint8
    )
    rule = np.select(
        [
            runner_up == NO_ROW,
            options.removed_by[runner_up] > 0,
            repeated[runner_up],
            value[runner_up] == -np.inf,
            barred[runner_up] > 0,
            value[runner_up] > lowest,
        ],
        [
            np.uint8(0),
            options.removed_by[runner_up],
            np.uint8(REMOVAL_CODES[Removal.SAME_NAME]),
            np.uint8(REMOVAL_CODES[Removal.POLICY]),
            barred[runner_up],
            np.broadcast_to(by_side, runner_up.shape),
        ],
        np.uint8(REMOVAL_CODES[Removal.OUTRANKED]),
    )
    return runner_up, rule.astype(np.uint8)
