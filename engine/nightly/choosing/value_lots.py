"""Who is exposed tonight by the policy `value`, and which plans lots force (docs/policy.md)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from engine.domain.arms import salt_of
from engine.nightly.choosing.offer_options import Context
from engine.nightly.choosing.plan_policy import BEST, LaidOut
from models.response.exposure import MOST_SHARE, Exposure, LearningState, uniforms

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ValueLots:
    """Who is exposed and which plans lots force; as in `Weighed`."""

    lot: npt.NDArray[np.int64]
    plan_share: Doubles
    exposed: npt.NDArray[np.bool_]
    p_exposed: Doubles

    @classmethod
    def draw(
        cls,
        context: Context,
        laid_out: Mapping[str, LaidOut],
        value: Doubles,
        deviation: Doubles,
        exposure: Exposure,
        learning: npt.NDArray[np.bool_],
        *,
        assurance: float,
        hope: float,
    ) -> "ValueLots":
        """Expose by lot; who pays surely by how sure that is, the others by the share for learning.

        Args:
            context, laid_out, value, deviation, exposure, assurance, hope: tonight's.
            learning: (L,) plans among which lots draw.
        """
        n = len(value)
        exists = np.column_stack([plan.exists for plan in laid_out.values()])
        ids = [str(one) for one in context.customer_id]
        chance = np.where(exists, norm.cdf(value / np.maximum(deviation, 1e-9)), 0.0).max(axis=1, initial=0.0)
        lower = np.where(exists, value - assurance * deviation, -np.inf).max(axis=1, initial=-np.inf)
        pays = lower > 0
        drawn = np.flatnonzero(learning)
        lot = (
            drawn[(uniforms(ids, _salt(context, exposure, "plans")) * len(drawn)).astype(np.int64)]
            if n
            else np.zeros(0, int)
        )
        rows = np.arange(n)
        hoped = exists[rows, lot] & ((value + hope * deviation)[rows, lot] > 0)
        sure = np.clip(2 * chance - 1, 0.0, MOST_SHARE)
        # What surely pays is not taken away again where the sum for learning is spent: only harm that is likely ends it.
        share = np.where(pays, np.maximum(sure, exposure.share), np.where(hoped, exposure.share, 0.0))
        if exposure.state is LearningState.STOPPED:
            share = np.where(pays, share, 0.0)
        forced = ~pays & hoped
        return cls(
            lot=np.where(forced, lot, BEST).astype(np.int64),
            plan_share=np.where(forced[:, None] & learning, 1 / len(drawn), 0.0),
            exposed=uniforms(ids, _salt(context, exposure, "exposure")) < share,
            p_exposed=share,
        )


def _salt(context: Context, exposure: Exposure, purpose: str) -> bytes:
    """The salt of a lot: of the programme's own words for it, else of its seed."""
    return salt_of(exposure.salt or context.seed, purpose)
