"""Whose turn it is on a night."""

import numpy as np

from training.simulator.loop.rhythms import RHYTHMS
from training.simulator.world.world import World


def nights(rhythm: str, world: World, many: int = 6) -> list[int]:
    """How many customers have their turn, night by night."""
    return [int(RHYTHMS[rhythm](night, world).sum()) for night in range(many)]


def test_nights_pause_alternate_and_rest(world: World) -> None:
    assert nights("always", world) == [60] * 6
    assert nights("every_second", world) == [60, 0, 60, 0, 60, 0]
    assert nights("halves", world) == [30] * 6
    assert nights("pauses", world) == [60, 60, 60, 60, 0, 0]
    assert (RHYTHMS["halves"](0, world) ^ RHYTHMS["halves"](1, world)).all()


def test_after_an_invitation_only_who_used_an_offer_lately_has_a_turn(world: World) -> None:
    days = world.parameters.attention.used_days
    world.state.used_lately[:] = np.float32(0.5 ** (20 / days))
    world.state.used_lately[[3, 7]] = np.float32(0.5 ** (13 / days))

    assert nights("after_use", world) == [60, 2, 2, 2, 60, 2]
    assert np.flatnonzero(RHYTHMS["after_use"](1, world)).tolist() == [3, 7]
