"""Several worlds and seeds at once, small: what is kept, what is taken up again, what the command answers."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.ground.errors import BadInput
from training.cli import app
from training.commands.simulate import seeds_of
from training.simulator.loop import best_known
from training.simulator.loop.policy_memory import Memory
from training.simulator.oracle import oracle

pytestmark = pytest.mark.long

COMMAND = ["simulate", "--fast", "--policy", "no_offers", "--policy", "shipped", "--weeks", "1"]
SIZE = ["--customers", "60", "--seeds", "0..1", "--jobs", "1"]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("worlds")
    asked = []
    for name in ("calm", "eager"):
        file = folder / f"{name}.toml"
        file.write_text(
            f'like = "calibrated"\nname = "{name}"\nunidentified = "a test"\n'
            "[assortment]\nfamilies = 12\nproducts_per_family = 5.0\n"
        )
        asked += ["--world", str(file)]
    return asked


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("study")


def run(*arguments: str) -> str:
    return CliRunner().invoke(app, [*COMMAND, *SIZE, *arguments], catch_exceptions=False).stdout


def test_every_policy_has_a_row_in_every_world_with_its_interval_over_seeds(
    worlds: list[str], out: Path
) -> None:
    answered = json.loads(run(*worlds, "--out", str(out), "--json"))

    assert [(row["world"], row["policy"]) for row in answered["rows"]] == [
        ("calm", "no_offers"),
        ("calm", "shipped"),
        ("eager", "no_offers"),
        ("eager", "shipped"),
    ]
    nothing, shipped = answered["rows"][:2]
    assert nothing["gain"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert nothing["used"] is None
    assert shipped["gain"]["low"] < shipped["gain"]["value"] < shipped["gain"]["high"]
    assert 0 < shipped["used"] < 1


def test_a_stopped_study_goes_on_with_what_is_missing(worlds: list[str], out: Path) -> None:
    first = run(*worlds, "--out", str(out), "--json")
    kept = {file: file.stat().st_mtime_ns for file in (out / "fast").rglob("*.json")}
    lost = next(file for file in kept if file.parts[-3:] == ("calm-60-1", "1", "shipped.json"))
    lost.unlink()

    assert run(*worlds, "--out", str(out), "--json") == first
    assert [file for file in kept if file.stat().st_mtime_ns != kept[file]] == [lost]


def test_what_another_version_has_made_is_made_anew(worlds: list[str], out: Path) -> None:
    first = run(*worlds, "--out", str(out), "--json")
    stale = out / "fast" / "calm-60-1" / "0" / "shipped.json"
    content = json.loads(stale.read_text())
    content["made_by"]["code"], content["scores"]["gain"] = "of another version", 1e9
    stale.write_text(json.dumps(content))

    assert run(*worlds, "--out", str(out), "--json") == first


def test_what_a_learner_remembers_is_kept_with_its_scores(worlds: list[str], out: Path) -> None:
    name = "tests.training.simulator.loop.taught:Counting"
    run(*worlds[:2], "--out", str(out), "--policy", name)
    kept = json.loads((out / "fast" / "calm-60-1" / "1" / f"{name}.json").read_text())
    memory = Memory.load(out / "fast" / "calm-60-1" / "1" / f"{name}.memory", kept["memory"])

    assert memory.facts == {"weeks": 1}
    assert kept["made_by"]["policy"]


def test_a_policy_is_judged_beside_the_best_known_and_the_depth_rule(
    worlds: list[str], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(best_known, "PULLS", best_known.PULLS[:1])
    monkeypatch.setattr(best_known, "TRUE_VALUES", best_known.TRUE_VALUES[:1])
    monkeypatch.setattr(oracle, "LIVES", 200)
    asked = [
        "judge",
        "--policy",
        "tests.training.simulator.loop.taught:Counting",
        *worlds[:2],
        *SIZE,
        "--weeks",
        "2",
    ]
    told = CliRunner().invoke(app, [*asked, "--out", str(out), "--json"], catch_exceptions=False).stdout
    answered = json.loads(told)
    figures = {one["name"]: one["value"] for one in answered["figures"]}

    (calm,) = answered["worlds"]
    assert (calm["world"], calm["kind"] in {"pays", "harms", "neither"}) == ("calm", True)
    assert set(calm["gain"]) == {"best_known", "depth_rule", "policy"}
    assert figures["weeks whose gain lay in the policy's own forecast"] == 1.0


def test_people_get_a_table(worlds: list[str], out: Path) -> None:
    told = run(*worlds, "--out", str(out))

    assert "gain a customer" in told
    assert "Of 2 seeds the interval is too narrow to be relied on" in told
    assert "eager</h2>" in (out / "fast" / "index.html").read_text()
    assert "calm" in told


@pytest.mark.parametrize(("text", "seeds"), [("3", (3,)), ("0..2", (0, 1, 2)), ("0,5..6, 5", (0, 5, 6))])
def test_seeds_are_listed_or_a_range(text: str, seeds: tuple[int, ...]) -> None:
    assert seeds_of(text) == seeds


@pytest.mark.parametrize("text", ["", "2..1", "a", "-1", "0..5000", "1.5"])
def test_anything_else_is_no_list_of_seeds(text: str) -> None:
    with pytest.raises(BadInput, match="Expected seeds such as "):
        seeds_of(text)


def test_two_worlds_of_one_name_are_refused(worlds: list[str], tmp_path: Path) -> None:
    twin = tmp_path / "twin.toml"
    twin.write_text('like = "calibrated"\nname = "calm"\nunidentified = "a test"\n')

    with pytest.raises(BadInput, match="Two worlds are called calm"):
        run(*worlds, "--world", str(twin), "--out", str(tmp_path))


def test_seeds_of_the_closed_loop_are_told_one_by_one(worlds: list[str], tmp_path: Path) -> None:
    size = ["--customers", "50", "--weeks", "1", "--seeds", "3,4", "--jobs", "1", "--policy", "no_offers"]
    told = CliRunner().invoke(
        app, ["simulate", *worlds[:2], *size, "--out", str(tmp_path)], catch_exceptions=False
    )

    assert "Seed 3: In calm" in told.stdout
    assert "Seed 4: In calm" in told.stdout
    assert (tmp_path / "index.html").exists()
