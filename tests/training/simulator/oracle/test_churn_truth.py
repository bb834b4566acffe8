import numpy as np
import pytest

from tests.training.simulator.conftest import changed
from training.simulator.oracle.churn_truth import certain, chance_at_home, live_watching, p_silent
from training.simulator.world.world import World
from training.simulator.world.world_parameters import WorldParameters

RESTLESS = {
    "visits": {"away_per_year": 6.0, "away_days": 15.0, "gap_days": 9.0},
    "dropout": {"per_year": 1.5, "sd_log": 0.5, "gap_power": 0.0},
    "feelings": {"complaint_share": 0.1},
}


@pytest.fixture(scope="module")
def lived(small: WorldParameters) -> World:
    world = World.new(changed(small, RESTLESS), households=300, seed=11)
    world.live(60)
    return world


def test_the_chance_of_silence_is_the_share_of_silent_futures(lived: World) -> None:
    futures = 60
    silent = np.ones((futures, 300))
    for number in range(futures):
        silent[number, np.unique(lived.with_future(1000 + number).live(21).household)] = 0.0
    p = p_silent(lived, certain(lived), 21)
    error = np.sqrt((p * (1 - p)).sum() / futures)
    assert silent.mean(axis=0).sum() == pytest.approx(p.sum(), abs=3 * error)
    uncertain = (p > 0.1) & (p < 0.9)
    assert uncertain.sum() > 50
    assert np.corrcoef(silent.mean(axis=0)[uncertain], p[uncertain])[0, 1] > 0.9


def test_who_is_gone_stays_silent_for_sure(lived: World) -> None:
    gone = ~lived.state.here
    assert gone.any()
    assert (p_silent(lived, certain(lived), 21)[gone] == 1.0).all()


def test_a_longer_silence_is_never_more_likely(lived: World) -> None:
    truth = certain(lived)
    assert (p_silent(lived, truth, 28) <= p_silent(lived, truth, 14)).all()


def test_the_observer_believes_as_many_gone_as_are(lived: World) -> None:
    # What is believed of 300 households adds up to what is true of them, within three standard errors of chance.
    world = lived.copy()
    _, belief = live_watching(world, 100)
    gone = (~world.state.here).sum()
    assert gone == pytest.approx(belief.gone.sum(), abs=3 * np.sqrt((belief.gone * (1 - belief.gone)).sum()))


def test_who_came_yesterday_is_believed_present_but_for_one_night(lived: World) -> None:
    world = lived.copy()
    _, belief = live_watching(world, 30)
    came = world.state.last_visit == world.day - 1
    assert belief.gone[came].max() < 0.05
    assert belief.present.sum(axis=(1, 2)) + belief.gone == pytest.approx(np.ones(300))


def test_watching_changes_nothing_in_the_world(lived: World) -> None:
    watched, other = lived.copy(), lived.copy()
    lines, _ = live_watching(watched, 5)
    assert lines.product.tolist() == other.live(5).product.tolist()


def test_the_chance_at_home_asks_nothing_of_who_is_away_or_gone(lived: World) -> None:
    members = lived.traits.joined_day < lived.day
    assert (lived.state.away | ~lived.state.here)[members].any()
    assert (chance_at_home(lived)[members] > 0).all()
