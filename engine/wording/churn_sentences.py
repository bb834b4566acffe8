"""Why a customer may be leaving, as a person reads it: the sentences of `models.customers.churn_reasons`'s codes."""

from collections.abc import Iterable

from engine.wording.spoken_words import counted, readable
from models.customers.churn_reasons import ChurnReason

WORDS = {
    "late": "usually comes every {usual_days}, has not come for {now_days}",
    "comes_less": "came {now_times} in the last 28 days, {usual_times} in the 28 before",
    "comes_seldom": "came {now_times} in the last 84 days",
    "spends_less": "spent {less:.0%} less in the last 28 days than is usual for them",
    "smaller_baskets": "their last five baskets are {less:.0%} smaller than usual",
    "families_dropped": "has stopped buying in {now:.0f} of their {usual_families}{names}",
    "comes_irregularly": "comes irregularly: one gap in ten is longer than {now_days}",
    "buys_deals": "{now:.0%} of what they buy is discount",
}


def in_words(reason: ChurnReason) -> str:
    """One reason's sentence."""
    usual, now = round(reason.usual), round(reason.now)
    return WORDS[reason.code].format(
        usual_days="day" if usual <= 1 else f"{usual} days",
        now_days=counted(now, "day", "days"),
        usual_times=counted(usual, "time", "times"),
        now_times=counted(now, "time", "times"),
        usual_families=counted(usual, "regular family", "regular families"),
        names=_named(reason.families, now),
        now=reason.now,
        less=1.0 - reason.now / reason.usual if reason.usual > 0 else 0.0,
    )


def sentences(reasons: Iterable[ChurnReason]) -> str:
    """All of a customer's reasons, `; ` between them, empty where there is none."""
    return "; ".join(in_words(reason) for reason in reasons)


def _named(families: tuple[str, ...], dropped: int) -> str:
    """`: Milk and Bread` where these are all, `, first of all Milk and Bread` where there are more."""
    if not families:
        return ""
    names = " and ".join(readable(name) for name in families)
    return f": {names}" if len(families) == dropped else f", first of all {names}"
