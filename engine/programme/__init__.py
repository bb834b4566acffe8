"""The programme's rules: one TOML file, checked before a night begins.

Every key is required but those of [policy], every value has a unit and a range, and a key without behaviour is
refused by name. The checks of single values stand beside their keys (`bundles`, `guard`), those of impossible
combinations in `rules`; `wording` turns what is wrong into the owner's words. May import `engine.domain`. Start with
`load_programme` in `file`; the default is `engine/programme.toml`.
"""

from engine.programme.file import load_programme, parse_programme, programme_text
from engine.programme.guard import GuardLimits
from engine.programme.rules import Programme

__all__ = ["GuardLimits", "Programme", "load_programme", "parse_programme", "programme_text"]
