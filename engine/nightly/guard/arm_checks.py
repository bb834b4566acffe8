"""Checks of who is held out: nobody of them is served, and everybody is in the arm that was drawn."""

from engine.nightly.guard.guard_check import GuardCheck
from engine.nightly.guard.tonight import Tonight


def holdout_leakage(tonight: Tonight) -> GuardCheck:
    """Held-out customers with an offer or a redemption in the last days, or in this night."""
    name = "holdout_leakage"
    found = [facts["leaks"] for facts in tonight.arms.get("experiments", {}).values() if "leaks" in facts]
    if not found:
        return GuardCheck(name, None, "nobody has been held out before tonight")
    held_out, served, redeemed, contacted = (
        sum(leak[key] for leak in found) for key in ("held_out", "served", "redeemed", "contacted")
    )
    now = tonight.arms["tonight"]["served"]
    return GuardCheck(
        name,
        float(max(served, redeemed) + now),
        f"of {held_out:,} held-out customers {served:,} had an offer and {redeemed:,} redeemed one in the last seven days, "
        f"{contacted:,} were contacted; this night has bundles for {now:,}",
        at_most=0.0,
        remedy="find who serves the holdout (another programme, an import, a till) and stop it; what they have had stays in "
        "the store, so leave them out of any comparison",
    )


def arms_redrawn(tonight: Tonight) -> GuardCheck:
    """Customers whose arm in the store is not the one that their experiment's frozen salt draws."""
    name = "arms_redrawn"
    experiments = tonight.arms.get("experiments", {})
    if not experiments:
        return GuardCheck(name, None, "nobody has been drawn before tonight")
    redrawn = {one: facts["redrawn"] for one, facts in experiments.items()}
    customers = sum(sum(facts["customers"].values()) for facts in experiments.values())
    where = ", ".join(f"{number:,} of {one}" for one, number in redrawn.items() if number)
    return GuardCheck(
        name,
        float(sum(redrawn.values())),
        f"of {customers:,} arms in the store, all as they were drawn"
        if not where
        else f"of {customers:,} arms in the store, {where} are not as they were drawn",
        at_most=0.0,
        remedy="bring the store back from a backup: somebody changed arms in it",
    )
