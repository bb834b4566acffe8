import tomllib

import pytest

from models.ground.toml_text import parse_toml


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = " + "[" * 5_000 + "]" * 5_000, "Nested too deeply"),
        ("x = " + "{a = " * 3_000, "Nested too deeply"),
        ("x = " + "9" * 5_000, "too many digits"),
        ("x = ", "Invalid value"),
    ],
    ids=["lists", "tables", "digits", "cut"],
)
def test_whatever_is_wrong_is_one_kind_of_error(text: str, sentence: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError, match=sentence):
        parse_toml(text)


def test_what_is_right_is_a_table() -> None:
    assert parse_toml("a = 1\n[b]\nc = 'x'") == {"a": 1, "b": {"c": "x"}}
