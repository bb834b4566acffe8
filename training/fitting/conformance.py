"""What a model of another package must do before it may learn from a shop: asked on made-up rows, in a moment.

A package's own tests can ask the same: `check_model(model)` raises BadInput with every sentence that does not hold.
"""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pandas as pd

from models.features.feature_matrix import FeatureMatrix
from models.features.recipe import PAIR_FEATURES
from models.ground.errors import BadInput
from models.items.own_model import OwnModel
from models.tables import CUSTOMER_NO, ITEM_NO

_ROWS = 400
# Half of what is known of real pairs is unknown: nobody has bought most of their candidates.
_UNKNOWN_SHARE = 0.3
_HOLDS, _NO = "", "no"


def check_model(model: OwnModel, own_features: Sequence[str] = (), seed: int = 0) -> None:
    """Ask everything of CHECKS.

    Args:
        model: with the parameters that it will learn with.
        own_features: names of features that follow the recipe's.
        seed: of the rows and of the model.

    Raises:
        BadInput: naming the model and whatever it does not do.

    """
    model.fingerprint  # noqa: B018 - raises where a version could not name the model
    rows = MadeUpPairs(model, (*PAIR_FEATURES, *own_features), seed)
    broken = [
        check.__name__.replace("_", " ") + why
        for check in CHECKS
        if (why := _broken(check, rows)) is not None
    ]
    if broken:
        raise BadInput(f"The model {model.name!r} does not conform: {'; '.join(broken)}. Correct the model.")


class MadeUpPairs:
    """Pairs that are bought the likelier the more often they were bought, and a model that has learnt from them."""

    def __init__(self, model: OwnModel, names: tuple[str, ...], seed: int) -> None:
        self.model, self.seed = model, seed
        rng = np.random.default_rng(seed)
        values = rng.gamma(2.0, 3.0, size=(_ROWS, len(names))).astype(np.float32)
        values[rng.random(values.shape) < _UNKNOWN_SHARE] = np.nan
        buys = rng.poisson(1.5, _ROWS)
        values[:, names.index("buys")] = buys
        values[:, names.index("window_days")] = 7
        number = np.arange(_ROWS)
        keys = {
            CUSTOMER_NO: number // 8,
            ITEM_NO: number % 8,
            "sources": 1,
            "cut": date(2024, 3, 4),
            "bucket": 0,
        }
        self.pairs = FeatureMatrix(pd.DataFrame(keys), values, names)
        self.bought = rng.random(_ROWS) < 1.0 / (1.0 + np.exp(3.0 - 1.5 * buys))
        self.weight = np.where(self.bought, 1.0, 10.0 / 3.0)

    def learnt(self) -> object:
        """What the model learns, from copies: it may do with them what it likes."""
        pairs = FeatureMatrix(self.pairs.keys.copy(), self.pairs.values.copy(), self.pairs.names)
        return self.model.learnt_from(pairs, self.bought.copy(), self.weight.copy(), self.seed)

    def scores(self, rows: np.ndarray, learnt: object | None = None) -> np.ndarray:
        """Scores of some rows."""
        return self.model.scores(self.learnt() if learnt is None else learnt, self.pairs.take(rows))


def gives_a_score_within_0_and_1_for_every_row_unknown_values_too(rows: MadeUpPairs) -> str:
    """`scores` refuses everything else; rows of which nothing at all is known count too."""
    learnt = rows.learnt()
    nothing = FeatureMatrix(rows.pairs.keys, np.full_like(rows.pairs.values, np.nan), rows.pairs.names)
    rows.model.scores(learnt, nothing)
    rows.scores(np.arange(_ROWS), learnt)
    return _HOLDS


def learns_the_same_twice(rows: MadeUpPairs) -> str:
    """The same rows and seed give the same bytes, so that a fit gives one version."""
    return _HOLDS if rows.model.files(rows.learnt()) == rows.model.files(rows.learnt()) else _NO


def scores_a_row_alike_in_any_order_and_company(rows: MadeUpPairs) -> str:
    """A row's score depends on that row, so that buckets and workers change nothing."""
    learnt, everything = rows.learnt(), np.arange(_ROWS)
    whole = rows.scores(everything, learnt)
    turned, few = rows.scores(everything[::-1], learnt)[::-1], rows.scores(everything[:7], learnt)
    return _alike(np.concatenate([turned, few]), np.concatenate([whole, whole[:7]]), rtol=1e-9)


def scores_alike_after_a_round_through_its_files(rows: MadeUpPairs) -> str:
    """What a version's folder holds is all that the model has learnt."""
    learnt, everything = rows.learnt(), np.arange(_ROWS)
    again = rows.model.read(rows.model.files(learnt))
    return _alike(rows.scores(everything, again), rows.scores(everything, learnt), rtol=0)


def leaves_what_it_scores_as_it_was(rows: MadeUpPairs) -> str:
    """The night goes on with the same matrix."""
    before = rows.pairs.values.copy()
    rows.model.scores(rows.learnt(), rows.pairs)
    return _HOLDS if np.array_equal(before, rows.pairs.values, equal_nan=True) else _NO


def puts_a_habit_before_what_nobody_buys(rows: MadeUpPairs) -> str:
    """On average: what was bought scores above what was not, or there is nothing to calibrate."""
    scores = rows.scores(np.arange(_ROWS))
    return _HOLDS if scores[rows.bought].mean() > scores[~rows.bought].mean() else _NO


# Each says _HOLDS, or what came in its place.
CHECKS: tuple[Callable[[MadeUpPairs], str], ...] = (
    gives_a_score_within_0_and_1_for_every_row_unknown_values_too,
    learns_the_same_twice,
    scores_a_row_alike_in_any_order_and_company,
    scores_alike_after_a_round_through_its_files,
    leaves_what_it_scores_as_it_was,
    puts_a_habit_before_what_nobody_buys,
)


def _alike(scores: np.ndarray, wanted: np.ndarray, *, rtol: float) -> str:
    """How far they differ tells rounding, such as of float32 written as text, from something that was forgotten."""
    if np.allclose(scores, wanted, rtol=rtol, atol=0):
        return _HOLDS
    return f"{_NO}, the largest difference is {np.abs(scores - wanted).max():.2g}"


def _broken(check: Callable[[MadeUpPairs], str], rows: MadeUpPairs) -> str | None:
    """None where the check holds, else what came in its place."""
    try:
        came = check(rows)
    except Exception as error:  # noqa: BLE001 - whatever foreign code raises
        came = f"{type(error).__name__}: {error}"
    return None if came == _HOLDS else f": {came}"
