"""Finding the parameters with which a world shows the figures it should: Gauss-Newton steps by common random numbers.

Every trial of parameters is the same households with the same dice, so a difference between two trials is the
parameters' and hardly chance (common random numbers; Glasserman and Yao, Management Science 38, 1992), and few
households and coarse finite differences are enough. The first step asks for the figures' slopes one knob at a time;
later steps correct the slopes by what each step did (Broyden, Mathematics of Computation 19, 1965), the secant
method in many dimensions, so that a step costs one trial. Trials are kept in a file: the same command goes on from there.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.ground.progress import Progress

# A step of finite differences, and the longest one taken, in units of the knob's transformed scale.
NUDGE = 0.20
LONGEST = 0.5
# Levenberg's damping: a slope weaker than this, in tolerances for one unit of the scale, moves no knob.
DAMPING = 3.0
# From about so many tolerances on a miss counts by its root only, so that one hopeless figure does not steer all others;
# a figure that cannot be told is so far off.
FAR = 25.0


@dataclass(frozen=True)
class Knob:
    """One parameter that is turned.

    Attributes:
        key: `section.key` of the world file.
        least, most: its bounds; a knob is turned on a scale from one to the other that has no end: the log-odds of
            its place between them, of its logarithm's place where both are above zero.
    """

    key: str
    least: float
    most: float

    def turned(self, value: float) -> float:
        """Where on the endless scale a value lies."""
        share = (self._scale(value) - self._scale(self.least)) / (
            self._scale(self.most) - self._scale(self.least)
        )
        share = min(max(share, 1e-3), 1 - 1e-3)
        return float(np.log(share / (1 - share)))

    def value(self, turned: float) -> float:
        """The parameter at a place of the scale, four digits."""
        share = 1 / (1 + np.exp(-turned))
        low, high = self._scale(self.least), self._scale(self.most)
        found = low + share * (high - low)
        return float(f"{np.exp(found) if self.least > 0 else found:.4g}")

    def _scale(self, value: float) -> float:
        return float(np.log(value)) if self.least > 0 else value


@dataclass(frozen=True)
class Aim:
    """A figure to reach, and how far off counts as one: its tolerance."""

    key: str
    target: float
    tolerance: float


Trial = Callable[[Mapping[str, float]], Mapping[str, float]]


class Trials:
    """A trial's figures by its parameters, each lived once and kept in a JSON-lines file.

    Args:
        live: from parameters by key to figures by key.
        file: where trials are kept.
        setting: what else they depend on (households, seed, the rest of the world): trials of another one do not count.
    """

    def __init__(self, live: Trial, file: Path, setting: str) -> None:
        self._live = live
        self._file = file
        self._setting = hashlib.sha256(setting.encode()).hexdigest()[:16]
        self._known: dict[str, Mapping[str, float]] = {}
        if file.exists():
            for line in file.read_text(encoding="utf-8").splitlines():
                kept = json.loads(line)
                if kept["setting"] == self._setting:
                    self._known[self._name(kept["knobs"])] = kept["figures"]

    def figures(self, knobs: Mapping[str, float]) -> Mapping[str, float]:
        """The figures with these parameters."""
        name = self._name(knobs)
        if name not in self._known:
            figures = dict(self._live(knobs))
            kept = {"setting": self._setting, "knobs": dict(knobs), "figures": figures}
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(kept) + "\n")
            self._known[name] = figures
        return self._known[name]

    @staticmethod
    def _name(knobs: Mapping[str, float]) -> str:
        return json.dumps(dict(sorted(knobs.items())))


def tune(
    knobs: Sequence[Knob],
    start: Mapping[str, float],
    aims: Sequence[Aim],
    trials: Trials,
    steps: int,
    progress: Progress,
) -> tuple[dict[str, float], float]:
    """Turn the knobs towards the aims.

    Args:
        knobs: what is turned.
        start: their values to begin with, by key.
        aims: figures to reach.
        trials: lives a world.
        steps: how many Gauss-Newton steps after the slopes are known.
        progress: told of every trial.

    Returns:
        The best parameters found by key, and their sum of squared misses in tolerances.
    """
    total = 1 + len(knobs) + steps
    place = np.array([knob.turned(start[knob.key]) for knob in knobs])
    misses = _misses(knobs, place, aims, trials)
    slopes = np.empty((len(aims), len(knobs)))
    for number in range(len(knobs)):
        progress("slopes", 1 + number, total)
        nudged = place.copy()
        nudged[number] += NUDGE
        slopes[:, number] = (_misses(knobs, nudged, aims, trials) - misses) / NUDGE
    best, least, damping = place, misses, DAMPING
    for number in range(steps):
        progress("steps", 1 + len(knobs) + number, total)
        step = np.linalg.solve(slopes.T @ slopes + damping**2 * np.eye(len(knobs)), -slopes.T @ least)
        if not step.any():
            break
        step *= min(1.0, LONGEST / float(np.abs(step).max()))
        tried = _misses(knobs, best + step, aims, trials)
        slopes += np.outer(tried - least - slopes @ step, step) / (step @ step)
        if tried @ tried < least @ least:
            best, least, damping = best + step, tried, max(damping / 2, 0.5)
        else:
            damping *= 2
    return _values(knobs, best), float(least @ least)


def _values(knobs: Sequence[Knob], place: np.ndarray) -> dict[str, float]:
    return {knob.key: knob.value(float(turned)) for knob, turned in zip(knobs, place, strict=True)}


def _misses(knobs: Sequence[Knob], place: np.ndarray, aims: Sequence[Aim], trials: Trials) -> np.ndarray:
    figures = trials.figures(_values(knobs, place))
    off = np.array([(figures[aim.key] - aim.target) / aim.tolerance for aim in aims])
    off = np.nan_to_num(off, nan=FAR)
    return np.asarray(off / np.sqrt(1 + np.abs(off) / FAR))
