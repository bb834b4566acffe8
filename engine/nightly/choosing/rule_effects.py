"""What the programme's [rules] take from customers, against the bundles that the same policy would make without them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.eligibility import Outcome
from engine.nightly.choosing.bundling import NO_ROW, Sizes, launch_first
from engine.nightly.choosing.offer_options import CUSTOMER_FACTS, build_options
from engine.nightly.choosing.plans import lay_out
from engine.nightly.choosing.policy import Policy
from engine.nightly.night import Night
from engine.nightly.shelf.assortment import Assortment
from engine.nightly.shelf.candidate_rule import CandidateRule
from engine.nightly.shelf.ruled_customers import AT_MOST_BP
from engine.nightly.shelf.variety import Variety
from models.response.knowledge import Knowledge
from models.tables import CUSTOMER_NO

# Without a rule (…) and with it (…_kept): uses and cost expected of a customer's bundle, and its deepest discount.
EFFECTS = ("uses", "cost_milli", "deepest_bp", "uses_kept", "cost_kept_milli", "deepest_kept_bp")
_RULED = (Outcome.RULED_OUT.value, Outcome.THANK_YOU.value)


@dataclass(frozen=True)
class RuleCase:
    """What customers are offered by, but for the rules: the arguments of `plan_bucket`."""

    night: Night
    assortment: Assortment
    rules: Sequence[CandidateRule]
    variety: Variety | None
    knowledge: Knowledge

    def effects(
        self, policy: Policy, customers: pd.DataFrame, candidates: pd.DataFrame, people: pd.DataFrame
    ) -> pd.DataFrame:
        """What each ruled customer's bundle would be at the budget's lowest price, without their rule and with it.

        Args:
            policy: what an offer, or a bundle, is worth.
            customers: as of `plan_bucket`, with at_most_bp.
            candidates: theirs, as there.
            people: the same customers as the plan has them, row by row: outcome, asked, valid_days.

        Returns:
            customer_no and EFFECTS of those who could have had a bundle tonight and are not held out; 0 where there is none.

        """
        out = people["outcome"].isin(_RULED).to_numpy()
        capped = (people["asked"] & (people["outcome"] != Outcome.HOLDOUT.value)).to_numpy(
            np.bool_
        ) & customers[AT_MOST_BP].notna().to_numpy()
        could = out | capped
        facts = customers.reindex(columns=[*CUSTOMER_FACTS, AT_MOST_BP])[could]
        who = people[could].assign(**{str(name): facts[name].to_numpy() for name in facts})
        theirs = candidates[candidates[CUSTOMER_NO].isin(who[CUSTOMER_NO])].reset_index(drop=True)
        if not len(theirs):
            return pd.DataFrame({CUSTOMER_NO: who[CUSTOMER_NO], **dict.fromkeys(EFFECTS, 0.0)})
        free = self._bundles(policy, who.drop(columns=AT_MOST_BP), theirs)
        kept = np.where(capped[could], self._bundles(policy, who, theirs), 0.0)
        return pd.DataFrame(
            {CUSTOMER_NO: who[CUSTOMER_NO].to_numpy()} | dict(zip(EFFECTS, (*free, *kept), strict=True))
        )

    def _bundles(
        self, policy: Policy, who: pd.DataFrame, candidates: pd.DataFrame
    ) -> npt.NDArray[np.float64]:
        """(3, n) uses, cost and deepest discount of the bundles that they would have, 0 without one."""
        programme = self.night.programme
        context = build_options(
            who,
            candidates,
            self.assortment,
            max_units=programme.bundle.max_units,
            seed=programme.seed,
            churn_horizon_days=programme.prediction.churn_horizon_days,
            day=self.night.days.day_of(self.night.valid_from),
            rules=self.rules,
        )
        plans = lay_out(
            policy,
            context,
            self.knowledge,
            sizes=Sizes.of(programme),
            name_no=self.assortment.name_no,
            first=launch_first(context, programme.novelty.launch_share, self.night.launch_salt),
            every_cap=False,
            limits=None
            if self.variety is None
            else self.variety.limits(who, candidates, self.assortment.item_id),
        )
        rows, depth = plans.bundles(np.where(plans.weighed.exposed, plans.taken(0), -1))
        filled = rows != NO_ROW
        return np.stack(
            [
                np.where(filled, context.p_buy[rows], 0.0).sum(axis=1),
                np.where(filled, context.expected_cost_milli[rows, depth], 0).sum(axis=1),
                np.where(filled, context.depths_bp[depth], 0).max(axis=1),
            ]
        ).astype(np.float64)


def with_effects(ruled: pd.DataFrame, effects: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Ruled customers with what their rule took: EFFECTS, missing for who could have had no bundle anyway."""
    found = pd.concat(effects).set_index(CUSTOMER_NO).reindex(columns=list(EFFECTS))
    return ruled.join(found.astype("float64"), on=CUSTOMER_NO).drop(columns=CUSTOMER_NO)
