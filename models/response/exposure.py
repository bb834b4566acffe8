"""Who is exposed to offers at all while it is not known whether they pay: one share, one sum, three states.

    exploring   so many by lot as what they teach is worth their price (`stakes`), within the sum for learning
    paying      there are customers for whom a bundle is surely enough worth it
    stopped     harm is likely or the sum is spent, and nobody's bundle pays; offers end until a new response says otherwise

The lot is one uniform number a customer, drawn once from a salt that stays: who is exposed at a share is exposed at any
larger one, so nobody is let in and out by chance (persistent lots, as in a stepped rollout).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import reduce
from typing import Any

import numpy as np

from models.ground.errors import BadArtifact
from models.response.elasticities import Doubles
from models.response.stakes import Stakes
from models.response.visit_effects import KINDS, VisitEffects

MOST_SHARE = 0.95  # of customers for whom a bundle surely pays: the rest tells whether it goes on to
# From week to week at most, so that harm which comes slowly is seen while few bear it: as experiments are ramped up.
MOST_GROWTH = 2.0
LONGEST_WEEKS = 8
_BITS = 64
_DAY = len("2026-12-01")
_WEEK, _SEEN_DAYS = 7, 14  # days


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
        shares: of those on whom a lot of each of `visit_effects.KINDS` fell and for whom its plan might pay, exposed tonight.
        most: share of anybody, also of those for whom a bundle surely pays.
        sum_minor: for learning, in all.
        spent_minor: of it so far, in what it might cost by what was believed on the night.
        known_minor: the same lots, in what they might have cost by what is believed now.
        given: what was at stake with all of them.
        first_share: at which exploring begins.
        salt: words that the lots are drawn from; empty for the programme's seed.
        longest_weeks: after which lots are turned while bundles pay, so that the same customers do not go without for ever.
        paid_days: for how many days bundles have paid so far.
    """

    state: LearningState
    shares: tuple[float, ...]
    most: float
    sum_minor: float
    spent_minor: float
    first_share: float
    salt: str = ""
    longest_weeks: int = LONGEST_WEEKS
    paid_days: int = 0
    known_minor: float = 0.0
    given: Stakes = field(default_factory=Stakes.nothing)

    def __post_init__(self) -> None:
        """Refuse what cannot be; ValueError."""
        if len(self.shares) != len(KINDS):
            raise ValueError(f"expected {len(KINDS)} shares")
        if not (
            all(0 <= share <= 1 for share in (*self.shares, self.most, self.first_share))
            and self.sum_minor >= 0
        ):
            raise ValueError("expected shares between 0 and 1 and a sum of 0 or more")
        if self.longest_weeks < 1 or self.paid_days < 0:
            raise ValueError("expected a week or more, and days from 0 on")

    @classmethod
    def first(
        cls, share: float, sum_minor: float, salt: str = "", longest_weeks: int = LONGEST_WEEKS
    ) -> "Exposure":
        """Before the first night."""
        return cls(
            LearningState.EXPLORING if sum_minor > 0 else LearningState.STOPPED,
            (share if sum_minor > 0 else 0.0,) * len(KINDS),
            share,
            sum_minor,
            0.0,
            share,
            salt,
            longest_weeks,
        )

    def grown(self, before: float, days: int) -> float:
        """Share of anybody, where it was `before` a week ago and bundles have been out for so many days.

        It stays the first one until the week after the first bundles was seen: harm may come late.
        """
        return min(MOST_GROWTH * before, MOST_SHARE) if days >= _SEEN_DAYS else self.first_share

    @property
    def reckoned_minor(self) -> float:
        """What lots have cost: as it was reckoned on their nights, or by what is believed now, whichever is worse."""
        return max(self.spent_minor, self.known_minor)

    @property
    def left_minor(self) -> float:
        """What learning may still lose."""
        return max(self.sum_minor - self.reckoned_minor, 0.0)

    @property
    def turns(self) -> int:
        """How often lots were turned."""
        return self.paid_days // (_WEEK * self.longest_weeks)

    def after(self, *, cost_minor: float, paid_days: int = 0, given: Stakes | None = None) -> "Exposure":
        """After a night whose bundles by lot might cost so much, and which paid for so many days."""
        return replace(
            self,
            spent_minor=self.spent_minor + max(cost_minor, 0.0),
            paid_days=self.paid_days + paid_days,
            given=self.given if given is None else self.given.plus(given),
        )

    def planned(
        self, stakes: Sequence[Stakes], effects: VisitEffects, *, share_paying: float, most: float
    ) -> "Exposure":
        """For the coming night.

        Args:
            stakes: of the last week's customers by the kind of saving that their lot fell on.
            effects: what is believed now.
            share_paying: of the customers, those for whom a bundle surely paid.
            most: share of anybody (`grown`).
        """
        known = self.given.cost(effects)
        left = replace(self, known_minor=known).left_minor
        wanted = [min(one.share(effects, len(KINDS)), most) if left > 0 else 0.0 for one in stakes]
        cost = sum(share * one.cost(effects) for share, one in zip(wanted, stakes, strict=True))
        shares = tuple(share * min(1.0, left / cost) if cost > 0 else share for share in wanted)
        if share_paying > 0:
            state = LearningState.PAYING
        elif any(share > 0 for share in shares):
            state = LearningState.EXPLORING
        else:
            state = LearningState.STOPPED
        stopped = state is LearningState.STOPPED
        return replace(
            self,
            state=state,
            shares=shares,
            most=self.first_share if stopped else most,
            known_minor=known,
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON content."""
        told = asdict(self) | {"state": self.state.value, "shares": list(self.shares)}
        return told | {"given": self.given.as_dict()}

    @classmethod
    def read(cls, told: dict[str, Any]) -> "Exposure":
        """The inverse of `as_dict`; BadArtifact where it is none."""
        try:
            read = {
                "state": LearningState(told["state"]),
                "shares": tuple(map(float, told["shares"])),
            } | ({"given": Stakes.read(told["given"])} if "given" in told else {})
            return cls(**told | read)
        except (LookupError, TypeError, ValueError) as error:
            raise BadArtifact(f"The exposure was not written by this code: {error}; fit it again.") from error


@dataclass(frozen=True)
class LearningNight:
    """What a published night did for learning, as its manifest says under `learning`.

    Attributes:
        night: the run's name, which begins with its day.
        share: of anybody, at most.
        cost_minor: what its bundles by lot might cost.
        share_paying, stakes: as in `Exposure.planned`, of this night.
        given: what was at stake with its bundles by lot.
    """

    night: str
    share: float
    cost_minor: float
    share_paying: float
    stakes: tuple[Stakes, ...]
    given: Stakes = field(default_factory=Stakes.nothing)

    @classmethod
    def told(cls, night: str, learning: Mapping[str, Any]) -> "LearningNight":
        """Of a manifest; BadArtifact where it says something else."""
        try:
            found = cls(
                night,
                float(learning["share"]),
                float(learning["cost_minor"]),
                float(learning["share_paying"]),
                tuple(Stakes.read(one) for one in learning["stakes"]),
                # nights of an earlier release say only what was booked
                Stakes.read(learning["given"]) if "given" in learning else Stakes.nothing(),
            )
            date.fromisoformat(night[:_DAY])
        except (LookupError, TypeError, ValueError) as error:
            raise BadArtifact(
                f"What run {night} says of learning was not written by this code ({error!r}); bring its manifest back."
            ) from error
        return found

    @property
    def day(self) -> date:
        """The night's day."""
        return date.fromisoformat(self.night[:_DAY])


def spent_by_night(first: Exposure, nights: Sequence[LearningNight]) -> list[Exposure]:
    """Before the first night and after each of some, oldest first, by what they spent."""
    states = [first]
    for before, night in zip((None, *nights), nights, strict=False):
        days = min((night.day - before.day).days, _WEEK) if before and night.share_paying > 0 else 0
        states.append(states[-1].after(cost_minor=night.cost_minor, paid_days=days, given=night.given))
    return states


def exposure_of(
    first: Exposure, nights: Sequence[LearningNight], effects: VisitEffects, tonight: date
) -> Exposure:
    """For tonight, after some nights, oldest first: as the programme begins, or by what the last week's nights had at stake."""
    if not nights:
        return first
    last = nights[-1]
    week = [night for night in nights if (last.day - night.day).days < _WEEK]
    stakes = [reduce(Stakes.plus, of_kind) for of_kind in zip(*(night.stakes for night in week), strict=True)]
    week_ago = [night.share for night in nights if (tonight - night.day).days >= _WEEK]
    most = first.grown(week_ago[-1] if week_ago else first.first_share, (tonight - nights[0].day).days)
    spent = spent_by_night(first, nights)[-1]
    return spent.planned(stakes, effects, share_paying=last.share_paying, most=most)


def uniforms(names: Iterable[str], salt: bytes) -> Doubles:
    """One number in [0, 1) for each name, drawn once and for ever: the first 64 bits of sha256(salt, name)."""
    drawn = (int.from_bytes(hashlib.sha256(salt + name.encode()).digest()[:8], "big") for name in names)
    return np.fromiter((number / 2**_BITS for number in drawn), dtype=np.float64)
