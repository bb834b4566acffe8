"""Which holdout a night goes by: frozen with its first published night, ended by a night that holds nobody out.

The store knows the holdout in force: its salt, its share, what is drawn as one. The programme may change everything but
that, so that no edit draws customers anew by the way. A rotation is the one planned change: when its time has come the
night begins another holdout, with a salt of its own.
"""

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from engine.domain.arms import Arm, DrawnAs, arm_of, first_salt, salt_from
from engine.domain.offer_errors import BadProgramme
from engine.programme import Programme
from engine.store import Store
from engine.store.nights.kept_experiments import (
    HOLDOUT_LAYER,
    begin_experiment,
    end_experiment,
    holdout_in_force,
    next_holdout_name,
)
from engine.store.nights.published_products import PublishedShop, published_shop
from models.ground.moment import Moment


@dataclass(frozen=True)
class HoldoutInForce:
    """Who is held out tonight.

    Attributes:
        number: of the experiment in the store; None until its first night is published.
        words: what its first salt stands for, as the programme may write it.
        turn: 1, and one more with every rotation.
        share: of all units.
        drawn_as: what is drawn as one.
        started: the cut of its first night.
        since: that night's local day.
        replaces: the number of the holdout that ends with this one's first night.

    """

    number: int | None
    words: str
    turn: int
    share: float
    drawn_as: DrawnAs
    started: datetime
    since: str
    replaces: int | None = None

    @property
    def salt_words(self) -> str:
        """The words of the salt of this turn."""
        return self.words if self.turn == 1 else f"{self.words}/{self.turn}"

    @cached_property
    def _salt(self) -> bytes:
        return salt_from(self.salt_words)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON content for the manifest; `rotated` with the first night that holds others out."""
        return {
            "salt": self.salt_words,
            "share": self.share,
            "drawn_by": self.drawn_as.value,
            "since": self.since,
            "turn": self.turn,
            "rotated": self.replaces is not None,
        }

    def arm_of(self, unit: str) -> Arm:
        """The arm of a unit that nobody has seen yet."""
        return arm_of(unit, self._salt, self.share)


def holdout_tonight(
    store: Store, programme: Programme, as_of: Moment, *, others_run: bool = False
) -> HoldoutInForce | None:
    """Return the holdout that a night goes by; None where its programme holds nobody out.

    While other experiments run, a rotation waits for their end: it would take customers out of them.

    Raises:
        BadProgramme: the programme's salt or share is not that of the holdout in force.
        StoreUnreachable: the database does not answer.
    """
    rules = programme.holdout
    if rules.share == 0:
        return None
    running = _running(store)
    if running is None:
        words = rules.salt or first_salt(programme.seed)
        return _beginning(words, 1, rules.share, as_of)
    _require_agreement(running, programme)
    if (
        rules.rotate_days is None
        or others_run
        or as_of.as_of < running.started + timedelta(days=rules.rotate_days)
    ):
        return running
    return _beginning(running.words, running.turn + 1, rules.share, as_of, running.number)


def begin_holdout(store: Store, holdout: HoldoutInForce) -> int:
    """Freeze a holdout with its first night, ending the one that it replaces; returns its number."""
    if holdout.number is not None:
        return holdout.number
    with store.writing() as connection:
        if holdout.replaces is not None:
            end_experiment(connection, holdout.replaces, stopped=holdout.started, because="rotated")
        return begin_experiment(
            connection,
            name=next_holdout_name(connection),
            layer=HOLDOUT_LAYER,
            drawn_as=holdout.drawn_as,
            salt=holdout.salt_words,
            definition={
                "share": holdout.share,
                "words": holdout.words,
                "turn": holdout.turn,
                "since": holdout.since,
            },
            started=holdout.started,
        )


def end_holdout(store: Store, as_of: datetime) -> None:
    """End the holdout in force, because a night was published that holds nobody out."""
    running = holdout_in_force(store)
    if running is not None:
        with store.writing() as connection:
            end_experiment(connection, running.number, stopped=as_of, because="holdout.share = 0")


def _beginning(
    words: str, turn: int, share: float, as_of: Moment, replaces: int | None = None
) -> HoldoutInForce:
    since = as_of.day.isoformat()
    return HoldoutInForce(None, words, turn, share, DrawnAs.HOUSEHOLD, as_of.as_of, since, replaces)


def _day(night: PublishedShop) -> str:
    return Moment(night.as_of, night.timezone).day.isoformat()


def _running(store: Store) -> HoldoutInForce | None:
    kept = holdout_in_force(store)
    if kept is None:
        return _of_an_earlier_release(published_shop(store))
    about = kept.definition
    share, words, turn, since = (about[key] for key in ("share", "words", "turn", "since"))
    return HoldoutInForce(kept.number, words, turn, share, kept.drawn_as, kept.started, since)


def _of_an_earlier_release(last: PublishedShop | None) -> HoldoutInForce | None:
    """The holdout of a night that was published before holdouts were kept: by its seed, customer by customer."""
    if last is None or last.holdout_no is not None:
        return None
    former = tomllib.loads(last.programme)  # read as it is: an earlier release may have known other rules
    share = former["holdout"]["share"]
    if share == 0:
        return None
    return HoldoutInForce(
        None, first_salt(former["seed"]), 1, share, DrawnAs.CUSTOMER, last.as_of, _day(last)
    )


def _require_agreement(running: HoldoutInForce, programme: Programme) -> None:
    asked = programme.holdout
    differing = []
    if asked.salt is not None and asked.salt != running.words:
        differing.append(("salt", f'"{asked.salt}"', f'"{running.words}"'))
    if asked.share != running.share:
        differing.append(("share", f"{asked.share:g}", f"{running.share:g}"))
    if differing:
        says = " and ".join(f"holdout.{key} = {new}" for key, new, _ in differing)
        again = " and ".join(f"{key} = {old}" for key, _, old in differing)
        raise BadProgramme(
            f"The programme says {says}, but customers are held out by {again} since "
            f"{running.since}; others would be held out from tonight on, and the comparison that it is "
            f"for would end. Write {again} again; to begin a new holdout on purpose, publish a night with "
            "holdout.share = 0 first, or let it rotate with holdout.rotate_days."
        )
