"""Where every known customer of a bucket stands: ladder, loyalty, habits and worth, one row a customer.

Everybody has a row, also who was not seen for long and who never bought: what is not known of them is missing there.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.customers.lifetime import LifetimeModel, visit_history
from models.customers.loyalty import (
    LoyaltyRules,
    at_height,
    deal_only,
    deal_share_bp,
    discount_share_bp,
    loyalty_types,
    reward_alarm,
    rung_of_buyers,
    rung_of_others,
    served_at_a_loss,
)
from models.customers.rhythm import Rhythm
from models.features.feature_matrix import FeatureMatrix
from models.features.habits import Margins
from models.ground.moment import Moment
from models.tables import CUSTOMER_ID, CUSTOMER_NO

NPS, CSI = "nps", "csi"


@dataclass(frozen=True)
class LifecycleRules:
    """What it takes to say where a customer stands.

    Attributes:
        loyalty: the owner's thresholds.
        margins: what the items earn.
        answers: customer_id, answered_at, kind, score and maybe parameter of the shop's surveys; None where there are none.
    """

    loyalty: LoyaltyRules
    margins: Margins
    answers: pd.DataFrame | None


def last_answers(answers: pd.DataFrame) -> pd.DataFrame:
    """Of a customer's answers of a kind, and on a parameter where the shop asks by parameter, the last one."""
    of_one = [CUSTOMER_ID, "kind", *(["parameter"] if "parameter" in answers else [])]
    ordered = answers.sort_values(["answered_at", "score"], kind="stable")
    return ordered.drop_duplicates(of_one, keep="last")


def latest_answers(answers: pd.DataFrame | None, moment: Moment, days: int) -> pd.DataFrame:
    """Each customer's last NPS and CSI before the moment and no older than `days`: index customer_id, nps, csi.

    Where they have scored several parameters, their CSI is the mean of the last answers on each.
    """
    if answers is None:
        return pd.DataFrame({NPS: pd.Series(dtype="float64"), CSI: pd.Series(dtype="float64")})
    before = answers["answered_at"] < moment.as_of
    fresh = answers["answered_at"] >= pd.Timestamp(moment.as_of) - pd.Timedelta(days=days)
    table = last_answers(answers[before & fresh]).pivot_table(
        index=CUSTOMER_ID, columns="kind", values="score"
    )
    return table.reindex(columns=[NPS, CSI]).astype("float64")


def lifecycle(
    people: pd.DataFrame,
    customers: FeatureMatrix,
    habits: pd.DataFrame,
    rhythm: Rhythm,
    lifetime: LifetimeModel | None,
    rules: LifecycleRules,
    moment: Moment,
) -> pd.DataFrame:
    """One row for each of `people`, in their order.

    Args:
        people: the bucket's stored customers: customer_no, customer_id, joined_on, consent, open_complaint, listed.
        customers: features of those with a visit.
        habits: `read_habits` of the same.
        rhythm: the shop's cycles.
        lifetime: what predicts worth; None where the shop is too small to learn it.
        rules: thresholds, margins and answers.
        moment: up to which history is known.

    Returns:
        customer_no, customer_id, and the columns of `models.tables.CUSTOMER_SCORES` that do not need the programme's
        arms or tonight's candidates.
    """
    answered = latest_answers(rules.answers, moment, rules.loyalty.answer_days)
    said = people[[CUSTOMER_NO, CUSTOMER_ID]].merge(
        answered, left_on=CUSTOMER_ID, right_index=True, how="left"
    )
    buyers = (
        customers.keys[[CUSTOMER_NO]]
        .assign(
            visits=customers.column("visits").astype(np.float64),
            days_since_visit=customers.column("days_since_visit").astype(np.float64),
            visit_gap_days=rhythm.visit_gap_days(customers),
        )
        .merge(habits, on=CUSTOMER_NO, how="left", validate="one_to_one")
        .merge(said[[CUSTOMER_NO, NPS, CSI]], on=CUSTOMER_NO, how="left", validate="one_to_one")
    )
    known = _of_buyers(buyers, rules.loyalty)
    if lifetime is not None:
        known = pd.concat([known, _worth(customers, buyers, lifetime)], axis=1)
    everybody = people[[CUSTOMER_NO, CUSTOMER_ID]].merge(known, on=CUSTOMER_NO, how="left")
    never = everybody["ladder"].isna().to_numpy()
    everybody.loc[never, "ladder"] = rung_of_others(_others(people[never], moment), rules.loyalty)
    flags = ["at_a_loss", "deal_only", "at_height", "reward_alarm", "loyalty_answered"]
    return everybody.assign(**{flag: everybody[flag].eq(True).to_numpy() for flag in flags})


def _of_buyers(buyers: pd.DataFrame, rules: LoyaltyRules) -> pd.DataFrame:
    kinds, answered = loyalty_types(buyers, rules)
    own = [CUSTOMER_NO, "visits", "visits_in_period", "days_since_visit", "visit_gap_days", "margin_minor"]
    paid, before = (
        discount_share_bp(
            buyers[f"paid_minor{of}"].to_numpy(np.float64), buyers[f"discount_minor{of}"].to_numpy(np.float64)
        )
        for of in ("", "_before")
    )
    return buyers[own].assign(
        ladder=rung_of_buyers(buyers, rules),
        loyalty=kinds,
        loyalty_answered=answered,
        deal_share_bp=deal_share_bp(buyers),
        discount_share_bp=paid,
        discount_share_before_bp=before,
        margin_assumed=~buyers["cost_known"].eq(True),
        at_a_loss=served_at_a_loss(buyers, rules),
        deal_only=deal_only(buyers, rules),
        at_height=at_height(buyers, rules),
        reward_alarm=reward_alarm(buyers, rules),
    )


def _worth(customers: FeatureMatrix, buyers: pd.DataFrame, lifetime: LifetimeModel) -> pd.DataFrame:
    """Expected visits, money and margin; a customer's money earns what all their purchases so far have earned."""
    outlook = lifetime.predict(
        visit_history(customers), customers.column("basket_minor").astype(np.float64), lifetime.horizon_days
    )
    paid = buyers["paid_minor_ever"].to_numpy(np.float64)
    rate = buyers["margin_minor_ever"].to_numpy(np.float64) / np.where(paid > 0, paid, np.nan)
    # someone who is paid to buy loses more the more they buy, so the ends of their interval change places
    ends = np.sort(np.stack([rate * outlook.spend_low_minor, rate * outlook.spend_high_minor]), axis=0)
    return pd.DataFrame(
        {
            "value_days": np.full(len(paid), lifetime.horizon_days, dtype=np.float64),
            "value_visits": outlook.visits,
            "value_visits_low": outlook.visits_low,
            "value_visits_high": outlook.visits_high,
            "value_spend_minor": outlook.spend_minor,
            "value_spend_low_minor": outlook.spend_low_minor,
            "value_spend_high_minor": outlook.spend_high_minor,
            "value_margin_minor": rate * outlook.spend_minor,
            "value_margin_low_minor": ends[0],
            "value_margin_high_minor": ends[1],
        }
    )


def _others(people: pd.DataFrame, moment: Moment) -> pd.DataFrame:
    joined = (pd.Timestamp(moment.day) - pd.to_datetime(people["joined_on"])).dt.days
    consent = people["consent"].astype("boolean")  # missing where the shop did not say
    return pd.DataFrame(
        {
            "refused": (~consent).fillna(value=False).to_numpy(np.bool_),
            "agreed": consent.fillna(value=False).to_numpy(np.bool_),
            "joined_days_ago": joined.to_numpy(np.float64, na_value=np.nan),
        }
    )
