"""An arm once given stays: for merged cards, for households that change, and as a count after an erasure."""

from sqlalchemy import select

from engine.day.customer_rights import erase
from engine.domain.arms import DrawnAs
from engine.store import Store
from engine.store.nights.assigned_arms import Placed, arm_in, assign_all, assigned_among
from engine.store.nights.kept_experiments import begin_experiment
from engine.store.nights.merged_cards import take_over_card
from engine.store.schema.experiment_tables import assignments
from tests.engine.bundles import MONDAY
from tests.engine.shop import NOON, publish_shop


def begun(store: Store, *places: tuple[str, str], name: str = "holdout-1") -> int:
    """A holdout with these customers and their arms."""
    with store.writing() as connection:
        number = begin_experiment(
            connection,
            name=name,
            layer="holdout",
            drawn_as=DrawnAs.HOUSEHOLD,
            salt="1/arms",
            definition={"share": 0.1, "words": "1/arms", "turn": 1, "since": "2017-12-04"},
            started=MONDAY,
        )
    assign_all(store, number, [Placed(who, who, arm) for who, arm in places], seen=MONDAY)
    return number


def crossed(store: Store) -> dict[str | None, str | None]:
    with store.reading() as connection:
        rows = connection.execute(select(assignments.c.customer_id, assignments.c.crossed))
        return {row.customer_id: row.crossed for row in rows}


def test_an_arm_is_given_once(store: Store) -> None:
    number = begun(store, ("anna", "holdout"))
    again = [Placed("anna", "household/h1", "treated"), Placed("zoe", "household/h1", "treated")]
    assert assign_all(store, number, again, seen=NOON) == 1
    assert assigned_among(store, number, ["anna", "zoe", "bob"]) == {
        "anna": Placed("anna", "anna", "holdout"),
        "zoe": Placed("zoe", "household/h1", "treated"),
    }


def test_a_merged_card_of_another_arm_leaves_its_owner_theirs_and_marks_it(store: Store) -> None:
    number = begun(store, ("anna", "holdout"), ("card", "treated"), ("old", "holdout"))
    for card in ("old", "card"):
        take_over_card(store, card, "anna", at=NOON)
    assert (arm_in(store, number, "anna"), arm_in(store, number, "card")) == ("holdout", None)
    assert crossed(store) == {"anna": "merged"}


def test_an_owner_whom_nobody_has_seen_takes_the_cards_place(store: Store) -> None:
    number = begun(store, ("card", "holdout"))
    take_over_card(store, "card", "anna", at=NOON)
    assert arm_in(store, number, "anna") == "holdout"
    assert crossed(store) == {"anna": None}


def test_an_erased_customer_is_counted_in_their_arm_and_named_nowhere(store: Store) -> None:
    publish_shop(store, [])
    number = begun(store, ("anna", "holdout"), ("zoe", "treated"))
    erase(store, "anna", asked_at=MONDAY)
    assert assign_all(store, number, [Placed("anna", "anna", "treated")], seen=NOON) == 0
    with store.reading() as connection:
        rows = connection.execute(select(assignments).order_by(assignments.c.assignment_no)).all()
    assert [(row.customer_id, row.unit_id, row.arm) for row in rows] == [
        (None, None, "holdout"),
        ("zoe", "zoe", "treated"),
    ]
