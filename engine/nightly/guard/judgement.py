"""All checks of a night, and what follows from them."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from engine.nightly.guard.arm_checks import arms_redrawn, holdout_leakage
from engine.nightly.guard.data_checks import data_age, history, paid_level, recent_lines, unknown_products
from engine.nightly.guard.drift_checks import drifts
from engine.nightly.guard.guard_check import GuardCheck, number
from engine.nightly.guard.offer_checks import empty_bundles, offers
from engine.nightly.guard.shop_checks import items, known_customers, model_shop
from engine.nightly.guard.tonight import Tonight
from engine.programme import GuardLimits
from models.ground.errors import GuardRefused


def judge(tonight: Tonight, limits: GuardLimits, accepted: Collection[str]) -> tuple[GuardCheck, ...]:
    """Make every check, in the order of CHECKS; `accepted` ones are marked where they fail."""
    checks = [
        data_age(tonight, limits),
        recent_lines(tonight.measures.likeness, limits),
        history(tonight, limits),
        paid_level(tonight, limits),
        unknown_products(tonight.measures, limits),
        *items(tonight, limits),
        known_customers(tonight, limits),
        model_shop(tonight, limits),
        holdout_leakage(tonight),
        arms_redrawn(tonight),
        empty_bundles(tonight, limits),
        *offers(tonight, limits),
        *drifts(tonight, limits),
    ]
    return tuple(replace(check, accepted=not check.ok and check.name in accepted) for check in checks)


def enforce(run_id: str, checks: Sequence[GuardCheck]) -> None:
    """Raise GuardRefused, naming every failed check that was not accepted, its value, limit and place."""
    failed = [check for check in checks if not check.ok and not check.accepted]
    if not failed:
        return
    others = [check for check in failed if check.remedy is None]
    remedies = list(dict.fromkeys(check.remedy for check in failed if check.remedy))
    if others:
        named = f" for {', '.join(check.name for check in others)}" if remedies else ""
        remedies.insert(0, f"Correct the data or the model{named} and run the night again")
    lines = [
        (
            f"Night {run_id} was not published: {len(failed)} of {len(checks)} checks failed. "
            "Customers keep the offers they have."
        ),
        *(f"  {check.name}: {number(check.value)}, {check.limit} allowed; {check.says}." for check in failed),
        _sentence_start("; ".join(remedies))
        + "; if it is as it should be, run it again with "
        + " ".join(f"--accept {check.name}" for check in failed)
        + ".",
    ]
    raise GuardRefused("\n".join(lines), run_id)


def _sentence_start(words: str) -> str:
    return words[0].upper() + words[1:]
