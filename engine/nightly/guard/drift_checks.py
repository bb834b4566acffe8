"""Checks of the scores: do they lie as they did on earlier nights?"""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from scipy.stats import chi2

from engine.nightly.guard.guard_check import CHANCE, GuardCheck
from engine.nightly.guard.tonight import Tonight, in_words
from engine.programme import GuardLimits
from models.items.candidates import SOURCES

# Few items that rose this week, or were launched, are proposed to everybody at once: chance or the season, no drift.
_OF_THE_WEEK = SOURCES["rising"] | SOURCES["launched"]


def psi(before: Sequence[int], now: Sequence[int]) -> float:
    """Population stability index of two histograms: sum of (q - p) ln(q / p) over the bins.

    Half an observation is added to every bin, so that an empty one does not make it infinite.
    Source: Siddiqi, Credit Risk Scorecards (2006).
    """
    p, q = (np.asarray(counts, dtype=np.float64) + 0.5 for counts in (before, now))
    p, q = p / p.sum(), q / q.sum()
    return float(((q - p) * np.log(q / p)).sum())


def chance_psi(before: int, now: int, bins: int) -> float:
    """The index that chance alone exceeds once in a thousand nights, with so many independent observations.

    Without a shift it is distributed as chi-squared(bins - 1) x (1/n + 1/m).
    Source: Yurdakul and Naranjo, Statistical properties of the population stability index (2020).
    """
    if min(before, now) == 0:
        return math.inf
    return float(chi2.ppf(CHANCE, bins - 1)) * (1 / before + 1 / now)


def drifts(tonight: Tonight, limits: GuardLimits) -> Iterator[GuardCheck]:
    """Histograms of P(buy), P(silent) and candidate sources against the earlier runs of the same model version.

    Another version may propose other candidates and score them otherwise: a promotion is not a drift. Its first night is
    measured against the nights before but held to no limit, and is itself what later ones are compared with.
    """
    now = tonight.measures
    before = [run.measures for run in tonight.earlier if run.measures.customers]
    same = [run for run in before if run.model == now.model]
    for name, histogram, most in (
        ("p_buy_drift", "p_buy", limits.max_p_buy_drift),
        ("p_churn_drift", "p_churn", limits.max_p_churn_drift),
        ("candidate_drift", "sources", limits.max_candidate_drift),
    ):
        if not before or not now.customers:
            yield GuardCheck(name, None, "no earlier run" if not before else "no customer was scored")
            continue
        compared = same or before
        counts: list[int] = np.sum([getattr(run, histogram) for run in compared], axis=0).tolist()
        of_now: Sequence[int] = getattr(now, histogram)
        if histogram == "sources":
            counts, of_now = lasting_sources(counts), lasting_sources(of_now)
        value = round(psi(counts, of_now), 4)
        if not same:
            models = ", ".join(sorted({run.model for run in before}))
            yield GuardCheck(
                name,
                None,
                f"{value:.4f} against {in_words(len(before))} of {models}; the first night of {now.model} sets a new "
                "baseline",
            )
            continue
        chance = chance_psi(max(run.customers for run in same), now.customers, len(counts))
        yield GuardCheck(
            name,
            value,
            f"against {in_words(len(same))} of this model, {chance:.3f} of the limit for chance",
            at_most=round(most + chance, 4),
        )


def lasting_sources(counts: Sequence[int]) -> list[int]:
    """Candidates by the mask of their sources, same length, without what only this week proposes.

    Three risen items beyond the popular ones are three candidates of every customer, and none the week after: in a shop
    of 167 items that alone had been an index of .74.
    """
    lasting = [0] * len(counts)
    for mask, candidates in enumerate(counts):
        if kept := mask & ~_OF_THE_WEEK:
            lasting[kept] += candidates
    return lasting
