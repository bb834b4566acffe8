"""Whether an experiment is what it should be: what has to be seen before anybody believes a difference between its arms."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from engine.measurement.compared_arms import ComparedArms
from engine.measurement.experiment_effects import FEW_ENOUGH
from models.effects.pre_period_balance import balance
from models.effects.sample_ratio import ratio_p_values
from models.running.terminal import number_of

ALARM = 0.01  # of healthy experiments so many alarm of a light, however often they are looked at
# Balance is looked at anew with every report, over customers who hardly change: a level that repeated looks do not use up.
BALANCE_ALARM = 0.001
MOST_MIXED = 0.05
LARGE = 0.1  # standard deviations between arms that are no longer little
FIGURES = (
    "spend of 4 weeks",
    "spend of 8 weeks",
    "spend of 16 weeks",
    "spend of all weeks",
    "visits of 4 weeks",
    "visits of 12 weeks",
    "nothing known",
)


class Light(NamedTuple):
    """One question with its answer: state is ok, look or bad; `bad` means that no difference can be trusted."""

    name: str
    title: str
    state: str
    says: str


def lights(
    arms: ComparedArms,
    pair: tuple[str, str],
    units: Mapping[str, int],
    shares: Mapping[str, float],
    leaked: Mapping[str, int] | None,
    nights: tuple[int, int],
) -> list[Light]:
    """All lights.

    Args:
        arms: who is compared.
        pair: names of the treated and of the other arm.
        units: drawn into each arm of the experiment.
        shares: as they were meant, together 1.
        leaked: of held-out customers: held_out, served, redeemed, contacted; None where the other arm has offers too.
        nights: published in the period, and of them those whose folders are there.
    """
    found = [_ratio(units, shares), _balance(arms)]
    if leaked is not None:
        found.append(_leakage(leaked))
    return [*found, _mixing(arms), _weeks(arms), _served(arms, pair, nights)]


def _ratio(units: Mapping[str, int], shares: Mapping[str, float]) -> Light:
    counts = [units.get(arm, 0) for arm in shares]
    p_value = float(ratio_p_values([counts], list(shares.values()))[0])
    said = ", ".join(f"{arm} {count:,}" for arm, count in zip(shares, counts, strict=True))
    meant = ", ".join(f"{share:.1%}" for share in shares.values())
    if p_value > ALARM:
        return Light(
            "sample_ratio", "As many as were meant", "ok", f"{said} drawn, {meant} were meant: chance."
        )
    return Light(
        "sample_ratio",
        "As many as were meant",
        "bad",
        f"{said} drawn, {meant} were meant; chance makes that less than once in {1 / max(p_value, 1e-6):,.0f} experiments.",
    )


def _balance(arms: ComparedArms) -> Light:
    title = "Alike before"
    if arms.figures is None or int(arms.arms.households.min()) < FEW_ENOUGH:
        return Light(
            "balance", title, "look", "Too little is known of the time before to compare the arms on it."
        )
    found = balance(arms.figures, arms.arms)
    worst = int(np.abs(found.differences).argmax())
    said = f"furthest apart in {FIGURES[worst]}, by {found.differences[worst]:+.2f} standard deviations (p = {found.p_value:.3f})."
    if found.p_value <= BALANCE_ALARM:
        return Light("balance", title, "bad", f"The arms were not alike before anything was offered: {said}")
    large = abs(found.differences[worst]) > LARGE
    return Light(
        "balance",
        title,
        "look" if large else "ok",
        f"{'As unlike as so few customers are by chance' if large else 'Alike'}, {said}",
    )


def _leakage(leaked: Mapping[str, int]) -> Light:
    given = max(leaked["served"], leaked["redeemed"])
    said = (
        f"Of {leaked['held_out']:,} held out {leaked['served']:,} were served, {leaked['redeemed']:,} redeemed and "
        f"{leaked['contacted']:,} were contacted."
    )
    state = "bad" if given else "look" if leaked["contacted"] else "ok"
    return Light("leakage", "Held out means nothing given", state, said)


def _mixing(arms: ComparedArms) -> Light:
    people = len(arms.customer_id)
    mixed = (arms.crossed + arms.torn) / max(people, 1)
    return Light(
        "mixing",
        "Each in one arm",
        "look" if mixed > MOST_MIXED else "ok",
        f"{arms.crossed:,} of {people:,} customers have had a card of another arm and stay where they were drawn; "
        f"{arms.torn:,} whose household is in both arms are left out.",
    )


def _weeks(arms: ComparedArms) -> Light:
    empty = [week + 1 for week in range(arms.weeks) if not arms.margin[:, week].any()]
    said = f"Every one of {arms.weeks} weeks has purchases."
    if empty:
        said = f"Nobody bought anything in week {', '.join(map(str, empty))}: a feed is missing, load it and look again."
    return Light("weeks", "No week is missing", "bad" if empty else "ok", said)


def _served(arms: ComparedArms, pair: tuple[str, str], nights: tuple[int, int]) -> Light:
    treated = arms.arms.treated
    share = float(arms.served[treated].mean())
    published, there = nights
    gone = published - there
    lost = f" The folders of {gone} of {published} nights are gone, so what would have been bought anyway rests on the rest."
    return Light(
        "served",
        "Something was given",
        "ok" if share > 0 and not gone else "look",
        f"{number_of(published, 'night')}; {share:.0%} of arm {pair[0]} had a bundle.{lost if gone else ''}",
    )


def untrusted(found: Sequence[Light]) -> list[Light]:
    """Those that forbid any conclusion."""
    return [one for one in found if one.state == "bad"]
