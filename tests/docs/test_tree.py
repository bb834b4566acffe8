import ast
import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from tests.tree import PAGE, ROOT, page, tree

# Files that do not know each other and are found by their names: commands, migrations.
ONE_A_FILE = {
    "engine/commands",
    "training/commands",
    "engine/store/migrations",
    "engine/store/migrations/versions",
}

IMPORTS = re.compile(r"(?:\bImports|\bMay import|\bThe only part) .*?[.;](?= |$)")


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


def test_every_room_says_what_it_imports() -> None:
    silent = {
        room.relative_to(ROOT).as_posix(): unsaid
        for package in ("models", "training", "engine")
        for room in sorted(path.parent for path in (ROOT / package).rglob("__init__.py"))
        if (unsaid := unsaid_of(room))
    }
    assert silent == {}


def unsaid_of(room: Path) -> list[str]:
    """What a folder's modules import of ours and its docstring does not say, or that it says nothing of imports."""
    said = " ".join(IMPORTS.findall(" ".join(about(room / "__init__.py").split())))
    if not said:
        return ["no sentence begins with `Imports`"]
    covered = set(re.findall(r"`([\w.]+)`", said)) | ({"models"} if "and the rooms below" in said else set())
    return sorted({".".join(way) for way in imported_by(room) if covered.isdisjoint(names_of(way, room))})


def imported_by(room: Path) -> Iterator[tuple[str, ...]]:
    """The way to each module of ours outside a folder that a module in it imports, the imports in functions as well."""
    for path in room.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                ways = [(*node.module.split("."), alias.name) for alias in node.names]
            elif isinstance(node, ast.Import):
                ways = [tuple(alias.name.split(".")) for alias in node.names]
            else:
                continue
            yield from (
                way for way in ways if (ROOT / way[0] / "__init__.py").exists() and not inside(way, room)
            )


def names_of(way: tuple[str, ...], room: Path) -> set[str]:
    """How a folder's docstring may call what it imports: from the top, or as what stands beside it or a room around it."""
    here = room.relative_to(ROOT).parts
    shared = len([*takewhile(lambda pair: pair[0] == pair[1], zip(way, here, strict=False))])
    whole = {".".join(way[:length]) for length in range(1, len(way) + 1)}
    return whole | ({way[shared]} if shared else set())


def inside(way: tuple[str, ...], room: Path) -> bool:
    here = room.relative_to(ROOT).parts
    return way[: len(here)] == here


def unnamed_in(room: Path) -> list[str]:
    """Modules and rooms of a folder that the docstring of its `__init__.py` does not name."""
    here = {path.stem for path in room.parent.glob("*.py")} - {"__init__"}
    here |= {path.parent.name for path in room.parent.glob("*/__init__.py")}
    return sorted(here - set(re.findall(r"\w+", about(room))))


def about(module: Path) -> str:
    return ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
