"""What is tried on whom: arms with shares of a layer, drawn by unit, so that two experiments of a layer share nobody.

A layer is a ring of PLACES; every unit has one by a hash of the layer's name, so experiments of different layers cross
like independent dice. An experiment takes free places of its layer and draws its arms among their units with a salt of
its own, so that whoever shared an arm before is parted again. The holdout comes before all layers: who is held out is in
no experiment.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.domain.arms import DrawnAs, place_of, salt_from

PLACES = 10_000
# The layer of experiments whose arms another engine drew, and their two arms: ours goes by the programme.
IMPORTED_LAYER, OURS, INCUMBENT = "imported", "ours", "incumbent"
_ALL = 2**64
Places = tuple[tuple[int, int], ...]  # half-open ranges


@dataclass(frozen=True)
class TriedArm:
    """One arm: its share of all units, and what of the programme is otherwise for it.

    An arm called `holdout` gets nothing.
    """

    name: str
    share: float
    changes: Mapping[str, Any]


@dataclass(frozen=True)
class RunningExperiment:
    """An experiment that a night goes by."""

    number: int
    name: str
    layer: str
    drawn_as: DrawnAs
    salt_words: str
    places: Places
    arms: tuple[TriedArm, ...]

    @cached_property
    def _salts(self) -> tuple[bytes, bytes]:
        return salt_from(f"layer/{self.layer}"), salt_from(self.salt_words)

    def draw(self, unit: str) -> str | None:
        """The arm of a unit that nobody has seen yet; None for one whose place is not the experiment's."""
        of_layer, own = self._salts
        place = place_of(unit, of_layer) * PLACES // _ALL
        if not any(first <= place < end for first, end in self.places):
            return None
        return arm_at(place_of(unit, own) / _ALL, self.arms)


def arm_at(point: float, arms: Sequence[TriedArm]) -> str:
    """The arm in which a point of [0, 1) lies when arms lie side by side, each as wide as its part of all shares."""
    whole = sum(arm.share for arm in arms)
    reached = 0.0
    for arm in arms:
        reached += arm.share / whole
        if point < reached:
            return arm.name
    return arms[-1].name


def places_of(share: float) -> int:
    """How many places a share of a layer takes."""
    return round(share * PLACES)


def free_places(taken: Iterable[tuple[int, int]], wanted: int) -> Places | None:
    """The first so many places of a layer that nobody has taken; None where there are fewer."""
    found: list[tuple[int, int]] = []
    at, left = 0, wanted
    for first, end in (*sorted(taken), (PLACES, PLACES)):
        if first > at and left:
            found.append((at, min(first, at + left)))
            left -= found[-1][1] - at
        at = max(at, end)
    return None if left else tuple(found)


def label_of(arms: Mapping[str, str]) -> str:
    """Which arms a customer is in, as one text, by experiment: `deeper=control;size=six`; empty for none."""
    return ";".join(f"{name}={arm}" for name, arm in sorted(arms.items()))


def arms_of(label: str) -> dict[str, str]:
    """What `label_of` wrote."""
    return dict(part.split("=", 1) for part in label.split(";") if part)
