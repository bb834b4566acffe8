"""Programmes to begin from: a file that says `like = "PRESET"` writes only what differs, and an old file goes on.

What only the owner can decide (`OWN`) no preset gives: such a key is missed by its name where the file does not say it. A file
without `like` is complete but for keys that are younger than it: a section that it does not know is off, or where nothing
can be off (the till, who is late, the guard) as the classic subscription has it.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Any

from engine.domain.offer_errors import BadProgramme
from engine.programme.toml_writing import Key, flat, toml_text
from models.ground.toml_text import parse_toml

LIKE = "like"
CLASSIC = "classic-subscription"
PRESETS = {
    CLASSIC: "classic.toml",
    "ask-back": "ask_back.toml",
    "choose-ten": "choose_ten.toml",
    "daily-claim": "daily_claim.toml",
    "favourite-only": "favourite_only.toml",
}
OWN: tuple[Key, ...] = (
    ("language",),
    ("day_starts_at",),
    ("seed",),
    ("holdout", "share"),
    ("holdout", "covers"),
    ("consent", "rule"),
    ("assumed_margin_bp", "default"),
    ("budget", "amount_minor"),
    ("budget", "period"),
    ("favourite", "budget", "amount_minor"),
)
# Keys of earlier releases that decide nothing any more.
_RETIRED: tuple[Key, ...] = (("prediction", "window_days"),)
# What a file meant before the key was there. Never changed: a file of then means what it meant.
_BEFORE: Mapping[Key, Any] = {
    ("novelty", "launch_share"): 0.0,
    ("eligibility", "prospects"): False,
    ("favourite", "offered"): False,
}
# Sections that came later; of a file that has one of them, all of its keys are expected.
_YOUNGER = ("favourite", "checkout", "outreach", "velocity", "loyalty", "guard")


class NoSuchPreset(BadProgramme):
    """A file is like something that is not shipped."""


@cache
def preset_text(name: str) -> str:
    """The shipped file; NoSuchPreset names those that there are."""
    if name not in PRESETS:
        near = get_close_matches(str(name), PRESETS, 1)
        meant = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(PRESETS)}."
        raise NoSuchPreset(f"like = {name!r}: expected the name of a preset; {meant}")
    return resources.files("engine.programme").joinpath(PRESETS[name]).read_text(encoding="utf-8")


def effective_tables(text: str) -> dict[str, Any]:
    """All rules that a file's text stands for, its preset's where it says nothing; a complete text as it is.

    Raises:
        tomllib.TOMLDecodeError: it is no TOML.
        NoSuchPreset: there is no such preset.
    """
    return completed(parse_toml(text))


def effective_text(text: str) -> str:
    """The same as TOML: a complete text byte for byte, another written out with its preset's keys."""
    said = parse_toml(text)
    whole = completed(said)
    return text if whole == said else toml_text(whole)


def completed(said: Mapping[str, Any]) -> dict[str, Any]:
    """All rules of the tables of a file."""
    if LIKE in said:
        return _over(_preset_tables(said), _without_like(said))
    return _as_it_was_meant(said)


def preset_of(text: str, key: Key) -> str | None:
    """The preset whose file gives a key's value to a file that does not say it; None where none does."""
    said = parse_toml(text)
    while LIKE in said:
        name = said[LIKE]
        said = parse_toml(preset_text(name))
        if any(known[: len(key)] == key for known, _ in flat(said)):
            return str(name)
    return None


def _preset_tables(said: Mapping[str, Any]) -> dict[str, Any]:
    name = said[LIKE]
    if not isinstance(name, str):
        raise NoSuchPreset(f"like = {name!r}: expected the name of a preset: {', '.join(PRESETS)}.")
    whole = _shipped(name)
    favourite = said.get("favourite", {})
    offered = favourite.get("offered", True) if isinstance(favourite, Mapping) else True
    for key in OWN:
        if key[0] == "favourite" and not offered:
            continue
        section = whole
        for part in key[:-1]:
            section = section.get(part, {})
        section.pop(key[-1], None)
    return whole


def _shipped(name: str) -> dict[str, Any]:
    """All that a preset says, with what those say that it is like; also what only an owner decides."""
    said = parse_toml(preset_text(name))
    return _over(_shipped(said[LIKE]), _without_like(said)) if LIKE in said else _as_it_was_meant(said)


def _without_like(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name != LIKE}


def _over(preset: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """The preset's tables with what is said in their place; another policy has parameters of its own."""
    whole = dict(preset)
    for name, value in said.items():
        former = preset.get(name)
        whole[name] = value
        if isinstance(former, Mapping) and isinstance(value, Mapping):
            named = former.get("name")
            if name != "policy" or value.get("name", named) == named:
                whole[name] = _over(former, value)
    return whole


def _as_it_was_meant(said: Mapping[str, Any]) -> dict[str, Any]:
    whole = {name: dict(value) if isinstance(value, Mapping) else value for name, value in said.items()}
    for section, key in _RETIRED:
        if isinstance(whole.get(section), dict):
            whole[section].pop(key, None)
    absent = [section for section in _YOUNGER if section not in whole]
    classic = parse_toml(preset_text(CLASSIC)) if absent else {}
    for section in absent:
        before = {key: value for (where, key), value in _BEFORE.items() if where == section}
        whole[section] = classic[section] | before
    for (section, key), value in _BEFORE.items():
        if section not in _YOUNGER and isinstance(whole.get(section), dict):
            whole[section].setdefault(key, value)
    if "activation" not in whole and isinstance(whole.get("bundle"), dict):
        whole["activation"] = {
            "mode": "automatic",
            "slots": whole["bundle"].get("max_items"),
            "may_deactivate": True,
        }
    return whole
