"""What docs/day.md says about errors is what the server answers."""

import re
from pathlib import Path

from engine.serving.http.problems import PROBLEMS

DAY = Path(__file__).parents[2] / "docs" / "day.md"


def test_every_key_of_a_problem_is_explained() -> None:
    text = DAY.read_text(encoding="utf-8")
    assert [key for key in PROBLEMS if f"`{key}`" not in text] == []


def test_the_table_of_errors_names_no_key_that_does_not_exist() -> None:
    table = DAY.read_text(encoding="utf-8").partition("## Errors")[2]
    rows = re.findall(r"^\| (\d{3}) \| ([^|]+) \|", table, re.MULTILINE)
    named = {key: int(status) for status, keys in rows for key in re.findall(r"`(\w+)`", keys)}
    assert named
    assert {key: PROBLEMS[key].status for key in named} == named
