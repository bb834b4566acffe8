"""Does this night look like one that may be published without anybody looking?

Each check compares one number with a limit of the programme's section [guard]. Imports `context`, `folder`,
`tried_tonight`, `domain`, `store`, `programme` and `models`. Read `night_measures` (the night in numbers),
`guard_check` and `tonight` (what is compared with what), the checks themselves: `data_checks`, `shop_checks`,
`alike_before` and `arm_checks` (of what `arm_inspection` finds), `offer_checks`, `drift_checks`; `judgement` (makes them all),
`night_inspection` (looks at a settled night and decides).
"""

from engine.nightly.guard.guard_check import CHECKS, GuardCheck, number, require_known
from engine.nightly.guard.judgement import enforce, judge
from engine.nightly.guard.tonight import Earlier, Tonight

__all__ = ["CHECKS", "Earlier", "GuardCheck", "Tonight", "enforce", "judge", "number", "require_known"]
