"""Members beside non-members who looked like them before: what is done where nobody was held out.

Each member is compared with the non-member nearest to them on figures of the time before; somebody may be the nearest of
several. The error is that of Abadie and Imbens ("Large sample properties of matching estimators for average treatment
effects", Econometrica 2006) for matching with replacement: how members differ from their matches, and how uncertain what a
match would have bought is, found from the non-member most like them. It knows nothing of what no figure shows.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.neighbors import NearestNeighbors

from models.effects.estimate import Estimate
from models.effects.not_causal import WHY_LOOKALIKES, NotCausal
from models.effects.pre_period_balance import standardised_differences
from models.ground.errors import BadInput

_LEAST = 2  # non-members: each needs another one beside them
MOST_MATCHED = (
    20_000  # customers; a nearest neighbour of each of a million would take longer than a whole report
)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Lookalikes:
    """Members beside their matches.

    Attributes:
        answer: members less their matches, a member.
        before_matching: shape (k,), members less all non-members on the figures, in standard deviations.
        after_matching: shape (k,), members less their matches.
        match: shape (members,), which non-member each was compared with, its row among non-members.
    """

    answer: NotCausal
    before_matching: Floats
    after_matching: Floats
    match: npt.NDArray[np.int64]


def lookalikes(values: npt.ArrayLike, member: npt.ArrayLike, figures: npt.ArrayLike) -> Lookalikes:
    """Compare members with their matches.

    Args:
        values: shape (customers,), the outcome.
        member: shape (customers,), true for members.
        figures: shape (customers, k), known before anybody became one; each counts in its standard deviations.

    Raises:
        BadInput: there are no two members, or no two non-members.

    """
    outcome, known = np.asarray(values, dtype=np.float64), np.asarray(figures, dtype=np.float64)
    known = known.reshape(len(outcome), -1)
    is_member = np.asarray(member, dtype=bool)
    members, others = int(is_member.sum()), int((~is_member).sum())
    if min(members, others) < _LEAST:
        raise BadInput(f"expected at least 2 members and 2 others to match, got {members} and {others}")
    spread = known.std(axis=0)
    scaled = (known - known.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    near = NearestNeighbors(n_neighbors=2).fit(scaled[~is_member])
    match = near.kneighbors(scaled[is_member], n_neighbors=1, return_distance=False)[:, 0]
    apart = outcome[is_member] - outcome[~is_member][match]
    times = np.bincount(match, minlength=others)
    noise = _noise(outcome[~is_member], near)
    difference = float(apart.mean())
    variance = float(((apart - difference) ** 2).sum() + (times * (times - 1) * noise).sum()) / members**2
    return Lookalikes(
        NotCausal(Estimate(difference, float(np.sqrt(variance)), float("inf")), WHY_LOOKALIKES),
        standardised_differences(known[is_member], known[~is_member]),
        standardised_differences(known[is_member], known[~is_member][match]),
        match.astype(np.int64),
    )


def few_enough(customers: int) -> npt.NDArray[np.int64]:
    """Which of so many customers are matched: all, or MOST_MATCHED of them, the same whenever it is asked, in their order."""
    if customers <= MOST_MATCHED:
        return np.arange(customers)
    return np.sort(np.random.default_rng(customers).choice(customers, MOST_MATCHED, replace=False))


def _noise(outcome: Floats, near: NearestNeighbors) -> Floats:
    """Variance of each non-member's outcome around what is expected of their like, shape (others,)."""
    beside = near.kneighbors(n_neighbors=1, return_distance=False)[:, 0]
    return np.asarray((outcome - outcome[beside]) ** 2 / 2)
