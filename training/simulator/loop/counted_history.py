"""What a shop remembers of its customers, kept in memory: the fast loop's stand-in for data, features and models.

Counts of purchase days that fade with a half-life say which items and how often; two logistic regressions of the counts,
fitted on the last weeks before the first night, say how likely. They see purchases only, never the world's truth, and
rank as counts do: well enough to tell policies apart, and far below the models of the product.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from training.simulator.scores.lived import DAYS_A_WEEK
from training.simulator.world.flat_runs import totals
from training.simulator.world.offers_and_lines import Lines

HALF_LIFE_DAYS = 182.0
CHURN_DAYS = 28
SEEN_DAYS = 56
_LEAST = 0.02
_LONGEST_GAPS = 5.0
_BLOCK = 125  # households whose candidates are looked for at a time: a processor's cache holds their rows
_LOOKED_AT = 20  # popular items looked at first for each one that is wanted: households bought most of the top themselves

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Breadth:
    """How many candidates a customer has by where they come from: own items, new ones of own families, popular ones."""

    own: int
    family: int
    popular: int


USUAL, WIDE = Breadth(40, 20, 10), Breadth(80, 60, 40)


@dataclass(frozen=True)
class Pairs:
    """Candidates of customers, sorted by household: `[m]` household, product, and the bit of their source."""

    household: Ints
    product: Ints
    source: npt.NDArray[np.uint8]


class CountedHistory:
    """Faded counts of `n` households and `j` products up to the morning of `day`."""

    def __init__(self, households: int, family: Ints, day: int) -> None:
        products = len(family)
        self.day = day
        self.family = family
        self.bought = np.zeros((households, products), np.float32)  # faded days with the item
        self.bought_ever = np.zeros((households, products), np.int16)
        self.last_bought = np.full((households, products), -1, np.int16)
        self.visits = np.zeros(households)  # faded days in the shop
        self.last_visit = np.full(households, -1, np.int64)
        self.units = np.ones(products)  # mean units when bought
        self._unit_sum, self._unit_lines = np.ones(products), np.ones(products)

    @classmethod
    def of(cls, lines: Lines, households: int, family: Ints, until: int) -> "CountedHistory":
        """Count what was bought before a day."""
        history = cls(households, family, 0)
        history.learn(lines.take(np.flatnonzero(lines.day < until)), until)
        return history

    def learn(self, lines: Lines, until: int) -> None:
        """Add lines between the history's day and `until`, the new day; lines are in any order."""
        self._fade(until - self.day)
        weight = (0.5 ** ((until - lines.day) / HALF_LIFE_DAYS)).astype(np.float32)
        place = (lines.household, lines.product)
        np.add.at(self.bought, place, weight)
        np.add.at(self.bought_ever, place, np.int16(1))
        np.maximum.at(self.last_bought, place, lines.day.astype(np.int16))
        household, day = np.divmod(np.unique(lines.household * until + lines.day), until)
        faded = 0.5 ** ((until - day) / HALF_LIFE_DAYS)
        self.visits += totals(household, faded, len(self.visits))
        np.maximum.at(self.last_visit, household, day)
        self._unit_sum += totals(lines.product, lines.units, len(self.units))
        self._unit_lines += np.bincount(lines.product, minlength=len(self.units))
        self.units = self._unit_sum / self._unit_lines
        self.day = until

    def _fade(self, days: int) -> None:
        memory = 0.5 ** (days / HALF_LIFE_DAYS)
        self.bought *= np.float32(memory)
        self.visits *= memory

    @property
    def popularity(self) -> Doubles:
        """Faded purchase days of each product over all households, `[j]`."""
        return np.asarray(self.bought.sum(axis=0, dtype=np.float64), dtype=np.float64)

    @property
    def seen(self) -> Ints:
        """Households with a purchase within SEEN_DAYS."""
        return np.flatnonzero((self.last_visit >= 0) & (self.day - self.last_visit <= SEEN_DAYS))

    def candidates(self, rows: Ints, breadth: Breadth = USUAL) -> Pairs:
        """What each of the households may be offered: its own items, then new ones of its families, then popular."""
        popularity = self.popularity.astype(np.float32)
        blocks = [
            self._candidates(rows[first : first + _BLOCK], popularity, breadth)
            for first in range(0, max(len(rows), 1), _BLOCK)
        ]
        return Pairs(
            *(np.concatenate([getattr(one, name) for one in blocks]) for name in Pairs.__annotations__)
        )

    def _candidates(self, rows: Ints, popularity: npt.NDArray[np.float32], breadth: Breadth) -> Pairs:
        bought, ever = self.bought[rows], self.bought_ever[rows] > 0
        row, product = np.nonzero(bought)
        own = _best_of(bought[row, product], row, product, breadth.own)
        uses = np.zeros((len(rows), int(self.family.max()) + 1), np.float32)
        np.maximum.at(uses, (row, self.family[product]), bought[row, product])
        fresh = uses[:, self.family]
        fresh *= popularity
        fresh[ever] = 0
        of_families = _best(fresh, breadth.family)
        ever[of_families] = True
        popular = _first_left(ever, popularity, breadth.popular)
        found = (own, of_families, popular)
        household = np.concatenate([rows[part[0]] for part in found])
        product = np.concatenate([part[1] for part in found])
        bits = zip(found, (1, 2, 4), strict=True)
        source = np.concatenate([np.full(len(part[0]), bit, np.uint8) for part, bit in bits])
        order = np.lexsort((product, household))
        return Pairs(household[order], product[order], source[order])

    def pair_features(self, pairs: Pairs) -> Doubles:
        """What the chance of a purchase within a week is told from, `[m, 8]`."""
        h, j = pairs.household, pairs.product
        count = self.bought[h, j].astype(np.float64)
        new = self.bought_ever[h, j] == 0
        exposure = self._exposure
        rate = self.visits[h] / exposure + _LEAST / exposure
        since = np.where(new, 0, self.day - self.last_bought[h, j])
        due = np.where(new, 0, np.minimum(since * count / exposure, _LONGEST_GAPS))
        return np.column_stack(
            [
                np.where(new, 0, np.log(count + _LEAST)),
                new,
                np.log1p(since),
                due,
                np.log(rate),
                np.minimum((self.day - self.last_visit[h]) * rate, _LONGEST_GAPS),
                np.log(self.popularity[j] + 1),
                pairs.source == 2,  # noqa: PLR2004 - the bit of a used family
            ]
        )

    def overdue(self, pairs: Pairs) -> tuple[Doubles, Doubles]:
        """Days since each pair's last purchase, and the same in usual gaps; NaN where there was none."""
        h, j = pairs.household, pairs.product
        last = self.last_bought[h, j]
        since = np.where(last >= 0, self.day - last.astype(np.float64), np.nan)
        return since, since * self.bought[h, j].astype(np.float64) / self._exposure

    def visits_per_week(self, rows: Ints) -> Doubles:
        """Days in the shop of each household."""
        return np.asarray(self.visits[rows] * DAYS_A_WEEK / self._exposure)

    def margin_per_visit_minor(self, rows: Ints, margin_minor: Ints) -> Doubles:
        """What a day in the shop leaves of each household at list prices; NaN where none is remembered.

        `margin_minor`: of one unit of each product.
        """
        visits = self.visits[rows]
        return np.asarray(
            (self.bought[rows] @ (self.units * margin_minor)) / np.where(visits > 0, visits, np.nan)
        )

    def household_features(self, rows: Ints) -> Doubles:
        """What the chance of a silence is told from, `[n, 3]`."""
        rate = (self.visits[rows] + _LEAST) / self._exposure
        gaps = (self.day - self.last_visit[rows]) * rate
        return np.column_stack([np.log(rate), np.minimum(gaps, _LONGEST_GAPS), gaps > 1])

    @property
    def _exposure(self) -> float:
        """Days that count as seen, each as faded as its purchases."""
        return float((1 - 0.5 ** (self.day / HALF_LIFE_DAYS)) * HALF_LIFE_DAYS / np.log(2))


@dataclass(frozen=True)
class CountedScores:
    """Chances told from counts: P(bought within a week) and P(silent for CHURN_DAYS)."""

    buys: LogisticRegression
    silent: LogisticRegression

    @classmethod
    def fit(cls, lines: Lines, households: int, family: Ints, today: int) -> "CountedScores":
        """Fit on the last week, and on the last CHURN_DAYS, before `today`, from what was known before them."""
        before = CountedHistory.of(lines, households, family, today - DAYS_A_WEEK)
        pairs = before.candidates(before.seen)
        later = lines.take(np.flatnonzero(lines.day >= today - DAYS_A_WEEK))
        bought = np.zeros((households, len(family)), np.bool_)
        bought[later.household, later.product] = True
        buys = LogisticRegression(C=10.0, max_iter=500).fit(
            before.pair_features(pairs), bought[pairs.household, pairs.product]
        )
        early = CountedHistory.of(lines, households, family, today - CHURN_DAYS)
        came = np.zeros(households, np.bool_)
        came[lines.household[lines.day >= today - CHURN_DAYS]] = True
        rows = early.seen
        silent = LogisticRegression(C=10.0, max_iter=500).fit(early.household_features(rows), ~came[rows])
        return cls(buys, silent)

    def p_buy(self, history: CountedHistory, pairs: Pairs) -> Doubles:
        """P(bought within a week) of each pair."""
        return np.asarray(self.buys.predict_proba(history.pair_features(pairs))[:, 1], dtype=np.float64)

    def p_churn(self, history: CountedHistory, rows: Ints) -> Doubles:
        """P(no purchase within CHURN_DAYS) of each household."""
        return np.asarray(self.silent.predict_proba(history.household_features(rows))[:, 1], dtype=np.float64)


def _best(score: npt.NDArray[np.float32], most: int) -> tuple[Ints, Ints]:
    """Row and column of the largest positive scores of each row, at most so many."""
    most = min(most, score.shape[1])
    # only values are partitioned, which processors do several times faster than places
    least = np.partition(score, score.shape[1] - most, axis=1)[:, -most, None]
    row, column = np.nonzero(score >= np.maximum(least, np.finfo(np.float32).tiny))
    return _best_of(score[row, column], row, column, most)


def _best_of(score: npt.NDArray[np.float32], row: Ints, column: Ints, most: int) -> tuple[Ints, Ints]:
    """The largest positive scores of each row, of equal ones the first columns; rows are sorted.

    All three make one whole number, because numbers are sorted many times faster than places: positive floats are in
    the order of their bits. That has room for 32,768 rows and 65,536 columns.
    """
    falling = np.iinfo(np.uint32).max - score.view(np.uint32).astype(np.int64)
    key = np.sort((row << 48) | (falling << 16) | column)
    return _first_of_row(key >> 48, key & 0xFFFF, most)


def _first_left(taken: npt.NDArray[np.bool_], worth: npt.NDArray[np.float32], most: int) -> tuple[Ints, Ints]:
    """Row and column of the columns of greatest positive worth that are not taken, at most so many of each row."""
    columns = np.argsort(-worth, kind="stable")[: int((worth > 0).sum())]
    looked_at = min(_LOOKED_AT * most, len(columns))
    if ((~taken[:, columns[:looked_at]]).sum(axis=1) < most).any():
        looked_at = len(columns)
    row, place = np.nonzero(~taken[:, columns[:looked_at]])
    return _first_of_row(row, columns[place], most)


def _first_of_row(row: Ints, column: Ints, most: int) -> tuple[Ints, Ints]:
    """The first so many of each row; rows are sorted."""
    place = np.arange(len(row)) - np.searchsorted(row, row)
    return row[place < most], column[place < most]
