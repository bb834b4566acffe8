"""May the version replace the one it was compared with?"""

from dataclasses import dataclass

from models.ground.moment import Moment
from models.versions.comparisons import Difference, VersionComparison
from training.evaluation.evaluation_findings import MEASURES, EvaluationFindings

# What an offer engine lives on: items that are bought, and probabilities that a budget can rest on.
DECIDING = ("items bought of six", "log loss")
# Two measures may each condemn a version; at 97.5 % an equal one is condemned in one evaluation of forty.
LEVEL = 0.975
# A hundredth of the log loss moves no offer and no budget; with many customers it would still be significant.
LET_PASS = {"items bought of six": 0.0, "log loss": 0.01}


@dataclass(frozen=True)
class Verdict:
    """What the deciding measures say.

    Attributes:
        word: "better", "worse", "no different" or "alone" (nothing to compare with).
        comparison: what the registry keeps, None where the version is alone.
    """

    word: str
    comparison: VersionComparison | None


def judge(findings: EvaluationFindings, as_of: Moment) -> Verdict:
    """Compare the version with the other by the deciding measures."""
    plan = findings.plan
    if plan.against is None:
        return Verdict("alone", None)
    differences = tuple(_difference(findings, measure) for measure in DECIDING)
    comparison = VersionComparison(
        version=plan.judged.version,
        against=plan.against.version,
        as_of=as_of.as_of.isoformat(),
        how=plan.how,
        cuts=tuple(cut.day.isoformat() for cut in plan.cuts),
        customers=findings.customers,
        differences=differences,
    )
    if comparison.worse_in:
        return Verdict("worse", comparison)
    gained = any(_gain(findings, each.measure) for each in differences)
    return Verdict("better" if gained else "no different", comparison)


def _difference(findings: EvaluationFindings, measure: str) -> Difference:
    found = findings.deciding[measure]
    other = findings.row("measures", method=findings.methods[1], measure=measure)["value"]
    let_pass = LET_PASS[measure] * abs(other)
    worse = found.high < -let_pass if MEASURES[measure][2] else found.low > let_pass
    return Difference(measure, found.value, found.low, found.high, found.level, bool(worse))


def _gain(findings: EvaluationFindings, measure: str) -> bool:
    found = findings.deciding[measure]
    return found.above_zero if MEASURES[measure][2] else found.below_zero
