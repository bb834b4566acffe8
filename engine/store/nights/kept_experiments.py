"""Experiments as the store keeps them: begun once, never rewritten, ended once. The holdout is the one of its own layer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from engine.domain.arms import DrawnAs
from engine.domain.experiments import RunningExperiment, TriedArm
from engine.store.database.store import Store
from engine.store.schema import moment, moment_us
from engine.store.schema.experiment_tables import experiments

HOLDOUT_LAYER = "holdout"


@dataclass(frozen=True)
class KeptExperiment:
    """An experiment that has begun; `salt` are the words that it is drawn by."""

    number: int
    name: str
    layer: str
    drawn_as: DrawnAs
    salt: str
    definition: Mapping[str, Any]
    started: datetime
    stopped: datetime | None
    stopped_because: str | None


def begin_experiment(
    connection: Connection,
    *,
    name: str,
    layer: str,
    drawn_as: DrawnAs,
    salt: str,
    definition: Mapping[str, Any],
    started: datetime,
) -> int:
    """Write an experiment that begins now; returns its number. IntegrityError where the name is taken."""
    row = {
        "name": name,
        "layer": layer,
        "drawn_by": drawn_as.value,
        "salt": salt,
        "definition": json.dumps(definition, ensure_ascii=False, sort_keys=True),
        "started_us": moment_us(started),
    }
    number = connection.execute(insert(experiments).values(row)).inserted_primary_key
    assert number is not None  # noqa: S101 - an insert of one row has a key
    return int(number[0])


def end_experiment(connection: Connection, number: int, *, stopped: datetime, because: str) -> bool:
    """End an experiment; False, and nothing changed, where it has ended before."""
    done = (
        update(experiments)
        .where(experiments.c.experiment_no == number, experiments.c.stopped_us.is_(None))
        .values(stopped_us=moment_us(stopped), stopped_because=because)
    )
    return connection.execute(done).rowcount > 0


def all_experiments(store: Store) -> tuple[KeptExperiment, ...]:
    """Every experiment, the holdouts too, in the order in which they began."""
    with store.reading() as connection:
        rows = connection.execute(select(experiments).order_by(experiments.c.experiment_no))
        return tuple(_kept(row) for row in rows)


def unended_experiments(store: Store) -> tuple[KeptExperiment, ...]:
    """Those that have not ended, also if they begin later, without the holdout."""
    return tuple(one for one in all_experiments(store) if one.stopped is None and one.layer != HOLDOUT_LAYER)


def holdout_in_force(store: Store) -> KeptExperiment | None:
    """The holdout by which customers are kept without offers; None where nobody is. Raises StoreUnreachable."""
    query = select(experiments).where(
        experiments.c.layer == HOLDOUT_LAYER, experiments.c.stopped_us.is_(None)
    )
    with store.reading() as connection:
        row = connection.execute(query.order_by(experiments.c.experiment_no.desc())).first()
    return None if row is None else _kept(row)


def next_holdout_name(connection: Connection) -> str:
    """holdout-1, holdout-2, ..."""
    count = select(func.count()).select_from(experiments).where(experiments.c.layer == HOLDOUT_LAYER)
    return f"holdout-{connection.execute(count).scalar_one() + 1}"


def as_running(kept: KeptExperiment) -> RunningExperiment:
    """An experiment as a night goes by it."""
    return running_experiment(
        {
            "number": kept.number,
            "name": kept.name,
            "layer": kept.layer,
            "drawn_as": kept.drawn_as,
            "salt": kept.salt,
            **{key: kept.definition[key] for key in ("places", "arms")},
        }
    )


def running_experiment(about: Mapping[str, Any]) -> RunningExperiment:
    """The same from the plain content of a request."""
    return RunningExperiment(
        number=about["number"],
        name=about["name"],
        layer=about["layer"],
        drawn_as=DrawnAs(about["drawn_as"]),
        salt_words=about["salt"],
        places=tuple((first, end) for first, end in about["places"]),
        arms=tuple(TriedArm(arm["name"], arm["share"], arm["changes"]) for arm in about["arms"]),
    )


def _kept(row: Row[Any]) -> KeptExperiment:
    return KeptExperiment(
        number=row.experiment_no,
        name=row.name,
        layer=row.layer,
        drawn_as=DrawnAs(row.drawn_by),
        salt=row.salt,
        definition=json.loads(row.definition),
        started=moment(row.started_us),
        stopped=None if row.stopped_us is None else moment(row.stopped_us),
        stopped_because=row.stopped_because,
    )
