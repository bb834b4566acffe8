from pathlib import Path

import pytest

from engine.domain.offer_errors import BadProgramme
from engine.wording.customer_sentences import FORMS, PLACEHOLDERS
from engine.wording.language_files import (
    OwnWording,
    disclosure,
    load_sentences,
    own_wording,
    shipped_languages,
)


def beside(programme: Path, language: str, content: bytes) -> Path:
    file = programme.parent / "wording" / f"{language}.toml"
    file.parent.mkdir()
    file.write_bytes(content)
    return file


@pytest.mark.parametrize("language", shipped_languages())
def test_every_shipped_language_has_every_sentence(language: str) -> None:
    sentences = load_sentences(language).sentences
    assert {code: set(forms) for code, forms in sentences.items()} == {
        code: set(FORMS) for code in PLACEHOLDERS
    }


def test_a_language_without_sentences_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        BadProgramme,
        match=r"^language = 'xx': expected one of en; choose one, or write all sentences into wording/xx.toml beside",
    ):
        load_sentences("xx")


def test_a_shop_writes_its_own_sentences_beside_its_programme(tmp_path: Path) -> None:
    programme = tmp_path / "programme.toml"
    file = beside(programme, "en", '[alike]\nother = "Süß!"'.encode())
    own = own_wording(programme, "en")
    assert own == OwnWording('[alike]\nother = "Süß!"', str(file))
    assert load_sentences("en", own).text("alike", 40, "") == "Süß!"


def test_nothing_is_a_shops_own_where_it_wrote_nothing_for_the_language(tmp_path: Path) -> None:
    programme = tmp_path / "programme.toml"
    beside(programme, "pl", b"")
    assert own_wording(programme, "en") is None
    assert own_wording(None, "en") is None


def test_an_own_file_that_cannot_be_read_is_refused_by_its_name(tmp_path: Path) -> None:
    programme = tmp_path / "programme.toml"
    file = beside(programme, "en", b"\xff")
    with pytest.raises(BadProgramme, match=f"^expected sentences as UTF-8 text in {file}: "):
        own_wording(programme, "en")


def test_who_set_the_prices_is_said_in_the_shops_words_else_in_ours_else_in_english() -> None:
    english = load_sentences("en")
    assert disclosure("en", english) == "THIS PRICE WAS SET BY AN ALGORITHM USING YOUR PERSONAL DATA"
    assert disclosure("de", english).startswith("Dieser Preis wurde von einem Algorithmus")
    assert disclosure("xx", english) == disclosure("en", english)
    own = load_sentences("en", OwnWording('[disclosure]\nother = "A machine chose this for you"', "en.toml"))
    assert disclosure("en", own) == "A machine chose this for you"
