"""Worlds that a seed draws from the declared prior."""

import pytest

from models.ground.errors import BadInput
from training.simulator.world.world_files import load_world, world_names
from training.simulator.world.world_prior import Range, WorldPrior, shipped_prior, worlds_named


def test_a_seed_draws_the_same_worlds_and_more_of_them_are_those_and_others() -> None:
    few, many = worlds_named("prior:7:3"), worlds_named("prior:7:5")

    assert many[:3] == few
    assert [world.name for world in few] == ["prior_7_0", "prior_7_1", "prior_7_2"]
    assert worlds_named("prior:8:1")[0].attention != few[0].attention
    assert len({world.attention for world in many}) == 5


def test_only_what_the_prior_names_differs_from_the_world_that_it_is_like() -> None:
    drawn, like = worlds_named("prior:7:1")[0], load_world("calibrated")

    assert drawn.assortment == like.assortment
    assert drawn.visits.gap_days == like.visits.gap_days
    assert drawn.margins.mean_share != like.margins.mean_share
    assert "seed 7 draws from the declared prior" in drawn.unidentified


def test_every_drawn_value_lies_in_its_range_or_is_nothing_where_that_may_be() -> None:
    worlds = worlds_named("prior:3:60")
    for key, span in shipped_prior().ranges.items():
        section, _, name = key.partition(".")
        drawn = [getattr(getattr(world, section), name) for world in worlds]
        assert all(span.low <= value <= span.high or (value == 0 and span.zero > 0) for value in drawn), key
    assert 5 <= sum(world.attention.weight == 0 for world in worlds) <= 20


@pytest.mark.parametrize("name", world_names())
def test_the_prior_holds_the_worlds_that_come_along(name: str) -> None:
    world = load_world(name)
    for key, span in shipped_prior().ranges.items():
        section, _, key_name = key.partition(".")
        value = getattr(getattr(world, section), key_name)
        assert span.low <= value <= span.high or (value == 0 and span.zero > 0), (key, value)


def test_another_key_changes_no_draw_of_the_others() -> None:
    one = WorldPrior("calibrated", {"margins.mean_share": Range(0.1, 0.5)})
    two = WorldPrior("calibrated", {"attention.weight": Range(0.1, 1.0, log=True), **one.ranges})

    assert two.world(1, 4).margins == one.world(1, 4).margins


@pytest.mark.parametrize("name", ["prior:", "prior:7", "prior:7:0", "prior:-1:3", "prior:a:b", "prior:7:3:1"])
def test_anything_else_of_the_prior_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="Expected prior:SEED:MANY"):
        worlds_named(name)


def test_a_world_by_its_name_is_itself() -> None:
    assert worlds_named("calibrated") == (load_world("calibrated"),)
