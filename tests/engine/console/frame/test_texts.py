import string
from datetime import UTC, date, datetime

import pytest

from engine.console.frame.texts import LANGUAGES, language_of, texts_in

ENGLISH = texts_in("en")


def holes(message: object) -> set[str]:
    """What a message is told; a form for one may leave the count out."""
    forms = message.values() if isinstance(message, dict) else [message]
    return {name for form in forms for _, name, *_ in string.Formatter().parse(str(form)) if name}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_says_everything_and_is_told_the_same(language: str) -> None:
    other = texts_in(language)
    assert set(other.messages) == set(ENGLISH.messages)
    for name, message in ENGLISH.messages.items():
        if not name.startswith("figures."):
            assert holes(other.messages[name]) == holes(message), name
            assert isinstance(other.messages[name], dict) == isinstance(message, dict), name


def test_figures_and_days_are_written_as_each_language_writes_them() -> None:
    german = texts_in("de")
    assert (ENGLISH.money(123456, "EUR"), german.money(123456, "EUR")) == ("1,234.56 EUR", "1.234,56 EUR")
    assert german.money(1234, "JPY") == "1.234 JPY"
    assert ENGLISH.day(date(2017, 12, 4)) == "Monday, 4 December 2017"
    assert german.day(date(2017, 12, 4)) == "Montag, 4. Dezember 2017"
    assert german.moment(datetime(2017, 3, 4, 9, 5, tzinfo=UTC)) == "4. Mär 2017, 09:05"


def test_a_count_decides_between_two_forms() -> None:
    assert ENGLISH("today.late", n=1) == "The last published night is 1 day old"
    assert ENGLISH("today.late", n=1200) == "The last published night is 1,200 days old"


def test_braces_in_what_is_filled_in_stay_what_they_are() -> None:
    assert ENGLISH("door.refused.says", sentence="{0.__class__}") == "{0.__class__}"


def test_the_first_language_that_there_is_counts() -> None:
    assert language_of("fr-FR, de-AT;q=0.8, en") == "de"
    assert language_of("") == language_of("xx") == "en"
