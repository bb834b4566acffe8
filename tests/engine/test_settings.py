from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.settings import BadSettings, load_settings


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("ABONEMENT_WORKSPACE", "/srv/shop")
    monkeypatch.setenv("ABONEMENT_CLOCK", "system")
    return monkeypatch


def test_the_store_lies_in_the_workspace_unless_it_was_given(environment: pytest.MonkeyPatch) -> None:
    assert load_settings().store == "sqlite:////srv/shop/store.db"
    environment.setenv("ABONEMENT_STORE_URL", "sqlite:////srv/other.db")
    assert load_settings().store == "sqlite:////srv/other.db"
    assert load_settings().workspace == Path("/srv/shop")


def test_a_fixed_clock_stands_still_in_utc(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ABONEMENT_CLOCK", "fixed:2017-12-04T09:00:00-05:00")
    settings = load_settings()
    assert settings.clock_is_fixed
    assert settings.clock_function()() == datetime(2017, 12, 4, 14, tzinfo=UTC)


def test_the_system_clock_knows_its_zone(environment: pytest.MonkeyPatch) -> None:
    assert environment is not None
    assert load_settings().clock_function()().tzinfo is UTC


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "ABONEMENT_CLOCK",
            "fixed:2017-12-04T09:00:00",
            "ABONEMENT_CLOCK is 'fixed:2017-12-04T09:00:00': expected",
        ),
        (
            "ABONEMENT_CORS_ORIGINS",
            "https://app.example.com/start",
            "ABONEMENT_CORS_ORIGINS is 'https://app.example.com/start': an origin is a scheme and a host",
        ),
        (
            "ABONEMENT_CORS_ORIGINS",
            "*",
            "is no address with http:// or https:// and without a / at its end",
        ),
        (
            "ABONEMENT_CLOCK",
            "yesterday",
            "ABONEMENT_CLOCK is 'yesterday': expected system, or fixed: and a moment",
        ),
        (
            "ABONEMENT_CLOCK",
            "fixed:9999-12-31T23:59:59Z",
            "expected a moment from 1970-01-01 to 2199-12-31",
        ),
        ("ABONEMENT_DEMO", "maybe", "ABONEMENT_DEMO is 'maybe'.*for example 0 or 1"),
        ("ABONEMENT_PORT", "0", "ABONEMENT_PORT is '0'"),
        (
            "ABONEMENT_CLOK",
            "system",
            "ABONEMENT_CLOK, which is no setting of this version; known are ABONEMENT_CLOCK",
        ),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected(
    environment: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(BadSettings, match=sentence):
        load_settings()


def test_a_missing_setting_is_named(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("ABONEMENT_WORKSPACE")
    with pytest.raises(BadSettings, match="ABONEMENT_WORKSPACE is not set; set it, for example var/demo"):
        load_settings()
