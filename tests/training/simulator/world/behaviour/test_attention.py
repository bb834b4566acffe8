from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from training.simulator.world.behaviour.attention import (
    OfferTies,
    counted,
    drawn,
    left_out,
    likely,
    used_lately,
    worth_the_way,
)
from training.simulator.world.world_parameters import Attention, WorldParameters

NONE = {"on_short": 0.0, "on_habit": 0.0, "on_new": 0.0, "on_chance": 0.0}
# an offer on a loved thing of which half is missing, which one visit in ten would use
LOVED = OfferTies(
    lacking=np.array([0.5], np.float32),
    habit=np.array([0.8], np.float32),
    novelty=np.array([0.0], np.float32),
    uses=np.array([True]),
    chance=np.array([0.1], np.float32),
)


def floats(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def keys(small: WorldParameters, **values: Any) -> Attention:
    return small.attention.model_copy(update=NONE | values)


@pytest.mark.parametrize(
    ("key", "share"),
    [("on_short", 0.5), ("on_habit", 0.8), ("on_new", 0.2 * 0.5), ("on_chance", 0.1 / 0.25)],
)
def test_each_key_counts_a_saving_by_its_own_tie(key: str, share: float, small: WorldParameters) -> None:
    assert counted(LOVED, keys(small, full_chance=0.25, **{key: 1.0})) == pytest.approx([share])


def test_nothing_counts_in_a_family_that_is_not_used(small: WorldParameters) -> None:
    stranger = replace(LOVED, uses=np.array([False]))

    assert counted(stranger, keys(small, on_new=1.0, on_chance=1.0)) == pytest.approx([0])


def test_a_saving_is_never_counted_more_than_once(small: WorldParameters) -> None:
    every = keys(small, on_short=1.0, on_habit=1.0, on_new=1.0, on_chance=1.0)

    assert counted(LOVED, every) == pytest.approx([1])


def test_a_full_cupboard_takes_nothing_away(small: WorldParameters) -> None:
    stocked = replace(LOVED, lacking=floats(-1.5))

    assert counted(stocked, keys(small, on_short=1.0, on_habit=0.5)) == pytest.approx([0.4])


def test_a_chance_beyond_the_sure_one_is_sure(small: WorldParameters) -> None:
    assert likely(floats(0, 0.1, 0.2, 0.9), keys(small, full_chance=0.2)) == pytest.approx([0, 0.5, 1, 1])


def test_what_is_worth_the_way_weighs_money_against_time(small: WorldParameters) -> None:
    cost = small.attention.trip_cost_minor
    worth = worth_the_way(
        floats(0, cost, cost, cost), floats(1, 1, 2, 1), floats(1, 1, 1, 3), small.attention
    )

    assert worth == pytest.approx([0, 1 / 2, 2 / 3, 1 / 4])


def test_where_offers_work_only_on_who_used_one_a_first_offer_brings_nobody(small: WorldParameters) -> None:
    trusting = keys(small, weight=2.0, used_before=1.0, wear=0.0)

    assert drawn(floats(0.5, 0.5), floats(0, 1), floats(0, 0), trusting) == pytest.approx([0, 1])


def test_offers_wear_out_with_fatigue(small: WorldParameters) -> None:
    worn = keys(small, weight=1.0, used_before=0.0, wear=1.0)

    assert drawn(floats(1, 1), floats(0, 0), floats(0, 2), worn) == pytest.approx([1, np.exp(-2)])


def test_who_was_brought_leaves_the_next_visit_out_with_the_share_borrowed(small: WorldParameters) -> None:
    owes = np.array([True, False])

    assert left_out(floats(0.4, 0.4), owes, keys(small, borrowed=0.75)) == pytest.approx([0.1, 0.4])


def test_having_used_an_offer_fades_by_its_half_life_and_ends(small: WorldParameters) -> None:
    weeks = keys(small, used_days=7.0)
    memory = used_lately(floats(0), np.array([True]), weeks)
    seen = [float(memory[0])]
    for _ in range(80):
        memory = used_lately(memory, np.array([False]), weeks)
        seen.append(float(memory[0]))

    assert seen[0] == 1
    assert seen[7] == pytest.approx(0.5, rel=1e-4)
    assert seen[-1] == 0
