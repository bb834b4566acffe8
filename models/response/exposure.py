"""Who is exposed to offers at all while it is not known whether they pay: one share, one sum, three states.

    exploring   so many by lot, until the sum for learning is spent
    paying      there are customers for whom a bundle is surely enough worth it
    stopped     the sum is spent and nobody's bundle is; offers end until a new response is fitted or somebody starts again

The lot is one uniform number a customer, drawn once from a salt that stays: who is exposed at a share is exposed at any
larger one, so nobody is let in and out by chance (persistent lots, as in a stepped rollout).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from models.ground.errors import BadArtifact
from models.response.elasticities import Doubles

MOST_SHARE = 0.95  # of customers for whom a bundle surely pays: the rest tells whether it goes on to
_BITS = 64


class LearningState(StrEnum):
    """Where a programme stands with what it knows."""

    EXPLORING = "exploring"
    PAYING = "paying"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Exposure:
    """What a night may expose.

    Attributes:
        state: of the programme.
        share: of those for whom a bundle might pay, exposed by lot tonight.
        sum_minor: for learning, in all.
        spent_minor: of it so far, in expected loss.
        first_share: at which exploring begins.
        salt: words that the lots are drawn from; empty for the programme's seed.
    """

    state: LearningState
    share: float
    sum_minor: float
    spent_minor: float
    first_share: float
    salt: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be; ValueError."""
        if not (0 <= self.share <= 1 and 0 <= self.first_share <= 1 and self.sum_minor >= 0):
            raise ValueError("expected shares between 0 and 1 and a sum of 0 or more")

    @classmethod
    def first(cls, share: float, sum_minor: float, salt: str = "") -> "Exposure":
        """Before the first night."""
        return cls(
            LearningState.EXPLORING if sum_minor > 0 else LearningState.STOPPED,
            share if sum_minor > 0 else 0.0,
            sum_minor,
            0.0,
            share,
            salt,
        )

    def after(self, *, might_cost_minor: float, share_paying: float) -> "Exposure":
        """After a night.

        Args:
            might_cost_minor: expected loss of a night that exposed all for whom a bundle might pay and none does surely.
            share_paying: of the customers, those for whom one does.
        """
        spent = self.spent_minor + self.share * might_cost_minor
        left = max(self.sum_minor - spent, 0.0)
        share = min(self.first_share, left / might_cost_minor) if might_cost_minor > 0 else self.first_share
        share = share if left > 0 else 0.0
        if share_paying > 0:
            state = LearningState.PAYING
        elif share > 0:
            state = LearningState.EXPLORING
        else:
            state = LearningState.STOPPED
        return replace(self, state=state, share=share, spent_minor=spent)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON content."""
        return asdict(self) | {"state": self.state.value}

    @classmethod
    def read(cls, told: dict[str, Any]) -> "Exposure":
        """The inverse of `as_dict`; BadArtifact where it is none."""
        try:
            return cls(**told | {"state": LearningState(told["state"])})
        except (LookupError, TypeError, ValueError) as error:
            raise BadArtifact(f"The exposure was not written by this code: {error}; fit it again.") from error


@dataclass(frozen=True)
class LearningNight:
    """What a published night did for learning, as its manifest says under `learning`.

    Attributes:
        night: the run's name.
        share: by lot, that night.
        might_cost_minor, share_paying: as in `Exposure.after`.
    """

    night: str
    share: float
    might_cost_minor: float
    share_paying: float

    @classmethod
    def told(cls, night: str, learning: Mapping[str, Any]) -> "LearningNight":
        """Of a manifest; BadArtifact where it says something else."""
        try:
            return cls(
                night,
                float(learning["share"]),
                float(learning["might_cost_minor"]),
                float(learning["share_paying"]),
            )
        except (LookupError, TypeError, ValueError) as error:
            raise BadArtifact(
                f"What run {night} says of learning was not written by this code ({error!r}); bring its manifest back."
            ) from error


def by_night(first: Exposure, nights: Iterable[LearningNight]) -> list[Exposure]:
    """Before the first night and after each of some, oldest first.

    What a night spent is by the share that it had, also where the programme's share or sum has been changed since.
    """
    states = [first]
    for night in nights:
        before = replace(states[-1], share=night.share)
        states.append(before.after(might_cost_minor=night.might_cost_minor, share_paying=night.share_paying))
    return states


def uniforms(names: Iterable[str], salt: bytes) -> Doubles:
    """One number in [0, 1) for each name, drawn once and for ever: the first 64 bits of sha256(salt, name)."""
    drawn = (int.from_bytes(hashlib.sha256(salt + name.encode()).digest()[:8], "big") for name in names)
    return np.fromiter((number / 2**_BITS for number in drawn), dtype=np.float64)
