"""Code on frames names shared columns by their constants, so that a misspelt column is an unknown name."""

import ast
from collections.abc import Iterator
from pathlib import Path

from models import tables
from models.tables import Table, column_names

ROOT = Path(__file__).parents[3]
WITH_FRAMES = (
    "models",
    "training",
    "engine/nightly",
    "engine/measurement",
    "engine/watch",
    "engine/commands",
)
# They read JSON: the customer view as the API answers it, the findings of a night, what a dry one told.
OF_JSON = {
    "engine/commands/night_summary.py",
    "engine/watch/run_page.py",
    "engine/commands/dry_run.py",
    "engine/watch/dry_run_page.py",
    "models/response/exposure.py",
}
NAMES_A_COLUMN = {"by", "columns", "left_on", "on", "right_on", "subset"}
SHARED = {name: value for name, value in vars(column_names).items() if name.isupper()}
OF_NO_TABLE = {"item_no"}  # numbers a level's items, which are computed and not stored as a table


def literals(node: ast.expr) -> Iterator[ast.Constant]:
    """Texts that stand in an expression, alone or in a list."""
    if isinstance(node, ast.Constant):
        yield node
    elif isinstance(node, ast.List | ast.Tuple):
        for element in node.elts:
            yield from literals(element)


def named_columns(module: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(module):
        if isinstance(node, ast.Subscript):
            yield from literals(node.slice)
        elif isinstance(node, ast.keyword) and node.arg in NAMES_A_COLUMN:
            yield from literals(node.value)


def test_code_on_frames_names_shared_columns_by_their_constants() -> None:
    written_out = [
        f"{path.relative_to(ROOT)}:{text.lineno}: {text.value}"
        for folder in WITH_FRAMES
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.relative_to(ROOT).as_posix() not in OF_JSON
        for text in named_columns(ast.parse(path.read_text()))
        if text.value in SHARED.values()
    ]
    assert written_out == []


def test_every_shared_name_is_a_column_of_a_table() -> None:
    columns = {name for table in vars(tables).values() if isinstance(table, Table) for name in table.names}
    assert set(SHARED.values()) - columns == OF_NO_TABLE


def test_a_shared_name_is_written_like_its_column_and_exported() -> None:
    assert {name: name.lower() for name in SHARED} == SHARED
    assert {name: getattr(tables, name) for name in SHARED} == SHARED
