"""What the programmes of one shop should say alike: rules that tills, apps and measurement go by and no bundle has of its own.

The day follows the rules of the night published last. Where two programmes differ here, these change with every night.
"""

from collections.abc import Iterator
from typing import Any

from engine.domain.offer_errors import BadProgramme
from engine.programme.programme import Programme
from engine.programme.toml_writing import Key, flat, value_text

_SECTIONS = (
    "consent",
    "law",
    "exclusions",
    "floors",
    "assumed_margin_bp",
    "loyalty",
    "favourite",
    "checkout",
    "velocity",
)
_KEYS: tuple[Key, ...] = (
    ("language",),
    ("day_starts_at",),
    ("holdout", "rotate_days"),
    ("eligibility", "legal_age"),
)
# Nights that differ in these would draw customers anew, or offer a product and its family side by side.
_STRICT: tuple[Key, ...] = (("holdout", "share"), ("holdout", "salt"), ("prediction", "item_level"))
_FAVOURITE: Key = ("holdout", "covers", "favourite")


def differing_rules(one: Programme, other: Programme, *, strict: bool = False) -> list[str]:
    """Rules that both should say alike and do not, `checkout.stacking = "best_wins" and "promotion_first"`; only the strict ones if asked."""
    mine, theirs = dict(_shared(one)), dict(_shared(other))
    keys = [
        key for key in (*mine, *(key for key in theirs if key not in mine)) if key in _STRICT or not strict
    ]
    return [
        f"{'.'.join(key)} = {_said(mine.get(key))} and {_said(theirs.get(key))}"
        for key in keys
        if mine.get(key) != theirs.get(key)
    ]


def require_agreement(programmes: dict[str, Programme]) -> None:
    """Refuse programmes, by what names them to their owner, that cannot run side by side.

    Raises:
        BadProgramme: two have one name, or differ in what they should say alike.
    """
    (first, rules), *others = programmes.items()
    for source, other in others:
        namesake = next((known for known, one in programmes.items() if one.name == other.name), source)
        if namesake != source:
            called = f'both have the name "{other.name}"' if other.name else "both are without a name"
            raise BadProgramme(
                f"{namesake} and {source} cannot run side by side: {called}, so one would replace the other; write "
                'a line such as name = "daily" into one.'
            )
        if differing := differing_rules(rules, other):
            raise BadProgramme(
                f"{first} and {source} must say the same of what tills, apps and measurement go by:\n  "
                + "\n  ".join(differing)
                + "\n  Write the same into both."
            )


def _shared(programme: Programme) -> Iterator[tuple[Key, Any]]:
    tables = programme.model_dump(mode="json")
    for key, value in flat(tables):
        if key[0] in _SECTIONS or key in _KEYS or key in _STRICT or key[:2] in _KEYS:
            yield key, value
    yield _FAVOURITE, "favourite" in programme.holdout.covers


def _said(value: Any) -> str:
    return "nothing" if value is None else value_text(value)
