from pathlib import Path

import pytest

from models.ground.errors import BadInput
from training.simulator.world.world_files import load_world, world_names

CALIBRATED = Path("training/simulator/world/worlds/calibrated.toml")


@pytest.mark.parametrize("name", world_names())
def test_every_world_that_comes_along_is_readable_and_carries_its_own_name(name: str) -> None:
    assert load_world(name).name == name


def test_a_world_is_read_from_a_file_too(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(CALIBRATED.read_text().replace('name = "calibrated"', 'name = "mine"'))

    assert load_world(mine).name == "mine"


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match=r"There is no world atlantis; name one of calibrated.* or a file"):
        load_world("atlantis")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "families = 120",
            "families = 500",
            "assortment.families: input should be less than or equal to 120, got 500",
        ),
        ("families = 120", "families = 120\nshelves = 3", "unknown key assortment.shelves"),
        ("families = 120", "", "key assortment.families is missing"),
        (
            "depth_weights = [",
            "depth_weights = [1.0, ",
            "promotions: value error, depth_weights needs a weight for each of depths_bp",
        ),
        ("families = 120", "families =", "is not TOML"),
    ],
)
def test_a_world_that_is_none_is_refused_by_the_key(
    old: str, new: str, sentence: str, tmp_path: Path
) -> None:
    text = CALIBRATED.read_text()
    assert old in text
    bad = tmp_path / "bad.toml"
    bad.write_text(text.replace(old, new, 1))

    with pytest.raises(BadInput, match=sentence):
        load_world(bad)


def test_a_world_like_another_differs_in_what_it_says_and_nothing_else(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(
        'like = "calibrated"\nname = "mine"\nunidentified = "Everything."\n[dropout]\nreward_weight = 3.0\n'
    )

    found, calibrated = load_world(mine), load_world("calibrated")

    assert found.dropout.reward_weight == 3.0
    assert found.dropout.per_year == calibrated.dropout.per_year
    assert found.choice == calibrated.choice


def test_a_world_like_another_says_itself_what_data_cannot_identify(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('like = "calibrated"\nname = "mine"\n')

    with pytest.raises(BadInput, match="key unidentified is missing"):
        load_world(mine)


def test_a_world_can_only_be_like_one_that_comes_along(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('like = "atlantis"\nname = "mine"\n')

    with pytest.raises(BadInput, match="is like 'atlantis'; a world can be like calibrated"):
        load_world(mine)
