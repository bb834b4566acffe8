"""The example of docs/bring-your-data.md runs, and says what so little data can and cannot do."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli import app as engine_app
from training.cli import app as training_app

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "bring-your-data.md"


def commands() -> list[str]:
    """The commands of the page's first walk, in order."""
    walk = PAGE.read_text(encoding="utf-8").partition("## In five minutes")[2].partition("\n## ")[0]
    return re.findall(r"^\$ (.+)$", walk, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    workspace = tmp_path_factory.mktemp("smallest") / "workspace"
    answers = {}
    for command in commands():
        program, *arguments = shlex.split(command.replace("WORKSPACE", str(workspace)))
        arguments = [str(ROOT / word) if word.startswith("examples/") else word for word in arguments]
        result = CliRunner().invoke(training_app if program == "abonement-train" else engine_app, arguments)
        assert result.exit_code == 0, (command, result.output, result.exception)
        answers[" ".join([program, arguments[0], *(["--check"] if "--check" in arguments else [])])] = (
            result.output
        )
    return answers


def test_the_page_walks_from_a_check_to_a_bundle(said: dict[str, str]) -> None:
    assert list(said) == [
        "abonement load --check",
        "abonement load",
        "abonement-train fit",
        "abonement nightly",
        "abonement show",
    ]


def test_twenty_lines_are_read_without_a_bad_one(said: dict[str, str]) -> None:
    assert "20 rows, 20 kept" in said["abonement load --check"]
    assert "Loaded 20 lines of 5 customers and 8 products" in said["abonement load"]


def test_so_little_data_is_named_and_not_refused(said: dict[str, str]) -> None:
    assert "Affinity is the frequency rule" in said["abonement-train fit"]
    assert "is the survival of each customer's own cycle" in said["abonement-train fit"]
    assert "Lifetime value is not predicted" in said["abonement-train fit"]


def test_every_customer_gets_a_bundle_all_the_same(said: dict[str, str]) -> None:
    assert "5 customers seen, published" in said["abonement nightly"]
    assert said["abonement show"].count("Customer ") == 1


def test_every_key_of_tables_toml_stands_on_the_page() -> None:
    from dataclasses import fields

    from models.sources.reading.declaration import Declaration
    from models.sources.reading.vocabulary import SECTIONS, TableWords

    page = PAGE.read_text(encoding="utf-8")
    keys = {field.name for kind in (Declaration, TableWords) for field in fields(kind)} - {"vocabulary"}
    assert [
        key for key in sorted(keys | set(SECTIONS)) if f"`{key}`" not in page and f"`[{key}]`" not in page
    ] == []


def test_every_column_and_every_reason_of_the_quarantine_stands_on_the_page() -> None:
    from models.tables import INPUT_TABLES
    from models.tables.row_checks import CHECKS, DUPLICATE_LINE, UNREADABLE_LINE

    page = PAGE.read_text(encoding="utf-8")
    words = {column.name for table in INPUT_TABLES for column in table.columns}
    words |= {check.reason for checks in CHECKS.values() for check in checks} | {
        DUPLICATE_LINE,
        UNREADABLE_LINE,
    }
    assert [word for word in sorted(words) if f"`{word}`" not in page] == []
