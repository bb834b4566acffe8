"""What logged nights can say of another policy: refused where they say nothing, before anything is computed.

A policy's value is found from what another policy gave by weighing each bundle by how much likelier the new policy would
have given it. That needs three things: the log must have been able to show what the new policy would show; the propensities
in it must be those that were in force on that night, for a policy that learns changes its shares; and what it would show
must have been shown often enough.
"""

import numpy as np
import numpy.typing as npt
from scipy import stats

from models.effects.drawn_arms import summed
from models.ground.errors import BadInput

Floats = npt.NDArray[np.float64]

LEAST_REACHABLE = 0.99  # of the policy's bundles: what lies beyond biases the value by at most its share
LEAST_EFFECTIVE = 100.0  # customers: below it the normal law of the errors is no good guide
_WRONG = 1e-3  # how often propensities that were kept well are called wrong, all nights and slots together
_ROUNDING = 1e-9
_JUDGED = 30.0  # effective rows of a night below which its weights are too skew to be judged


def ratios(target: npt.ArrayLike, logged: npt.ArrayLike) -> Floats:
    """How much likelier the new policy is to give what was given, shape (rows, slots).

    Args:
        target: shape (rows,) for whole plans or (rows, slots), the new policy's probability of what was given; 1 in a
            slot that is empty under both.
        logged: same shape, the probability with which it was given that night, given all that was known then.

    Raises:
        BadInput: shapes differ, or a probability is none.

    """
    new, old = (np.asarray(one, dtype=np.float64) for one in (target, logged))
    if new.shape != old.shape or new.ndim not in (1, 2):
        raise BadInput(
            f"expected both policies' probabilities of the same bundles, got shapes {new.shape} and {old.shape}"
        )
    if not ((new >= 0) & (new <= 1)).all() or not ((old > 0) & (old <= 1)).all():
        raise BadInput(
            "expected probabilities within [0, 1], logged ones above 0; what was given cannot have had none"
        )
    return (new / old).reshape(len(new), -1)


def require_support(reachable: npt.ArrayLike) -> None:
    """Refuse a policy that would give what the logged nights could never have given.

    Persistent lots with fixed items support the plans that were drawn, and no single slot: there the new policy's item has
    no probability but in a lot that held it.

    Args:
        reachable: shape (rows,) or (rows, slots), the new policy's probability, all together, of what had a logged
            propensity above 0.

    Raises:
        BadInput: in some slot less than LEAST_REACHABLE of it.

    """
    share = np.asarray(reachable, dtype=np.float64)
    share = share.reshape(len(share), -1).mean(axis=0) if len(share) else np.zeros(1)
    if share.min() < LEAST_REACHABLE:
        raise BadInput(
            f"expected logged nights that could have shown at least {LEAST_REACHABLE:.0%} of what the policy would show, "
            f"got {share.min():.1%} in slot {int(share.argmin()) + 1}; explore more, or value whole plans that were drawn"
        )


def require_kept_propensities(ratio: Floats, night: npt.ArrayLike, customer: npt.ArrayLike) -> None:
    """Refuse propensities that were not those in force: on every night, weights are 1 on average.

    A policy that learns moves its shares from night to night. Whoever divides by their average instead mixes the nights'
    seasons into the value; the average weight of all nights is 1 then too, that of single nights is not.

    Args:
        ratio: shape (rows, slots), of `ratios`.
        night: shape (rows,), any ids.
        customer: shape (rows,), any ids.

    Raises:
        BadInput: a night's mean weight in a slot is away from 1 by more than chance.

    """
    nights, number = np.unique(np.asarray(night), return_inverse=True)
    who = np.unique(np.asarray(customer), return_inverse=True)[1]
    # Each slot, and all of a bundle together: a learner moves its shares in all slots at once.
    off = np.column_stack([ratio, ratio.mean(axis=1)]) - 1.0
    names = [*(f"slot {slot + 1}" for slot in range(ratio.shape[1])), "all slots"]
    found = [
        (far, name, slot)
        for at, name in enumerate([f"night {one}" for one in nights] + ["all nights"])
        for far, slot in zip(
            _away_from_nothing(off[number == at], who[number == at])
            if at < len(nights)
            else _away_from_nothing(off, who),
            names,
            strict=True,
        )
    ]
    far, name, slot = max(found)
    if far > float(stats.norm.isf(_WRONG / (2 * len(found)))):
        raise BadInput(
            f"expected weights of mean 1 on every night, those of {name} in {slot} are {far:.1f} standard errors away; "
            "divide by the propensities that were logged that night, not by an average or a plan"
        )


def effective_customers(ratio: Floats, customer: npt.ArrayLike) -> Floats:
    """How many equally weighted customers the rows are worth in each slot, shape (slots,) (Kish 1965).

    Raises:
        BadInput: fewer than LEAST_EFFECTIVE in some slot.

    """
    sums = summed(ratio, np.unique(np.asarray(customer), return_inverse=True)[1])
    square = (sums**2).sum(axis=0)
    worth = np.asarray(np.where(square > 0, sums.sum(axis=0) ** 2 / np.where(square > 0, square, 1.0), 0.0))
    if not len(ratio) or worth.min() < LEAST_EFFECTIVE:
        fewest = float(worth.min()) if len(ratio) else 0.0
        raise BadInput(
            f"expected nights worth at least {LEAST_EFFECTIVE:.0f} customers in every slot, got {fewest:.0f} of {len(sums)}; "
            "log more nights, or explore nearer to the policy"
        )
    return worth


def _away_from_nothing(off: Floats, who: npt.NDArray[np.int64]) -> list[float]:
    """How many standard errors the mean of each column is away from 0; 0 where too few rows weigh much to tell."""
    sums = summed(off, who)
    error = np.sqrt(((sums - sums.mean(axis=0)) ** 2).sum(axis=0))
    away = np.abs(sums.sum(axis=0))
    away[away < _ROUNDING * len(off)] = 0.0
    weight = off + 1.0
    judged = weight.sum(axis=0) ** 2 >= _JUDGED * (weight**2).sum(axis=0)
    return [float(one) for one in np.where(judged, away / np.maximum(error, _ROUNDING), 0.0)]
