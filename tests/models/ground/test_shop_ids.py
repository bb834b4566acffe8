"""The one rule of ids: what it lets through, and that Python, DuckDB and JSON Schema read it alike."""

import re

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ground.shop_ids import ID_PATTERN, is_id, no_id

HOSTILE = st.text(
    st.sampled_from("aZ9-_:.%é🥛 \u00a0\u3000\ufeff\u2028\0\t\n\x7f\x85/\\\ud800\udfff'\"+;?#"), max_size=6
)
IDS = st.one_of(HOSTILE, st.text(max_size=6), st.text("a./ ", min_size=120, max_size=140))


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@pytest.mark.parametrize(
    "good",
    ["1029", "0001", "card 12:ä", "a", "...", "a.", ".a", "..a", "330-7-8812", "🥛", "a" * 128, "50%", "a'b"],
)
def test_what_a_path_and_both_databases_carry_is_an_id(good: str) -> None:
    assert is_id(good)


@pytest.mark.parametrize(
    "bad",
    ["", " ", ".", "..", "a ", " a", "a\u00a0", "\ufeffa", "a/b", "a\\b", "/", "a\0b", "a\tb", "a\n", "a\x85b", "a\u2028b",
     "a\ud800", "a" * 129],
)  # fmt: skip
def test_what_would_come_out_otherwise_is_none(bad: str) -> None:
    assert not is_id(bad)


@given(IDS)
def test_every_reader_of_the_rule_decides_alike(con: duckdb.DuckDBPyConnection, text: str) -> None:
    described = len(text) <= 128 and re.search(ID_PATTERN, text) is not None and not text.endswith("\n")
    encodable = not re.search("[\ud800-\udfff]", text)
    assert is_id(text) == (described and encodable)
    if encodable:
        assert con.execute(f"SELECT {no_id('$1')}", [text]).fetchall() == [(not is_id(text),)]
