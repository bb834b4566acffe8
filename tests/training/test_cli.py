"""`abonement-train fit`, `promote` and `rollback`, as a data scientist types them."""

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.sources import load
from models.versions import registry
from models.versions.response_versions import response_folder, response_versions
from tests.shop import write_shop
from training.cli import app, main


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workspace")
    write_shop(folder / "shop", customers=6, products=20, days=60, seed=2, last_day=date(2024, 5, 1))
    load(folder / "shop", folder)
    return folder


def command(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def fit(workspace: Path, as_of: str) -> str:
    return command("fit", "--workspace", str(workspace), "--as-of", as_of, "--jobs", "1")


def leave_with(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    monkeypatch.setattr("sys.argv", ["abonement-train", *arguments])
    with pytest.raises(SystemExit) as leaving:
        main()
    return leaving.value.code


def test_versions_are_fitted_promoted_and_rolled_back(workspace: Path) -> None:
    folder, at = registry.registry_folder(workspace), ("--workspace", str(workspace))
    said = fit(workspace, "2024-04-20")
    (first,) = registry.versions(folder)
    assert "Affinity is the frequency rule" in said
    assert said.endswith(f"Published {first}; it is the current version.\n")

    assert fit(workspace, "2024-04-20").endswith(f"Version {first} is the current version already.\n")
    assert registry.versions(folder) == [first]

    said = fit(workspace, "2024-04-30")
    _, second = registry.versions(folder)
    assert said.endswith(f"Published {second}; make it current with `abonement-train promote {second}`.\n")
    assert registry.current_version(folder) == first

    fitted_with = registry.manifest_of(folder, second)["notes"]
    assert any(one.startswith("Affinity is the frequency rule") for one in fitted_with)
    assert command("promote", second, *at, "--by", "Ines") == (
        f"Version {second} is the current version. No evaluation compares it with {first}; "
        "`abonement-train evaluate` does.\n" + "".join(f"{one}\n" for one in fitted_with)
    )
    assert registry.current_version(folder) == second
    assert command("rollback", *at) == f"Version {first} is the current version again.\n"
    assert registry.current_version(folder) == first

    said = command("fit", *at, "--as-of", "2024-04-30", "--jobs", "1", "--promote")
    assert said.endswith(f"Published {second}; it is the current version.\n")
    assert registry.current_version(folder) == second
    assert [(entry["to"], entry.get("by") == "Ines") for entry in registry.pointer_history(folder)] == [
        (first, False),
        (second, True),
        (first, False),
        (second, False),
    ]
    assert all(entry["at"] for entry in registry.pointer_history(folder))
    assert f"promoted {second} from {first} by Ines" in command("versions", *at)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("promote", "2017-12-04-ffffffff"), "No version '2017-12-04-ffffffff'"),
        (("note", "2017-12-04-ffffffff", "good"), "No version '2017-12-04-ffffffff'"),
        (("fit", "--as-of", "tomorrow"), "Expected --as-of as a date"),
        (("fit", "--as-of", "2024-04-20T03:00:00"), "must carry a time zone"),
        (("fit", "--as-of", "1999-01-01", "--jobs", "1"), "Nothing was bought before"),
        (
            ("fit", "--as-of", "2024-04-20", "--item-level", "aisle", "--jobs", "1"),
            "Item level 'aisle' is not filled",
        ),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_2(
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    assert leave_with(monkeypatch, *arguments, "--workspace", str(workspace)) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("arguments", [("fit", "--as-of", "2024-04-20"), ("rollback",)])
def test_an_empty_workspace_has_nothing_to_fit_or_roll_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    assert leave_with(monkeypatch, *arguments, "--workspace", str(tmp_path)) == 2


def test_versions_of_a_workspace_that_does_not_exist_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert leave_with(monkeypatch, "versions", "--workspace", str(tmp_path / "nowsx")) == 2
    assert capsys.readouterr().err.startswith(f"There is no workspace {tmp_path / 'nowsx'}; ")
    assert list(tmp_path.iterdir()) == []


def test_customers_alike_are_asked_only_where_the_data_scientist_says_so(workspace: Path) -> None:
    folder, at = registry.registry_folder(workspace), ("--workspace", str(workspace), "--as-of", "2024-04-10")
    asked = []
    for options in ((), ("--customers-alike",)):
        version = json.loads(command("fit", *at, *options, "--jobs", "1", "--json"))["version"]
        asked.append(registry.manifest_of(folder, version)["parameters"]["neighbours"])
    assert asked[0] is None
    assert asked[1]["customers"] == 1000


def test_what_is_noted_about_a_version_stands_in_the_list_and_changes_no_version(workspace: Path) -> None:
    folder, at = registry.registry_folder(workspace), ("--workspace", str(workspace))
    version = json.loads(command("fit", *at, "--as-of", "2024-04-05", "--jobs", "1", "--json"))["version"]
    before = registry.fingerprint(folder, version)
    assert command("note", version, "Fewer rounds, für den Herbst", *at, "--by", "Ines") == (
        f"Noted about {version}: Fewer rounds, für den Herbst\n"
    )
    command("note", version, "Lost to the old one", *at, "--by", "Omar")
    said = [
        line.partition(" by ")[2] for line in command("versions", *at).splitlines() if f"{version}  2" in line
    ]
    assert said == ["Ines: Fewer rounds, für den Herbst", "Omar: Lost to the old one"]
    notes = json.loads(command("versions", *at, "--json"))["notes"]
    assert [(note["version"], note["by"]) for note in notes] == [(version, "Ines"), (version, "Omar")]
    assert registry.fingerprint(folder, version) == before


@pytest.mark.parametrize("text", [" ", "two\nlines", "x" * 501, "nul\0"])
def test_a_note_that_no_list_could_show_is_refused(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    fit(workspace, "2024-04-20")
    version = registry.versions(registry.registry_folder(workspace))[-1]
    assert leave_with(monkeypatch, "note", version, text, "--workspace", str(workspace)) == 2
    assert "Expected a note of 1 to 500 characters on one line, got " in capsys.readouterr().err


def test_a_profile_in_a_file_stands_in_the_manifest_and_makes_another_version(
    workspace: Path, tmp_path: Path
) -> None:
    folder, at = registry.registry_folder(workspace), ("--workspace", str(workspace), "--as-of", "2024-04-12")
    file = tmp_path / "profile.toml"
    names = []
    for text in ("", "min_positives = 40\n[affinity_lightgbm]\nnum_leaves = 7\n", "# as usual\n"):
        file.write_text(text, encoding="utf-8")
        said = json.loads(command("fit", *at, "--profile", str(file), "--jobs", "1", "--json"))
        names.append(said["version"])
    usual, other, again = names
    assert usual == again != other
    learnt = registry.manifest_of(folder, other)["parameters"]
    assert (learnt["min_positives"], learnt["affinity_lightgbm"]["num_leaves"]) == (40, 7)
    assert learnt["affinity_lightgbm"]["learning_rate"] == 0.05
    assert "parameters.affinity_lightgbm.num_leaves" in command("diff", usual, other, *at[:2])


@pytest.mark.long
def test_windows_that_programmes_need_are_fitted_by_one_version(workspace: Path) -> None:
    said = command(
        "fit",
        "--workspace",
        str(workspace),
        "--as-of",
        "2024-05-01",
        "--jobs",
        "1",
        "--windows",
        "1,4-7",
        "--json",
    )
    version = json.loads(said)["version"]
    manifest = registry.open_version(registry.registry_folder(workspace), version).manifest
    assert (json.loads(said)["window_days"], manifest.window_days) == ([1, 7], (1, 7))


def test_customers_alike_are_asked_for_in_one_place_only(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "profile.toml"
    file.write_text("[neighbours]\ncustomers = 100\n", encoding="utf-8")
    at = ("--workspace", str(workspace), "--as-of", "2024-04-12", "--profile", str(file))
    assert leave_with(monkeypatch, "fit", *at, "--customers-alike") == 2
    assert "Both --customers-alike and [neighbours] in " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ('own_model = "gone"', "There is no model 'gone': installed distributions give none. "),
        ('own_features = ["gone"]', "There is no feature 'gone': installed distributions give none. "),
    ],
)
def test_a_plug_in_that_is_not_installed_is_refused_before_the_shop_is_read(
    workspace: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    said: str,
    sentence: str,
) -> None:
    file, before = tmp_path / "profile.toml", registry.versions(registry.registry_folder(workspace))
    file.write_text(said, encoding="utf-8")
    at = ("--workspace", str(workspace), "--as-of", "2024-04-12", "--profile", str(file))
    assert leave_with(monkeypatch, "fit", *at) == 2
    assert capsys.readouterr().err.startswith(sentence)
    assert registry.versions(registry.registry_folder(workspace)) == before


def test_a_response_is_fitted_beside_the_models_and_has_its_own_pointer(workspace: Path) -> None:
    at = ("--workspace", str(workspace))
    models_in_use = registry.current_version(registry.registry_folder(workspace))
    said = command("fit", "--response", *at, "--as-of", "2024-04-20", "--jobs", "1")
    folder = response_folder(workspace)
    (first,) = response_versions(folder)
    assert "what is believed of a shop without promotions" in said
    assert "visits_plausible_error" in said
    assert said.endswith(f"Published {first}; it is the response in use.\n")

    said = command("fit", "--response", *at, "--as-of", "2024-04-30", "--jobs", "1")
    _, second = response_versions(folder)
    assert said.endswith(f"use it with `abonement-train promote --response {second}`.\n")
    assert command("promote", "--response", second, *at).startswith(
        f"Version {second} is the response in use."
    )
    assert json.loads(command("versions", "--response", *at, "--json"))["current"] == second
    assert command("rollback", "--response", *at) == f"Version {first} is the response in use again.\n"
    assert registry.current_version(registry.registry_folder(workspace)) == models_in_use


def test_a_response_takes_no_level_of_models(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("--workspace", str(workspace), "--as-of", "2024-04-20", "--item-level", "family_1")

    assert leave_with(monkeypatch, "fit", "--response", *arguments) == 2
