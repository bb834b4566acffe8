from importlib import resources

import pytest

from tests.training.simulator.conftest import SMALL, changed
from training.simulator.calibration.moments import moments
from training.simulator.calibration.sales import SALES_COLUMNS
from training.simulator.calibration.tuned import KNOBS, simulated_year, with_values
from training.simulator.parameters import load_world, parse_world

FILE = """\
name = "a"  # of the world

[visits]
gap_days = 8.0  # median
gap_sd_log = 0.75

[needs]
gap_days = 3.0
"""


def test_only_the_named_keys_change_and_comments_stay() -> None:
    assert with_values(FILE, {"visits.gap_days": 5.5}) == FILE.replace("8.0", "5.5")


def test_a_key_that_the_file_does_not_give_is_named() -> None:
    with pytest.raises(KeyError, match=r"choice\.taste_sd"):
        with_values(FILE, {"choice.taste_sd": 1.0})


def test_every_knob_of_the_calibrated_world_can_be_turned_to_its_bounds() -> None:
    text = resources.files("training.simulator").joinpath("worlds", "calibrated.toml").read_text("utf-8")
    for end in ({knob.key: knob.least for knob in KNOBS}, {knob.key: knob.most for knob in KNOBS}):
        world = parse_world(with_values(text, end), "a test")
        assert world.visits.gap_days == end["visits.gap_days"]


def test_a_simulated_year_has_the_columns_and_figures_of_a_real_one() -> None:
    sales = simulated_year(changed(load_world("calibrated"), SMALL), households=60, seed=2)
    assert list(sales.columns) == list(SALES_COLUMNS)
    assert (sales["day"].min(), sales["day"].max()) == (0, 363)
    found = moments(sales)
    assert 0 < found["repeat_share"] < 1
    assert found["gap_50"] >= 1
