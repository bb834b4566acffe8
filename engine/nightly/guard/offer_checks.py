"""Checks of what the night would offer: are there bundles, of the usual depth and cost?"""

import math
from collections.abc import Iterator

from engine.domain.budget import MILLI
from engine.nightly.guard.guard_check import STANDARD_ERRORS, GuardCheck, slack
from engine.nightly.guard.tonight import Tonight, in_words
from engine.programme import GuardLimits
from models.ground.currencies import written


def empty_bundles(tonight: Tonight, limits: GuardLimits) -> GuardCheck:
    """Customers who should have a bundle have one."""
    measures = tonight.measures
    if measures.due == 0:
        return GuardCheck("empty_bundles", None, "nobody should have a bundle")
    most = round(limits.max_empty_share + slack(limits.max_empty_share, measures.due), 4)
    says = f"{measures.empty:,} of {measures.due:,} customers who should have a bundle have none"
    if measures.empty_by_budget:
        says += f", {measures.empty_by_budget:,} of them because the budget has nothing left for them"
    otherwise = measures.empty - measures.empty_by_budget
    return GuardCheck(
        "empty_bundles",
        round(measures.empty / measures.due, 4),
        says,
        at_most=most,
        remedy=_budget_remedy(tonight) if otherwise / measures.due <= most else None,
    )


def offers(tonight: Tonight, limits: GuardLimits) -> Iterator[GuardCheck]:
    """Mean depth and expected cost of a bundle against the earlier runs."""
    now = tonight.measures
    before = [run.measures for run in tonight.earlier if run.measures.bundles]
    if not before or not now.bundles:
        says = "no bundle tonight" if before else "no earlier run with bundles"
        yield from (GuardCheck(name, None, says) for name in ("mean_depth", "expected_cost"))
        return
    made = sum(run.bundles for run in before)
    runs = f"the {made:,} bundles of {in_words(len(before))}"
    usual = sum(run.depth_bp.mean * run.bundles for run in before) / made
    # Two bundles do not show how much bundles differ, so the larger spread counts for both sides.
    error = max(run.depth_bp.sd for run in (now, *before)) * math.sqrt(1 / now.bundles + 1 / made)
    slack = limits.max_depth_change_bp + STANDARD_ERRORS * error
    held_back = tonight.budget_binds and now.depth_bp.mean < usual
    yield GuardCheck(
        "mean_depth",
        now.depth_bp.mean,
        f"basis points, of {now.bundles:,} bundles; {usual:,.0f} in {runs}",
        round(usual - slack, 1),
        round(usual + slack, 1),
        remedy=_budget_remedy(tonight) if held_back else None,
    )
    usual = sum(run.cost_milli.mean * run.bundles for run in before) / made
    if usual <= 0:
        yield GuardCheck("expected_cost", None, f"{runs} were expected to cost nothing")
        return
    spread = max(run.cost_milli.sd / max(run.cost_milli.mean, 1e-9) for run in (now, *before))
    error = spread * math.sqrt(1 / now.bundles + 1 / made)
    factor = limits.max_cost_factor * math.exp(STANDARD_ERRORS * error)
    yield GuardCheck(
        "expected_cost",
        round(now.cost_milli.mean / usual, 4),
        f"of {written(usual / MILLI, tonight.currency)} {tonight.currency}, the mean of {runs}; tonight's {now.bundles:,} "
        f"are expected to cost {written(now.cost_milli.mean / MILLI, tonight.currency)} each",
        at_most=round(factor, 4),
    )


def _budget_remedy(tonight: Tonight) -> str:
    """What to do where the budget keeps offers back; on a first night everybody is due at once."""
    enough = tonight.budget_for_all_minor
    reaches = "" if enough is None else f" ({enough:_} reaches everybody tonight)"
    says = f"the budget keeps offers back: raise amount_minor in the programme's [budget]{reaches}"
    if tonight.earlier:
        return f"{says}, or wait for its next period, and run the night again"
    return f"{says} and run the night again, or let the following nights reach the others"
