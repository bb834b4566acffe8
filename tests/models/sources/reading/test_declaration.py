from pathlib import Path

import pytest

from models.ground.errors import BadInput
from models.sources.reading.declaration import check_declaration, read_declaration
from tests.models.sources.small import DECLARATION, write_small_shop


def test_a_complete_declaration_is_read(tmp_path: Path) -> None:
    declaration = read_declaration(write_small_shop(tmp_path))
    assert (declaration.timezone, declaration.money, declaration.max_bad_share) == (
        "Europe/Berlin",
        "decimal",
        0.9,
    )
    assert declaration.times == "local"


def test_an_unknown_key_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="unknown key 'time_zone'"):
        check_declaration({**DECLARATION, "time_zone": "UTC"})


@pytest.mark.parametrize("key", sorted(DECLARATION))
def test_a_missing_key_is_named(key: str) -> None:
    values = {name: value for name, value in DECLARATION.items() if name != key}
    with pytest.raises(BadInput, match=f"'{key}' is missing"):
        check_declaration(values)


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("timezone", "Europe/Atlantis", "IANA"),
        ("timezone", "", "IANA"),
        ("currency", "euro", "ISO 4217"),
        ("money", "cents", '"decimal" or "minor"'),
        ("quantity", 3, '"decimal" or "milli"'),
        ("unit", "litre", '"piece" or "kg"'),
        ("tax", True, '"included" or "excluded"'),
        ("max_bad_share", 1.5, "0 to 1"),
        ("max_bad_share", "few", "0 to 1"),
        ("max_bad_share", float("nan"), "0 to 1"),
        ("times", "utc", '"local" or "zoned"'),
        ("day_starts_at", "4:00", "a time such as"),
        ("day_starts_at", "24:00", "a time such as"),
        ("day_starts_at", 4, "a time such as"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(key: str, value: object, allowed: str) -> None:
    with pytest.raises(BadInput, match=f"{key} = .* is not allowed; expected .*{allowed}"):
        check_declaration({**DECLARATION, key: value})


def test_malformed_toml_is_one_sentence(tmp_path: Path) -> None:
    write_small_shop(tmp_path)
    (tmp_path / "tables.toml").write_text("timezone = UTC", encoding="utf-8")
    with pytest.raises(BadInput, match="not valid TOML"):
        read_declaration(tmp_path)


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3)])
def test_minor_units_follow_the_currency(currency: str, digits: int) -> None:
    assert check_declaration({**DECLARATION, "currency": currency}).minor_digits == digits
