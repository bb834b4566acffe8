"""Who is exposed tonight by the policy `value`, and which plans lots force (docs/policy.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from engine.domain.arms import salt_of
from engine.nightly.choosing.offer_options import Context
from engine.nightly.choosing.plan_policy import BEST, LaidOut
from models.response.exposure import Exposure, uniforms
from models.response.visit_effects import KINDS

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
        hoped: Doubles,
        kind_of: Sequence[int],
        *,
        assurance: float,
    ) -> "ValueLots":
        """Expose by lot; who pays surely by how sure that is, the others by the share for learning of their lot's kind.

        Args:
            context, laid_out, value, deviation, exposure, assurance: tonight's.
            hoped: (n, L) what plans would be worth, were their kind of saving as good as may be hoped.
            kind_of: (L,) place of each plan's kind in KINDS; -1 for plans that no lot forces.
        """
        n, kinds = len(value), np.array(kind_of)
        exists = np.column_stack([plan.exists for plan in laid_out.values()])
        ids = [str(one) for one in context.customer_id]
        chance = np.where(exists, norm.cdf(value / np.maximum(deviation, 1e-9)), 0.0).max(axis=1, initial=0.0)
        lower = np.where(exists, value - assurance * deviation, -np.inf).max(axis=1, initial=-np.inf)
        pays = lower > 0
        rows = np.arange(n)
        best = np.stack(
            [np.where(exists & (kinds == kind), hoped, -np.inf).argmax(axis=1) for kind in range(len(KINDS))]
        )
        drawn = (uniforms(ids, _salt(context, exposure, "plans")) * len(KINDS)).astype(np.int64)
        lot = best[drawn, rows]
        worth_trying = exists[rows, lot] & (hoped[rows, lot] > 0)
        learning = np.where(worth_trying, np.array(exposure.shares)[drawn], 0.0)
        sure = np.clip(2 * chance - 1, 0.0, exposure.most)
        # What surely pays is not taken away again where the sum for learning is spent: only harm that is likely ends it.
        share = np.where(pays, np.maximum(sure, learning), learning)
        forced = ~pays & worth_trying
        plan_share = np.zeros(value.shape)
        for choice in best:
            plan_share[rows, choice] += 1 / len(KINDS)
        return cls(
            lot=np.where(forced, lot, BEST).astype(np.int64),
            plan_share=np.where(forced[:, None], plan_share, 0.0),
            exposed=_turned(uniforms(ids, _salt(context, exposure, "exposure")), share, pays, exposure)
            < share,
            p_exposed=share,
        )


def _turned(lots: Doubles, share: Doubles, pays: npt.NDArray[np.bool_], exposure: Exposure) -> Doubles:
    """Lots moved on by the unexposed share with each turn: at a share of half or more whoever went without comes first."""
    return np.where(pays, (lots + exposure.turns * (1 - share)) % 1.0, lots)


def _salt(context: Context, exposure: Exposure, purpose: str) -> bytes:
    """The salt of a lot: of the programme's own words for it, else of its seed."""
    return salt_of(exposure.salt or context.seed, purpose)
