import ast
import re
from pathlib import Path

from tests.tree import PAGE, ROOT, page, tree

# Files that do not know each other and are found by their names: commands, migrations.
ONE_A_FILE = {
    "engine/commands",
    "training/commands",
    "engine/store/migrations",
    "engine/store/migrations/versions",
}


def test_the_tree_shows_every_file_with_what_it_says_of_itself() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tests.tree`"


def test_every_file_has_something_to_say() -> None:
    silent = [line for line in tree().splitlines() if len(line.split()) < 3]
    assert silent == []


def test_every_file_of_a_room_is_named_in_its_paragraph() -> None:
    silent = {
        room.parent.relative_to(ROOT).as_posix(): unnamed
        for package in ("models", "training", "engine")
        for room in sorted((ROOT / package).rglob("__init__.py"))
        if room.parent.relative_to(ROOT).as_posix() not in ONE_A_FILE and (unnamed := unnamed_in(room))
    }
    assert silent == {}


def unnamed_in(room: Path) -> list[str]:
    """Modules and rooms of a folder that the docstring of its `__init__.py` does not name."""
    about = ast.get_docstring(ast.parse(room.read_text(encoding="utf-8"))) or ""
    here = {path.stem for path in room.parent.glob("*.py")} - {"__init__"}
    here |= {path.parent.name for path in room.parent.glob("*/__init__.py")}
    return sorted(here - set(re.findall(r"\w+", about)))
