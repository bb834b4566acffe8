"""What half of a shop's customers, exposed by lot, teach `value`, beside what the same dice show with offers and without.

The truth of the coefficients is a regression of its own: visits with offers less those without, each beyond what the
customer's rhythm makes expected in that life, on what was lived. It needs no lot and has hardly any noise but that of chance
events which one life has and the other has not.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.response.exposed_weeks import ExposedWeek
from models.response.exposure import LearningState
from models.response.knowledge import Knowledge
from models.response.visit_effects import AT_ONCE, COEFFICIENTS, KINDS, VisitEffects
from training.simulator.loop.fast_weeks import FastShop
from training.simulator.loop.value_learner import ValueLearner
from training.simulator.scores.lived import DAYS_A_WEEK
from training.simulator.world.world_parameters import WorldParameters

SHARE = 0.5


@dataclass(frozen=True)
class LotsAndTruth:
    """What lots taught; the truth of COEFFICIENTS and its standard errors."""

    told: VisitEffects
    truth: npt.NDArray[np.float64]
    error: npt.NDArray[np.float64]

    @property
    def deviations(self) -> npt.NDArray[np.float64]:
        """How far the truth lies from what is believed, in standard deviations of both."""
        believed = np.diag(np.array(self.told.covariance))
        return np.abs(np.array(self.told.mean) - self.truth) / np.sqrt(believed + self.error**2)


class Beside(ValueLearner):
    """Exposes half of everybody, and sees the same weeks without offers too."""

    def __init__(self, without: pd.DataFrame) -> None:
        super().__init__()
        self.without, self.other = without, ValueLearner()
        self.lived: list[tuple[ExposedWeek, ExposedWeek]] = []

    def begin(self, *year: Any) -> None:
        super().begin(*year)
        self.other.begin(*year)

    def knowledge(self, night: int) -> Knowledge:  # noqa: ARG002 - the loop's
        half = replace(
            self._exposure, state=LearningState.EXPLORING, shares=(SHARE,) * len(KINDS), most=SHARE
        )
        return Knowledge.of(self._price, self._prior, half)

    def learn(self, lines: pd.DataFrame, offers: pd.DataFrame) -> None:
        super().learn(lines, offers)
        self.other.learn(self._usual(int(lines["day"].min())), offers)

    def _usual(self, day: int) -> pd.DataFrame:
        first = day // DAYS_A_WEEK * DAYS_A_WEEK
        return self.without[(self.without["day"] >= first) & (self.without["day"] < first + DAYS_A_WEEK)]

    def _week(
        self, decided: Any, lines: pd.DataFrame, came: npt.NDArray[np.bool_], first: int
    ) -> ExposedWeek:
        usual = self._usual(first)
        stayed_away = np.zeros_like(came)
        stayed_away[usual["household"], usual["day"] - first] = True
        other = ValueLearner._week(self.other, decided, usual, stayed_away, first)
        week = super()._week(decided, lines, came, first)
        self.lived.append((week, other))
        return week


def lots_and_truth(world: WorldParameters, customers: int, weeks: int, seed: int) -> LotsAndTruth:
    """Live so many weeks with offers by lot and without."""
    shop = FastShop.open(world, customers, seed)
    learner = Beside(shop.without(weeks).lines)
    shop.live(learner, weeks)
    size = len(COEFFICIENTS)
    information, score, squares, visits = np.zeros((size, size)), np.zeros(size), 0.0, 0.0
    for week, other in learner.lived:
        level = other.visits.sum() / other.expected.sum()
        usual = level * week.expected
        more = (week.visits - usual) - (other.visits - level * other.expected)
        lived = np.column_stack(
            [week.exposed[:, None] * week.doses[:, : len(KINDS)], AT_ONCE * week.exposed + week.trace]
        )
        touched = (lived != 0).any(axis=1)
        information += lived.T @ (usual[:, None] * lived)
        score += lived.T @ more
        squares, visits = squares + float((more[touched] ** 2).sum()), visits + float(usual[touched].sum())
    inverse = np.linalg.inv(information)
    return LotsAndTruth(learner.effects, inverse @ score, np.sqrt(np.diag(inverse) * squares / visits))
