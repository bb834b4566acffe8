"""Whether an experiment is what it should be: what has to be seen before anybody believes a difference between its arms."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.measurement.compared_arms import ComparedArms
from engine.measurement.experiment_effects import FEW_ENOUGH
from models.effects.pre_period_balance import BALANCE_ALARM, balance
from models.effects.sample_ratio import ratio_p_values
from models.running.terminal import number_of

ALARM = 0.01  # of healthy experiments so many alarm of a light, however often they are looked at
MOST_MIXED = 0.05
MOST_DOUBLE = 0.01
_TELLING = 4  # different weeks that two customers do not share by chance
_CLOSED_WEEKS = 4
_AT_ONCE = 10_000  # customers
_NAMED_STORES = 5
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
    redrawn: int = 0,
) -> list[Light]:
    """All lights.

    Args:
        arms: who is compared.
        pair: names of the treated and of the other arm.
        units: drawn into each arm of the experiment.
        shares: as they were meant, together 1.
        leaked: of held-out customers: held_out, served, redeemed, contacted; None where the other arm has offers too.
        nights: published in the period, and of them those whose folders are there.
        redrawn: customers who are not in the arm that the frozen salt draws.
    """
    found = [_ratio(units, shares), _redrawn(redrawn, sum(units.values())), _balance(arms)]
    if leaked is not None:
        found.append(_leakage(leaked))
    return [*found, _mixing(arms), _doubles(arms), _weeks(arms), _stores(arms), _served(arms, pair, nights)]


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


def _redrawn(redrawn: int, drawn: int) -> Light:
    title = "In the arms that were drawn"
    if not redrawn:
        return Light("redrawn", title, "ok", f"All {drawn:,} are where the frozen salt draws them.")
    said = f"{redrawn:,} of {drawn:,} are in another arm than the frozen salt draws: somebody moved them, so bring the store back from a backup."
    return Light("redrawn", title, "bad", said)


def _doubles(arms: ComparedArms) -> Light:
    """The same person under two ids: two customers who brought exactly the same in every week, of many different ones."""
    marks = _marks(arms)
    told = np.flatnonzero(~np.isnan(marks))
    marks = marks[told]
    _, first, at, times = np.unique(marks, return_index=True, return_inverse=True, return_counts=True)
    again = np.flatnonzero(times[at] > 1)
    title, people = "Nobody twice", len(arms.customer_id)
    if not len(again):
        return Light("doubles", title, "ok", "No two customers brought the same in every week.")
    names = [
        str(arms.customer_id[told[one]])
        for one in (first[at[again[0]]], again[again != first[at[again[0]]]][0])
    ]
    return Light(
        "doubles",
        title,
        "bad" if len(again) > MOST_DOUBLE * people else "look",
        f"{len(again):,} of {people:,} customers brought exactly what another one did in every week, such as {names[0]} and "
        f"{names[1]}: one person under two ids, or a file that was loaded twice. Name merged cards in the customers table.",
    )


def _marks(arms: ComparedArms) -> npt.NDArray[np.float64]:
    """A number a customer that only the same money in every week gives, shape (n,); no number where that tells too little."""
    weights = np.random.default_rng(0).random(arms.before.shape[1] + arms.weeks)
    found = np.full(len(arms.margin), np.nan)
    for start in range(0, len(found), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        # as exactly as the weeks before are kept
        weeks = np.hstack([arms.before[rows], arms.margin[rows].astype(np.float32)]).round(2)
        inner = np.sort(weeks, axis=1)
        different = ((np.diff(inner, axis=1) != 0) & (inner[:, 1:] != 0)).sum(axis=1) + (inner[:, 0] != 0)
        told = different >= _TELLING
        found[rows][told] = (weeks[told] * weights).sum(axis=1)
    return found


def _stores(arms: ComparedArms) -> Light:
    title = "Every store is there"
    if not arms.silent_stores:
        return Light("stores", title, "ok", "Every store that usually sells has purchases in each week.")
    silent = sorted(arms.silent_stores.items())
    said = "; ".join(
        f"store {store} in week {', '.join(str(week + 1) for week in weeks if week >= 0)}"
        for store, weeks in silent[:_NAMED_STORES]
    )
    if len(silent) > _NAMED_STORES:
        said = f"{said}; {number_of(len(silent) - _NAMED_STORES, 'more store')}"
    closed = all(_has_closed(weeks, arms.weeks) for weeks in arms.silent_stores.values())
    return Light(
        "stores",
        title,
        "look" if closed else "bad",
        f"No purchases of {said}, which usually has some: a feed is missing, load it and look again, unless it was closed.",
    )


def _has_closed(weeks: Sequence[int], end: int) -> bool:
    """Silent up to the end, for long or since before the beginning: no load mends it, and both arms are without it alike."""
    return list(weeks) == list(range(end - len(weeks), end)) and (len(weeks) > _CLOSED_WEEKS or weeks[0] < 0)


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


def with_incumbent(found: Sequence[Light], arms: ComparedArms, *, told: bool) -> list[Light]:
    """The lights of an experiment whose arms another engine drew: what it gave, and whether counts can be checked at all."""
    others = ~arms.arms.treated
    gave = Light(
        "incumbent",
        "What the other engine gave",
        "ok" if arms.redemptions[others].any() else "look",
        f"{int((arms.redemptions[others] > 0).sum()):,} of {int(others.sum()):,} customers of the other engine used an offer of "
        f"it, {arms.redemptions[others].sum():,.0f} baskets, as receipts show them.",
    )
    untold = Light(
        "sample_ratio",
        "As many as were meant",
        "look",
        "The other engine drew the arms and nobody said which shares were meant (--ours-share of the import), so their counts "
        "cannot be checked.",
    )
    return [*(one if told or one.name != "sample_ratio" else untold for one in found), gave]
