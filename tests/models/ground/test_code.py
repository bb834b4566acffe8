import shutil
from pathlib import Path

import pytest

import models
from models.ground.code import code_digest, folder_digest


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "acme"
    (folder / "inner").mkdir(parents=True)
    (folder / "__init__.py").write_text("PRICE = 1\n")
    (folder / "inner" / "rows.sql").write_text("SELECT 1\n")
    (folder / "inner" / "words.toml").write_text('hello = "hello"\n')
    (folder / "notes.md").write_text("What it is for.\n")
    return folder


def test_the_same_code_has_the_same_digest_and_other_code_another() -> None:
    assert code_digest("training.evaluation") == code_digest("training.evaluation")
    assert code_digest("training.evaluation") != code_digest("training.simulator")


def test_a_copy_elsewhere_has_the_same_digest(tmp_path: Path) -> None:
    copy = shutil.copytree(Path(models.__file__).parent, tmp_path / "copied")
    assert folder_digest({"models": copy}) == code_digest("models")


@pytest.mark.parametrize("name", ["__init__.py", "inner/rows.sql", "inner/words.toml"])
def test_an_edit_of_any_code_gives_another_digest(package: Path, name: str) -> None:
    before = folder_digest({"acme": package})
    with (package / name).open("a") as file:
        file.write("\n")
    assert folder_digest({"acme": package}) != before


def test_a_file_that_moves_gives_another_digest(package: Path) -> None:
    before = folder_digest({"acme": package})
    (package / "inner" / "rows.sql").rename(package / "rows.sql")
    assert folder_digest({"acme": package}) != before


def test_what_python_compiled_and_what_is_only_read_by_people_does_not_count(package: Path) -> None:
    before = folder_digest({"acme": package})
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "left.py").write_text("compiled = True\n")
    (package / "notes.md").write_text("Something else.\n")
    assert folder_digest({"acme": package}) == before


def test_all_files_count_where_all_are_asked_for(package: Path) -> None:
    before = folder_digest({"acme": package}, suffixes=None)
    (package / "notes.md").write_text("Something else.\n")
    assert folder_digest({"acme": package}, suffixes=None) != before
