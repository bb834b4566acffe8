"""What a night says of each customer."""

from models.tables.column import Column, Table
from models.tables.column_names import BUNDLE_ID, CUSTOMER_ID, P_CHURN

_LEAVING = (
    Column("p_churn_long", "DOUBLE", "the same for the version's longest horizon: 56 days as shipped"),
    Column(
        "p_partial", "DOUBLE", "P(spend in the churn horizon below half of the own rate); null where unknown"
    ),
    Column(
        "churn_reasons", "VARCHAR", "why they may be leaving, in words, `; ` between; null below p_churn 0.3"
    ),
)
OUTCOMES = Table(
    "outcomes",
    (
        Column("run_id", "VARCHAR", "the night"),
        Column(CUSTOMER_ID, "VARCHAR", "who"),
        Column("arm", "VARCHAR", "holdout or treated"),
        Column("outcome", "VARCHAR", "bundle, or why there is none"),
        Column(BUNDLE_ID, "VARCHAR", "the bundle, or null"),
        Column(
            "exposed",
            "BOOLEAN",
            "among those who get offers, holdout aside; false for who could have none anyway",
        ),
        Column("p_exposed", "DOUBLE", "P(exposed); null for who could have none anyway, like all of plans"),
        Column(
            "plan",
            "VARCHAR",
            "the policy's plan that the budget leaves them, logged only if held out or not exposed; or none",
        ),
        Column("plan_value", "DOUBLE", "what the policy expects of it, in its unit; 0 for none"),
        Column("p_plan", "DOUBLE", "P(this plan, or none | exposed) at the budget's price"),
        Column(P_CHURN, "DOUBLE", "P(silent for the churn horizon): 28 days as shipped"),
        *_LEAVING,
        Column("next_visit", "DATE", "expected next visit, local day; null where unknown"),
        Column("considered_own_history", "BIGINT", "candidates from the customer's own purchases"),
        Column("considered_family", "BIGINT", "candidates from their families"),
        Column("considered_popular", "BIGINT", "candidates from the shop's most bought"),
        Column("considered_neighbour", "BIGINT", "candidates that customers who shop like them buy"),
        Column("considered_follow_up", "BIGINT", "candidates bought next time after what they buy"),
        Column("considered_rising", "BIGINT", "candidates the shop sells more of than usual this week"),
        Column("considered_launched", "BIGINT", "candidates new on the shelf in families that they buy"),
    ),
)
STANDINGS = Table(
    "people",
    (
        Column(CUSTOMER_ID, "VARCHAR", "who; everybody known, also who never bought"),
        Column("arm", "VARCHAR", "holdout or treated"),
        Column("ladder", "VARCHAR", "the rung, see `models.customers.loyalty.Rung`"),
        Column("loyalty", "VARCHAR", "true, latent, spurious or none; null without a purchase"),
        Column("loyalty_answered", "BOOLEAN", "an NPS or CSI answer decided the kind of loyalty"),
        Column("visits", "BIGINT", "days with a purchase; null without one, like all that follows"),
        Column("visits_in_period", "BIGINT", "those of the current period of the programme's [loyalty]"),
        Column("days_since_visit", "BIGINT", "local days since the last one"),
        Column("visit_gap_days", "DOUBLE", "the customer's own cycle, shrunk towards the shop's"),
        Column("deal_share_bp", "BIGINT", "of the period's buys, those with a discount"),
        Column("discount_share_bp", "BIGINT", "the period's discount over undiscounted price"),
        Column("discount_share_before_bp", "BIGINT", "the same of the period before"),
        Column("margin_minor", "BIGINT", "the period's margin after discounts, net of VAT where declared"),
        Column("margin_assumed", "BOOLEAN", "some margin rests on the programme's assumed margins"),
        Column("at_a_loss", "BOOLEAN", "served at a loss in the period"),
        Column("deal_only", "BOOLEAN", "buys next to nothing without a discount"),
        Column("at_height", "BOOLEAN", "at the height of their consumption"),
        Column("reward_alarm", "BOOLEAN", "rewards are replacing habit"),
        Column("value_days", "BIGINT", "horizon of the expectations that follow"),
        Column("value_visits", "DOUBLE", "expected visits"),
        Column("value_visits_low", "BIGINT", "eight in ten customers' visits are from here ..."),
        Column("value_visits_high", "BIGINT", "... to here, ends included"),
        Column("value_spend_minor", "BIGINT", "expected money at the prices paid"),
        Column("value_spend_low_minor", "BIGINT", "the same interval"),
        Column("value_spend_high_minor", "BIGINT", "its upper end"),
        Column("value_margin_minor", "BIGINT", "expected margin; margin_assumed says whether of known costs"),
        Column("value_margin_low_minor", "BIGINT", "the same interval"),
        Column("value_margin_high_minor", "BIGINT", "its upper end"),
    ),
)
CUSTOMER_SCORES = Table(
    "customers",
    (
        *STANDINGS.columns[:2],
        Column(
            P_CHURN,
            "DOUBLE",
            "P(silent for the churn horizon); null, like all of OUTCOMES, for who was not scored",
        ),
        *_LEAVING,
        Column("next_visit", "DATE", "expected next visit, local day; null for who was not scored"),
        *STANDINGS.columns[2:],
        Column("about", "VARCHAR", "the analyst's sentence about the customer"),
    ),
)
OVERDUE = Table(
    "overdue",
    (
        Column(CUSTOMER_ID, "VARCHAR", "who is late by their own cycle"),
        Column("last_visit", "VARCHAR", "local day"),
        Column("usual_gap_days", "DOUBLE", "their usual gap between visits"),
        Column("silent_days", "BIGINT", "days since the last visit"),
        Column("times_usual", "DOUBLE", "silence in usual gaps: it explains, it does not rank"),
        Column("p_stays_away", "DOUBLE", "P(no visit in the next horizon_days days), calibrated"),
        Column("horizon_days", "BIGINT", "length of that horizon"),
        Column("back_from", "VARCHAR", "day by which 10 % of such customers are back, if they return"),
        Column("back_to", "VARCHAR", "day by which 90 % are"),
        Column("due_items", "VARCHAR", "JSON: names of their regular items that are due, most bought first"),
        Column("spend_at_stake_minor", "BIGINT", "what they would spend in stake_days days at their rate"),
        Column(
            "margin_at_stake_minor",
            "BIGINT",
            "its margin, net of VAT where declared: from cost, or by the programme's assumed margin",
        ),
        Column("expected_loss_minor", "BIGINT", "p_stays_away x margin_at_stake_minor"),
        Column("stake_days", "BIGINT", "days over which it is counted"),
        Column("margin_assumed_share", "DOUBLE", "share of the spend whose margin is assumed"),
        Column("reasons", "VARCHAR", "why they may be leaving, in words"),
        Column("open_complaint", "BOOLEAN", "by the customers table, or by a contact that is not settled"),
        Column("last_contact", "VARCHAR", "what the latest contact found out, or null"),
    ),
)
