from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from training.simulator.calibration.moments import BACKGROUND, FIGURES
from training.simulator.calibration.tuned_world import KNOBS, tuned_world, with_values
from training.simulator.world.world_files import parse_world

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


def test_keys_that_the_file_leaves_out_are_added_to_their_sections() -> None:
    text = with_values(FILE, {"needs.trip_sd": 1.5, "choice.taste_sd": 0.5})
    assert text == FILE.replace("[needs]\n", "[needs]\ntrip_sd = 1.5\n") + "\n[choice]\ntaste_sd = 0.5\n"


def test_every_knob_of_the_calibrated_world_can_be_turned_to_its_bounds() -> None:
    text = (
        resources.files("training.simulator.world").joinpath("worlds", "calibrated.toml").read_text("utf-8")
    )
    for end in ({knob.key: knob.least for knob in KNOBS}, {knob.key: knob.most for knob in KNOBS}):
        world = parse_world(with_values(text, end), "a test")
        assert world.visits.gap_days == end["visits.gap_days"]


@pytest.mark.long
@pytest.mark.long
def test_a_world_is_turned_towards_a_shop_and_goes_on_from_its_trials(tmp_path: Path) -> None:
    text = (
        'name = "a"\nlike = "calibrated"\nunidentified = "-"\n[assortment]\nfamilies = 6\nproducts_per_family = 4.0\n'
        "[promotions]\nproduct_share = 0.5\n"
    )
    wanted = dict.fromkeys([figure.key for figure in (*FIGURES, *BACKGROUND)], np.nan) | {"on_deal": 0.3}

    def turned() -> tuple[str, float]:
        return tuned_world(
            text,
            "a test",
            wanted,
            households=50,
            seed=3,
            steps=3,
            trials=tmp_path / "trials.jsonl",
            progress=lambda _what, _done, _total: None,
            knobs=[knob for knob in KNOBS if knob.key == "promotions.product_share"],
        )

    world, misses = turned()
    assert misses < 4
    assert 0.2 < parse_world(world, "a test").promotions.product_share < 0.45
    lived = (tmp_path / "trials.jsonl").read_text(encoding="utf-8")
    assert turned() == (world, misses)
    assert (tmp_path / "trials.jsonl").read_text(encoding="utf-8") == lived
