"""The programme's rules: one TOML file, checked before a night begins.

Every value has a unit and a range, and a key without behaviour is refused by name. The checks of single values stand
beside their keys, one module a group of sections (`bundle_sections`, `assigned_section`, `policy_section`,
`explore_section`, `rotation_section`, `law_section` with its packs and `countries`, `claim_section`,
`favourite_section`, `grants_section`, `checkout_sections`, `loyalty_section`, `outreach_section`, `shelf_section`,
`rules_section`, `guard_section` on `closed_days`, all on `section`), those of impossible combinations in `programme`;
`what_is_wrong` turns a fault into the owner's words, `proposed_programme` fits the shipped file to a shop's figures,
`programme_doubts` holds a file against them, `experiment_file` is what is tried beside it. May import `engine.domain`
and `models.ground`. Start with `load_programme` in `programme_file`; the default is `classic.toml`. `presets` (on
`toml_writing`) says what a file means that writes only what differs, `kept_rules` reads what another release published;
`rules_in_words` says what rules mean, `rule_origins` where each comes from and how two programmes differ,
`shared_rules` what programmes that run side by side should say alike.
"""

from engine.programme.bundle_sections import Activation
from engine.programme.closed_days import is_closed
from engine.programme.guard_section import GuardLimits
from engine.programme.kept_rules import KeptRules, kept_rules
from engine.programme.presets import effective_text
from engine.programme.programme import Programme
from engine.programme.programme_file import load_programme, parse_programme, programme_text
from engine.programme.shared_rules import differing_rules, require_agreement

__all__ = [
    "Activation",
    "GuardLimits",
    "KeptRules",
    "Programme",
    "differing_rules",
    "effective_text",
    "is_closed",
    "kept_rules",
    "load_programme",
    "parse_programme",
    "programme_text",
    "require_agreement",
]
