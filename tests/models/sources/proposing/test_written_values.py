import pytest

from models.sources.proposing.written_values import Marks, booleans_of, encoding_of, marks_of


@pytest.mark.parametrize(
    ("texts", "marks"),
    [
        (["1.99", "1200.00", "-3.5"], Marks(".", "", told=True)),
        (["1,99", "12,5"], Marks(",", "", told=True)),
        (["1.234,50", "2,99"], Marks(",", ".", told=True)),
        (["1,234.50", "2.99"], Marks(".", ",", told=True)),
        (["1 234,50", "1\u00a0234,00"], Marks(",", " ", told=True)),
        (["154", "1200"], Marks(".", "", told=False)),
        (["n/a", "€ 2.38"], Marks(".", "", told=False)),
    ],
)
def test_marks_are_read_off_written_numbers(texts: list[str], marks: Marks) -> None:
    assert marks_of(texts) == marks


def test_the_words_of_consent_are_told_apart_from_those_that_nobody_knows() -> None:
    assert booleans_of(["Ja", "nein", "opt-out", "true", "N", "vielleicht"]) == (
        {"ja": True, "nein": False, "opt-out": False},
        ["vielleicht"],
    )


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Käse", "utf-8"), ("Käse", "cp1252"), ("Молоко 1 л", "cp1251"), ("Milk", "utf-16")],
)
def test_an_encoding_is_read_off_the_bytes(text: str, encoding: str) -> None:
    assert encoding_of([text.encode(encoding)]) == encoding
