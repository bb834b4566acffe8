"""In which arm a customer is: written at first sight, read by every later night and by the day, never drawn again.

A merged card or another household changes no arm. Where the card was in another one, the customer has had both, and is
marked as crossed, so that measurement can count them.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, or_, select, update

from engine.domain.arms import Arm
from engine.domain.experiments import IMPORTED_LAYER, INCUMBENT
from engine.store.access.customer_erasure import erased_among
from engine.store.database.in_lists import in_lists
from engine.store.database.store import Store, insert_new_ones
from engine.store.schema import moment_us
from engine.store.schema.experiment_tables import assignments, experiments

MERGED, OTHER_ENGINE = "merged", "other_engine"
_CHUNK = 5_000


class Placed(NamedTuple):
    """A customer's place in an experiment; `unit` is the name under which they were drawn."""

    customer_id: str
    unit: str
    arm: str


def assigned_among(store: Store, number: int, customer_ids: Collection[str]) -> dict[str, Placed]:
    """Those of the customers who have a place in an experiment, by id."""
    found: dict[str, Placed] = {}
    columns = (assignments.c.customer_id, assignments.c.unit_id, assignments.c.arm)
    with store.reading() as connection:
        for some in in_lists(sorted(customer_ids)):
            query = select(*columns).where(
                assignments.c.customer_id.in_(some), assignments.c.experiment_no == number
            )
            found |= {row.customer_id: Placed(*row) for row in connection.execute(query)}
    return found


def assign(connection: Connection, number: int, places: Sequence[Placed], *, seen: datetime) -> int:
    """Write the places of customers who have none yet, in the caller's transaction; returns how many those were."""
    gone = erased_among(connection, {one.customer_id for one in places})
    rows = [
        {
            "experiment_no": number,
            "customer_id": one.customer_id,
            "unit_id": one.unit,
            "arm": one.arm,
            "seen_us": moment_us(seen),
        }
        for one in places
        if one.customer_id not in gone
    ]
    return insert_new_ones(connection, assignments, rows)


def assign_all(store: Store, number: int, places: Sequence[Placed], *, seen: datetime) -> int:
    """The same for many, in short transactions; it may be interrupted and repeated."""
    added = 0
    for first in range(0, len(places), _CHUNK):
        with store.writing() as connection:
            added += assign(connection, number, places[first : first + _CHUNK], seen=seen)
    return added


_ARM = select(assignments.c.arm).where(
    assignments.c.customer_id == bindparam("customer_id"), assignments.c.experiment_no == bindparam("number")
)


def arm_in(store: Store, number: int, customer_id: str) -> str | None:
    """The customer's arm in an experiment; None where nobody has seen them yet."""
    with store.reading() as connection:
        return connection.execute(_ARM, {"customer_id": customer_id, "number": number}).scalar()


class InArm(NamedTuple):
    """How many places an arm has: of customers, those erased since, and those who are crossed."""

    customers: int
    erased: int
    crossed: int


def counted_in_arms(store: Store) -> dict[int, dict[str, InArm]]:
    """By experiment and arm."""
    query = select(
        assignments.c.experiment_no,
        assignments.c.arm,
        func.count(assignments.c.customer_id),
        func.count() - func.count(assignments.c.customer_id),
        func.count(assignments.c.crossed),
    ).group_by(assignments.c.experiment_no, assignments.c.arm)
    found: dict[int, dict[str, InArm]] = {}
    with store.reading() as connection:
        for number, arm, *counts in connection.execute(query):
            found.setdefault(number, {})[arm] = InArm(*counts)
    return found


def units_in_arms(store: Store, number: int) -> dict[str, int]:
    """How many units an experiment has drawn into each arm: households and customers, those erased since one by one."""
    query = (
        select(
            assignments.c.arm,
            func.count(assignments.c.unit_id.distinct()) + func.count() - func.count(assignments.c.unit_id),
        )
        .where(assignments.c.experiment_no == number)
        .group_by(assignments.c.arm)
    )
    with store.reading() as connection:
        return {arm: int(units) for arm, units in connection.execute(query)}


def drawn_places(store: Store, number: int) -> Iterator[tuple[str, str]]:
    """Stream the name that each customer of an experiment was seen under, and their arm."""
    query = select(assignments.c.unit_id, assignments.c.arm).where(
        assignments.c.experiment_no == number, assignments.c.unit_id.is_not(None)
    )
    with store.reading() as connection:
        for row in connection.execution_options(yield_per=_CHUNK).execute(query):
            yield row.unit_id, row.arm


def is_held_out_elsewhere(store: Store, customer_id: str) -> bool:
    """Tell of the arm `holdout` of an experiment that has not ended, the shop's own too, and of another engine's arm."""
    imported = and_(experiments.c.layer == IMPORTED_LAYER, assignments.c.arm == INCUMBENT)
    return _is_placed(store, customer_id, or_(assignments.c.arm == Arm.HOLDOUT.value, imported))


def is_drawn_elsewhere(store: Store, customer_id: str) -> bool:
    """The customer is in an experiment that has not ended and whose arms another engine drew."""
    return _is_placed(store, customer_id, experiments.c.layer == IMPORTED_LAYER)


def _is_placed(store: Store, customer_id: str, where: ColumnElement[bool]) -> bool:
    query = (
        select(assignments.c.assignment_no)
        .join(experiments, experiments.c.experiment_no == assignments.c.experiment_no)
        .where(assignments.c.customer_id == customer_id, where, experiments.c.stopped_us.is_(None))
        .limit(1)
    )
    with store.reading() as connection:
        return connection.execute(query).first() is not None


def leave_to_another(connection: Connection, number: int, customer_ids: Sequence[str]) -> int:
    """Mark those of the customers who were treated in an experiment and are left to another engine now; returns how many."""
    marked = 0
    for some in in_lists(sorted(customer_ids)):
        marks = update(assignments).where(
            assignments.c.customer_id.in_(some),
            assignments.c.experiment_no == number,
            assignments.c.arm == Arm.TREATED.value,
            assignments.c.crossed.is_(None),
        )
        marked += connection.execute(marks.values(crossed=OTHER_ENGINE)).rowcount
    return marked


def take_over_arms(connection: Connection, card_id: str, customer_id: str) -> None:
    """Give a merged card's places to a customer where they have none; theirs stay, marked where the card's were others."""
    theirs = {
        row.experiment_no: row
        for row in connection.execute(select(assignments).where(assignments.c.customer_id == customer_id))
    }
    of_card = connection.execute(select(assignments).where(assignments.c.customer_id == card_id)).all()
    for row in of_card:
        one = assignments.c.assignment_no == row.assignment_no
        kept = theirs.get(row.experiment_no)
        if kept is None:
            # a customer whom the experiment had passed over gets its arm by the card
            mixed = MERGED if theirs or row.crossed is not None else None
            moved = update(assignments).where(one).values(customer_id=customer_id, crossed=mixed)
            connection.execute(moved)
            continue
        if kept.arm != row.arm or row.crossed is not None:
            mark = update(assignments).where(assignments.c.assignment_no == kept.assignment_no)
            connection.execute(mark.values(crossed=MERGED))
        connection.execute(delete(assignments).where(one))
