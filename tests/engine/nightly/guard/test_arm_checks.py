"""Broken experiments are caught and named; a healthy one raises no alarm."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.commands.night_summary import night_summary
from engine.nightly.guard.arm_inspection import in_words
from engine.store import Store
from engine.store.nights.assigned_arms import Placed, assign_all
from engine.store.nights.kept_experiments import holdout_in_force
from engine.store.nights.merged_cards import take_over_card
from engine.store.schema import bundles
from engine.store.schema.experiment_tables import assignments
from models.ground.errors import GuardRefused
from models.ground.moment import parse_moment
from tests.engine.nightly.shop_nights import SECOND_NIGHT, night

BOTH = ("holdout_leakage", "arms_redrawn")
FIRST = parse_moment("2024-03-31", "UTC").as_of


def in_arm(store: Store, arm: str) -> list[str]:
    with store.reading() as connection:
        query = select(assignments.c.customer_id).where(assignments.c.arm == arm)
        return sorted(connection.execute(query).scalars())


def number_of(store: Store) -> int:
    kept = holdout_in_force(store)
    assert kept is not None
    return kept.number


def test_a_healthy_holdout_is_told_of_and_alarms_nobody(lived_shop: Path) -> None:
    run = night(lived_shop, SECOND_NIGHT)
    arms: dict[str, Any] = run.manifest["arms"]
    facts = arms["experiments"]["holdout-1"]
    assert arms["alarms"] == []
    assert facts["customers"] == facts["units"] == {"holdout": 7, "treated": 53}
    assert (facts["redrawn"], facts["leaks"]["served"]) == (0, 0)
    assert facts["balance"] == {
        "night": "2024-03-31.1",
        "arms": {},
        "why": "an arm has fewer than 20 households that bought lately",
    }
    assert [run.manifest["guard"][name]["value"] for name in BOTH] == [0.0, 0.0]
    assert in_words(arms) == ["holdout-1: holdout 7, treated 53"]
    assert "  arms       holdout-1: holdout 7, treated 53" in night_summary(run, "EUR", 90)


def test_a_holdout_that_is_served_and_arms_that_were_redrawn_keep_a_night_back(
    lived_shop: Path, its_store: Store
) -> None:
    held_out, treated = in_arm(its_store, "holdout"), in_arm(its_store, "treated")
    with its_store.writing() as connection:
        served = connection.execute(select(bundles.c.customer_id)).scalars().all()
        theirs = update(bundles).where(bundles.c.customer_id == served[0])
        connection.execute(theirs.values(customer_id=held_out[0]))
        drawn_anew = update(assignments).where(assignments.c.customer_id.in_(treated[-5:]))
        connection.execute(drawn_anew.values(arm="holdout"))
    with pytest.raises(GuardRefused) as no:
        night(lived_shop, SECOND_NIGHT)
    said = str(no.value)
    assert "holdout_leakage: 6.00, at most 0 allowed; of 12 held-out customers 6 had an offer" in said
    assert "arms_redrawn: 5.00, at most 0 allowed; of 60 arms in the store, 5 of holdout-1 are not" in said
    assert "find who serves the holdout" in said.lower()


def test_duplicated_customers_and_cards_of_another_arm_are_alarms(lived_shop: Path, its_store: Store) -> None:
    number, held_out, treated = (
        number_of(its_store),
        in_arm(its_store, "holdout"),
        in_arm(its_store, "treated"),
    )
    copies = [Placed(f"copy-{n}", f"copy-{n}", "holdout") for n in range(400)]
    assign_all(its_store, number, copies, seen=FIRST)
    for card, owner in zip(treated[-40:], treated[:6] * 7, strict=False):
        take_over_card(its_store, card, owner, at=FIRST)
    cards = [Placed(f"card-{n}", f"card-{n}", "treated") for n in range(40)]
    assign_all(its_store, number, cards, seen=FIRST)
    for card, copy in zip(cards, copies, strict=False):
        take_over_card(its_store, card.customer_id, copy.customer_id, at=FIRST)
    run = night(lived_shop, SECOND_NIGHT, accepted=[*BOTH, "known_customers", "empty_bundles"])
    arms = run.manifest["arms"]
    lopsided, mixed = arms["alarms"]
    assert lopsided.startswith("holdout-1: holdout 407, treated ")
    assert "10.0%, 90.0% were meant; chance makes that less than once in 1,000,000 experiments" in lopsided
    assert mixed.startswith("holdout-1: 40 of 420 customers have had another arm by a merged card")
    assert "  warning    holdout-1: holdout 407" in night_summary(run, "EUR", 90)
    assert held_out[0] in in_arm(its_store, "holdout")
