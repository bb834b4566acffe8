"""The search for the yardstick, tiny: training dice only, and what is chosen is what gains most there."""

import json

import pytest

from models.ground.errors import BadInput
from tests.training.simulator.conftest import SMALL, changed
from training.simulator.loop import best_known as searched
from training.simulator.loop.best_known import (
    TRAINING_SEED,
    Rule,
    Search,
    Searched,
    around,
    best_known,
    require_no_training_seed,
    sequences,
)
from training.simulator.loop.fast_weeks import FastShop
from training.simulator.world.world_files import load_world

pytestmark = pytest.mark.long

FEW = (Rule("pull", (("factor", 2.0),)), searched.TRUE_VALUES[2])


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Searched:
    monkeypatch.setattr(searched, "PULLS", FEW[:1])
    monkeypatch.setattr(searched, "TRUE_VALUES", FEW[1:])
    world = changed(load_world("promotions_never_pay"), SMALL)
    return best_known(world, Search(customers=60, weeks=1, shops=2, keep=1))


def test_what_gains_most_on_training_dice_is_the_best_known_and_never_loses_there(found: Searched) -> None:
    gains = [gain for _, gain in found.gains]

    assert {rule.family for rule, _ in found.gains} == {"pull", "true_value", "no_offers", "oracle"}
    assert any(rule.rhythm != "always" or rule.next for rule, _ in found.gains)
    assert found.rule == found.gains[0][0]
    assert gains == sorted(gains, reverse=True)
    assert gains[0] >= 0


def test_a_rule_survives_being_written_down() -> None:
    rules = (*FEW, *sequences(FEW[0], FEW))

    assert [Rule.read(json.loads(json.dumps(rule.as_dict()))) for rule in rules] == list(rules)


def test_the_best_rule_is_tried_in_every_rhythm_and_in_turns_with_the_others() -> None:
    found = sequences(FEW[0], FEW)

    assert [rule.rhythm for rule in found] == ["every_second", "halves", "pauses", "after_use", "always"]
    assert [rule.next for rule in found] == [None, None, None, None, FEW[1]]


def test_weights_around_the_best_are_tried_and_none_below_nothing_is_given_to_visits() -> None:
    told = [dict(rule.parameters) for rule in around(searched.TRUE_VALUES[0])]

    assert [one["visits"] for one in told] == pytest.approx([0.2, 0.8, 0.5, 0.5, 0.5])
    assert [one["rewards"] for one in told] == pytest.approx([0.0, 0.0, -0.3, 0.3, 0.0])
    assert [one["an_offer_minor"] for one in told] == [0.0, 0.0, 0.0, 0.0, 3.0]
    closer = around(around(searched.TRUE_VALUES[0])[0])
    assert min(dict(rule.parameters)["visits"] for rule in closer) >= 0


def test_the_oracle_learns_in_the_first_training_shop_only(
    found: Searched, monkeypatch: pytest.MonkeyPatch
) -> None:
    (oracle,) = (rule for rule, _ in found.gains if rule == Rule("oracle"))
    written = Rule.read(json.loads(json.dumps(oracle.as_dict())))
    monkeypatch.setattr("training.simulator.oracle.oracle.roll_out", None)
    world = changed(load_world("promotions_never_pay"), SMALL)

    assert set(oracle.lessons) == {0}
    assert len(FastShop.open(world, 60, 7).live(written, 1, written.breadth).offers) >= 0


def test_nobody_is_scored_in_the_shops_that_the_yardstick_was_chosen_in() -> None:
    require_no_training_seed([0, TRAINING_SEED - 1])

    with pytest.raises(BadInput, match="the yardstick's training"):
        require_no_training_seed([0, TRAINING_SEED])
