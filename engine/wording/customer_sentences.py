"""A language's sentences for customers: why an item is in their bundle, in the programme's language.

A language is a TOML file with a table for each reason's code, `one` in it for a number of 1 and `other` for all others:

    [overdue]
    one = "You bought it yesterday"
    other = "You have not bought it for {n} days"

Such a file may come from a shop, so it is data: a sentence holds the placeholders of `PLACEHOLDERS` by their bare names
and is bounded; it has no way to reach anything else.
"""

import hashlib
import json
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from string import Formatter
from typing import Any
from unicodedata import category

from engine.domain.offer_errors import BadProgramme
from engine.wording.spoken_words import readable
from models.ground.toml_text import parse_toml

# What each reason's sentence tells: {n} is the reason's number, {family} a family's name.
PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "due_now": frozenset({"n"}),
    "overdue": frozenset({"n"}),
    "bought_often": frozenset({"n"}),
    "bought_before": frozenset(),
    "new_on_shelf": frozenset({"family"}),
    "new_in_family": frozenset({"family"}),
    "alike": frozenset(),
    "goes_with": frozenset(),
    "rising": frozenset(),
    "popular": frozenset({"n"}),
    "something_new": frozenset(),
}
# What a language's file may say besides: who set the prices. Where it does not, `disclosures.toml` does.
DISCLOSURE = "disclosure"
_TOLD: Mapping[str, frozenset[str]] = {**PLACEHOLDERS, DISCLOSURE: frozenset()}
FORMS = ("one", "other")
MAX_CHARACTERS = 200  # a line or two on a phone
_BREAKING = frozenset(
    {"Cc", "Zl", "Zp"}
)  # what is no part of one line: control characters, line and paragraph ends

Sentences = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class CustomerSentences:
    """A language's checked sentences, by code and by form."""

    sentences: Sentences

    def text(self, code: str, number: int, family: str) -> str:
        """Return the customer's sentence."""
        form = "one" if number == 1 else "other"
        return self.sentences[code][form].format(n=number, family=readable(family))

    def own_disclosure(self) -> str | None:
        """What the file says of who set the prices; None where it leaves that to `disclosures.toml`."""
        return self.sentences.get(DISCLOSURE, {}).get("other")

    def fingerprint(self) -> str:
        """Return the sha256 of all sentences, the same for files that differ in comments or order only."""
        return hashlib.sha256(json.dumps(self.sentences, sort_keys=True).encode()).hexdigest()


def parse_sentences(text: str, source: str, shipped: CustomerSentences | None = None) -> CustomerSentences:
    """Check the text of a language's file; `source` names it in messages.

    Args:
        text: TOML.
        source: the file.
        shipped: what stands where the file says nothing; None where it must say everything.

    Raises:
        BadProgramme: naming the file, the first key that is wrong, and what to do.

    """
    try:
        found = parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        raise BadProgramme(f"{source} is not TOML: {error}. Correct that place.") from error
    for wrong in _wrong(found):
        raise BadProgramme(f"{source}: {wrong}")
    base: Sentences = {} if shipped is None else shipped.sentences
    whole = {code: {**base.get(code, {}), **found.get(code, {})} for code in PLACEHOLDERS}
    lacking = [f"{code}.{form}" for code in PLACEHOLDERS for form in FORMS if form not in whole[code]]
    if lacking:
        raise BadProgramme(
            f"{source} lacks {', '.join(lacking)}; add them, since nothing is shipped that could stand in their place."
        )
    said = {**base.get(DISCLOSURE, {}), **found.get(DISCLOSURE, {})}
    return CustomerSentences(whole | ({DISCLOSURE: said} if said else {}))


def _wrong(found: Mapping[str, Any]) -> Iterator[str]:
    for code, forms in found.items():
        if code not in _TOLD:
            yield f"{_quoted(code)} is no reason{_meant(code, _TOLD)}; correct or remove it."
        elif not isinstance(forms, dict):
            yield f"{code} is not a table; write [{code}], and below it {' and '.join(FORMS)}."
        else:
            for form, sentence in forms.items():
                yield from _wrong_of_form(code, form, sentence)


def _wrong_of_form(code: str, form: str, sentence: object) -> Iterator[str]:
    if form not in FORMS:
        yield (
            f"{code} has no {_quoted(form)}{_meant(form, FORMS)}; "
            f"write {' and '.join(FORMS)} only: the sentence for a number of 1, and for all others."
        )
    elif not isinstance(sentence, str) or not sentence.strip():
        yield f"{code}.{form} is no sentence; write a text between quotes."
    elif len(sentence) > MAX_CHARACTERS:
        yield f"{code}.{form} has {len(sentence)} characters; expected at most {MAX_CHARACTERS}, so shorten it."
    elif any(category(character) in _BREAKING for character in sentence):
        yield f"{code}.{form} has a line break or a control character; write it in one line."
    else:
        yield from _wrong_placeholders(code, form, sentence)


def _wrong_placeholders(code: str, form: str, sentence: str) -> Iterator[str]:
    told = _TOLD[code]
    spelled = " and ".join(f"{{{name}}}" for name in sorted(told))
    rule = f"write {spelled} and no other" if told else "it is told none"
    try:
        named = {_bare(*part) for part in Formatter().parse(sentence) if part[1] is not None}
    except ValueError:
        yield f"{code}.{form} has a placeholder that is none, or a brace alone; {rule}, and a brace as {{{{ or }}}}."
        return
    # A sentence for a number of 1 may say it as a word.
    missing = told - named - ({"n"} if form == "one" else set())
    if named - told:
        yield f"{code}.{form} names {', '.join(_quoted(name) for name in sorted(named - told))}; {rule}."
    elif missing:
        yield f"{code}.{form} does not say {', '.join(f'{{{name}}}' for name in sorted(missing))}; {rule}."


def _bare(_before: str, name: str | None, how: str | None, conversion: str | None) -> str:
    """A placeholder's name; ValueError where it asks for more than to be put there."""
    if not name or how or conversion:
        raise ValueError("no bare name")
    return name


def _quoted(name: str) -> str:
    return repr(name if len(name) <= MAX_CHARACTERS else f"{name[:MAX_CHARACTERS]}...")


def _meant(name: str, known: Collection[str]) -> str:
    return "".join(f" (did you mean {near!r}?)" for near in get_close_matches(name, known, 1))
