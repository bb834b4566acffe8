"""Where a language's sentences lie: shipped in `languages/`, and a shop's own beside its programme."""

import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from engine.domain.offer_errors import BadProgramme
from engine.wording.customer_sentences import CustomerSentences, parse_sentences

_SUFFIX = ".toml"


@dataclass(frozen=True)
class OwnWording:
    """A shop's own sentences, as they stand in its file; `source` names it in messages."""

    text: str
    source: str


def own_wording(programme: Path | None, language: str) -> OwnWording | None:
    """Read `wording/<language>.toml` beside a programme file, where there is one.

    Args:
        programme: the file; None for the shipped programme, beside which no shop writes.
        language: the programme's.

    Raises:
        BadProgramme: the file cannot be read.

    """
    if programme is None:
        return None
    file = programme.parent / "wording" / f"{language}{_SUFFIX}"
    try:
        return OwnWording(file.read_text(encoding="utf-8-sig"), str(file))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise BadProgramme(
            f"expected sentences as UTF-8 text in {file}: {error}; mend or remove that file."
        ) from error


def load_sentences(language: str, own: OwnWording | None = None) -> CustomerSentences:
    """Return a language's sentences: the shop's own, and the shipped ones where it says nothing.

    Raises:
        BadProgramme: the language is neither shipped nor the shop's own, or the shop's file is not as expected.

    """
    shipped = _shipped(language)
    if own is not None:
        return parse_sentences(own.text, own.source, shipped)
    if shipped is None:
        raise BadProgramme(
            f"language = {language!r}: expected one of {', '.join(shipped_languages())}; choose one, or write all sentences "
            f"into wording/{language}{_SUFFIX} beside the programme file."
        )
    return shipped


def disclosure(language: str, own: CustomerSentences) -> str:
    """What an answer says of who set its prices: in the shop's own words, else in ours, in English where we have none."""
    return own.own_disclosure() or _said_in("disclosures.toml", language)


def substitute_text(language: str) -> str:
    """What stands beside a product that is shown for one that is sold out; in English where we have no other words."""
    return _said_in("substitutes.toml", language)


def shipped_languages() -> list[str]:
    """The languages that need no file of the shop."""
    names = (file.name for file in resources.files("engine.wording").joinpath("languages").iterdir())
    return sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))


def _said_in(file: str, language: str) -> str:
    shipped = tomllib.loads(resources.files("engine.wording").joinpath(file).read_text(encoding="utf-8"))
    return str(shipped.get(language, shipped["en"]))


def _shipped(language: str) -> CustomerSentences | None:
    if language not in shipped_languages():
        return None
    file = resources.files("engine.wording").joinpath("languages", f"{language}{_SUFFIX}")
    return parse_sentences(file.read_text(encoding="utf-8"), f"the shipped {file.name}")
