"""Whether as many units are in each arm as were meant to be: where not, nothing else of an experiment can be trusted.

Once, at the end, Pearson's chi-square says so (Fabijan et al., "Diagnosing sample ratio mismatch in online controlled
experiments", KDD 2019). Every night, where a p-value looked at 200 times would alarm of nothing, the Bayes factor of
Dirichlet-multinomial against the shares that were meant does: its inverse is above a level's odds ever only as often as the
level says, however often it is looked at (Lindon and Malek, "Anytime-valid inference for multinomial count data", NeurIPS
2022). Units are households at first sight, counted once.
"""

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from models.ground.errors import BadInput

# How sure we are that a lot that fails, fails by little: shares are expected within some 3 % of themselves where a tenth
# is held out. The value that Lindon and Malek's own implementation (ssrm-test) has.
CONCENTRATION = 10_000.0


def ratio_p_value(counts: npt.ArrayLike, shares: npt.ArrayLike) -> float:
    """How often a lot of these shares gives counts as far off; looked at once.

    Args:
        counts: shape (arms,), units drawn into each.
        shares: shape (arms,), as they were meant, sum 1.

    Raises:
        BadInput: shares are no shares of the same arms.

    """
    found, meant = _checked(np.asarray(counts, dtype=np.float64)[None, :], shares)
    whole = float(found.sum())
    return float(stats.chisquare(found[0], meant * whole).pvalue) if whole else 1.0


def ratio_p_values(
    counts: npt.ArrayLike, shares: npt.ArrayLike, concentration: float = CONCENTRATION
) -> npt.NDArray[np.float64]:
    """The same at every look, valid at all of them together, shape (looks,); never rises again.

    Args:
        counts: shape (looks, arms), units drawn so far; each look knows those of the one before.
        shares: shape (arms,), as they were meant, sum 1.
        concentration: of the Dirichlet around these shares.

    Raises:
        BadInput: shares are no shares of the same arms, or counts fall.

    """
    found, meant = _checked(np.asarray(counts, dtype=np.float64), shares)
    if (np.diff(found, axis=0) < 0).any():
        raise BadInput("expected counts of units drawn so far, which never fall; got smaller ones later")
    prior = concentration * meant
    log_factor = (
        special.gammaln(concentration)
        - special.gammaln(concentration + found.sum(axis=1))
        + (special.gammaln(prior + found) - special.gammaln(prior) - found * np.log(meant)).sum(axis=1)
    )
    return np.minimum.accumulate(np.exp(-np.maximum(log_factor, 0.0)))


def _checked(
    counts: npt.NDArray[np.float64], shares: npt.ArrayLike
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    meant = np.asarray(shares, dtype=np.float64)
    if counts.shape[1] != len(meant) or (meant <= 0).any() or abs(meant.sum() - 1) > 1e-9:  # noqa: PLR2004
        raise BadInput(
            f"expected a share above 0 for each of {counts.shape[1]} arms, together 1, got {meant.tolist()}"
        )
    return counts, meant
