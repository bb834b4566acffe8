"""Does this night look like one that may be published without anybody looking? Pure functions on its numbers.

Each check compares one number with a limit of the programme's section [guard]. Read `check` and `tonight` first,
then `data`, `shop`, `offers` and `drift`, which hold the checks, and `judging`, which makes them all.
"""

from engine.nightly.guard.check import CHECKS, Check, number, require_known
from engine.nightly.guard.judging import enforce, judge
from engine.nightly.guard.tonight import Earlier, Tonight

__all__ = ["CHECKS", "Check", "Earlier", "Tonight", "enforce", "judge", "number", "require_known"]
