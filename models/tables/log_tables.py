"""The log of nights and days: what was offered, what came of it, and who did what."""

from models.tables.column import Column, Table
from models.tables.column_names import (
    BUNDLE_ID,
    CUSTOMER_ID,
    EXPECTED_COST_MILLI,
    EXPECTED_UNITS,
    ITEM_ID,
    OFFER_ID,
    P_BUY,
    PRICE_MINOR,
    PRODUCT_ID,
)

# An empty file in the folder of a run that is the published one of its night; others were never served, or no more.
SERVED_MARK = "served"
# In the folder of a run that was replaced by another attempt for its night: whose bundle of it stayed, because they had touched it.
KEPT_FILE = "kept.parquet"

OFFERS = Table(
    "offers",
    (
        Column(CUSTOMER_ID, "VARCHAR", "whose"),
        Column(BUNDLE_ID, "VARCHAR", "which bundle"),
        Column(ITEM_ID, "VARCHAR", "a product_id, or a family's name"),
        Column("name", "VARCHAR", "as the customer reads it"),
        Column("kind", "VARCHAR", "preferred, novelty or cold_start"),
        Column("discount_bp", "INTEGER", "depth in basis points"),
        Column(PRICE_MINOR, "BIGINT", "price of one unit; null for a family"),
        Column("valid_from", "TIMESTAMPTZ", "first moment"),
        Column("valid_to", "TIMESTAMPTZ", "first moment after the end"),
        Column(P_BUY, "DOUBLE", "P(customer buys the item within the window)"),
        Column("arm", "VARCHAR", "treated (holdout customers have no offers)"),
        Column("propensity", "DOUBLE", "P(this depth | this item) under the policy"),
        Column("reason", "VARCHAR", "reason code"),
        Column("run_id", "VARCHAR", "the night that made it"),
    ),
)
SLOT_LOG = Table(
    "slots",
    (
        Column("run_id", "VARCHAR", "the night that made it"),
        Column(CUSTOMER_ID, "VARCHAR", "whose"),
        Column(BUNDLE_ID, "VARCHAR", "which bundle"),
        Column(OFFER_ID, "VARCHAR", "which offer"),
        Column("slot", "BIGINT", "place in the bundle, 0 is first"),
        Column(ITEM_ID, "VARCHAR", "a product_id, or a family's name"),
        Column("name", "VARCHAR", "as the customer reads it"),
        Column("kind", "VARCHAR", "preferred, novelty or cold_start"),
        Column("discount_bp", "BIGINT", "depth in basis points"),
        Column(PRICE_MINOR, "BIGINT", "price of one unit; null for a family"),
        Column("offer_price_minor", "BIGINT", "price of one unit with the offer; null for a family"),
        Column("max_units", "BIGINT", "units that get the discount"),
        Column("propensity", "DOUBLE", "P(this depth | this item) under the policy"),
        Column(P_BUY, "DOUBLE", "P(customer buys the item within the window)"),
        Column(EXPECTED_UNITS, "DOUBLE", "units bought if bought, at most max_units"),
        Column(EXPECTED_COST_MILLI, "BIGINT", "thousandths: p_buy x expected units x discount of one unit"),
        Column("margin_assumed", "BOOLEAN", "the margin floor rests on the programme's assumed margin"),
        Column("value", "DOUBLE", "what the policy expects of the offer, in the policy's unit"),
        Column(
            "value_parts",
            "VARCHAR",
            "JSON: the policy's named parts of the value; of a policy that counts in money the slot's part of the bundle's",
        ),
        Column("plan", "VARCHAR", "the policy's plan that filled the bundle"),
        Column(
            "plan_value",
            "DOUBLE",
            "what the policy expects of the whole bundle, in its unit: money if it weighs plans",
        ),
        Column("plan_lower", "DOUBLE", "bound of that value by which the plan competed"),
        Column(
            "plan_deviation", "DOUBLE", "standard deviation of that value; null where the policy tells none"
        ),
        Column("plan_parts", "VARCHAR", "JSON: the named parts of that value"),
        Column("p_exposed", "DOUBLE", "P(the customer is among those who get offers), holdout aside"),
        Column("p_plan", "DOUBLE", "P(this plan | exposed) at the budget's price"),
        Column("p_bundle", "DOUBLE", "p_exposed x p_plan x the propensities of all its slots"),
        Column("depth_cap_bp", "BIGINT", "deepest depth that the plan could use"),
        Column("budget_price", "DOUBLE", "value that a minor unit of expected discount had to bring"),
        Column("reason", "VARCHAR", "reason code"),
        Column("reason_number", "BIGINT", "the reason's number: days, times or customers, as the code says"),
        Column("reason_family", "VARCHAR", "the item's finest family, or empty"),
        Column("reason_text", "VARCHAR", "the customer's sentence"),
        Column("reason_analyst", "VARCHAR", "the analyst's sentence"),
        Column("considered_own_history", "BIGINT", "the customer's candidates from their own purchases"),
        Column(
            "considered_family", "BIGINT", "those from their families; a candidate may have several sources"
        ),
        Column("considered_popular", "BIGINT", "those from the shop's most bought"),
        Column("considered_neighbour", "BIGINT", "those that customers who shop like them buy"),
        Column("considered_follow_up", "BIGINT", "those that are bought next time after what they buy"),
        Column("considered_rising", "BIGINT", "those that the shop sells more of than usual this week"),
        Column("considered_launched", "BIGINT", "those new on the shelf in families that they buy"),
        Column(
            "runner_up", "VARCHAR", "likeliest item left out on this side (bought before, or new); or null"
        ),
        Column("runner_up_rule", "VARCHAR", "the rule that left it out"),
        Column("valid_from", "TIMESTAMPTZ", "first moment"),
        Column("valid_to", "TIMESTAMPTZ", "first moment after the end"),
        Column("arm", "VARCHAR", "treated (holdout customers have no slots)"),
        Column("policy", "VARCHAR", "the function that valued the depths"),
        Column("model_version", "VARCHAR", "the artifact whose scores were used"),
        Column("seed", "BIGINT", "the programme's seed"),
    ),
)
# Beside SLOT_LOG, only where the shop says what suppliers pay.
FUNDED_LOG = Table(
    "funded",
    (
        Column(CUSTOMER_ID, "VARCHAR", "whose"),
        Column(BUNDLE_ID, "VARCHAR", "which bundle"),
        Column("slot", "BIGINT", "place in the bundle"),
        Column("funder", "VARCHAR", "the supplier who pays a part of the discount"),
        Column("agreement", "VARCHAR", "by which agreement"),
        Column("funded_bp", "BIGINT", "which part"),
        Column("unit_cap_minor", "BIGINT", "what they pay at most of one unit's discount; or null"),
        Column("funded_milli", "BIGINT", "what they are expected to pay, thousandths of a minor unit"),
    ),
)
_SERVED_ONLY = (BUNDLE_ID, OFFER_ID)
SHADOW_LOG = Table(
    "shadow",
    (
        *(column for column in SLOT_LOG.columns if column.name not in _SERVED_ONLY),
        Column("outcome", "VARCHAR", "why the customer did not get it: holdout or not_yet_exposed"),
    ),
)
LOG = Table(
    "log",
    (
        *SLOT_LOG.columns,
        Column("state", "VARCHAR", "offered, activated, reserved or redeemed; null once pruned or erased"),
        Column("touched_at", "TIMESTAMPTZ", "first activation by the customer, hold or redemption; or null"),
        Column("shown", "BIGINT", "times the app said it was shown"),
        Column("opened", "BIGINT", "times the app said it was opened"),
        Column("redeemed_units_milli", "BIGINT", "units that got the discount and were not taken back"),
        Column("redeemed_discount_minor", "BIGINT", "discount given for them"),
    ),
)
REDEMPTION_LOG = Table(
    "redemptions",
    (
        Column("redemption_id", "VARCHAR", "one basket"),
        Column(CUSTOMER_ID, "VARCHAR", "whose; a random name once they were erased"),
        Column("redeemed_at", "TIMESTAMPTZ", "our clock"),
        Column("store_id", "VARCHAR", "where, or null"),
        Column("line_id", "VARCHAR", "as the till names the line"),
        Column(PRODUCT_ID, "VARCHAR", "what was bought"),
        Column(OFFER_ID, "VARCHAR", "the offer, or the favourite"),
        Column("is_favourite", "BOOLEAN", "the customer's own pick, not an offer of a night"),
        Column("quantity_milli", "BIGINT", "thousandths of the unit on the line"),
        Column("units_milli", "BIGINT", "thousandths that got the discount"),
        Column("shelf_price_minor", "BIGINT", "of one unit"),
        Column("promo_discount_minor", "BIGINT", "the till's own, on the line"),
        Column("discount_bp", "BIGINT", "depth in basis points"),
        Column("discount_minor", "BIGINT", "ours, on the line"),
        Column("rolled_back", "BOOLEAN", "the goods came back"),
    ),
)
FAVOURITE_LOG = Table(
    "favourites",
    (
        Column("favourite_id", "VARCHAR", "one choice"),
        Column(CUSTOMER_ID, "VARCHAR", "whose; a random name once they were erased"),
        Column(ITEM_ID, "VARCHAR", "a product_id"),
        Column("discount_bp", "BIGINT", "depth in basis points"),
        Column(PRICE_MINOR, "BIGINT", "of one unit when it was chosen; or null"),
        Column("arm", "VARCHAR", "treated, or holdout where the holdout does not cover favourites"),
        Column(EXPECTED_COST_MILLI, "BIGINT", "thousandths of a minor unit, in the favourite's budget line"),
        Column("chosen_at", "TIMESTAMPTZ", "our clock"),
        Column("effective_from", "TIMESTAMPTZ", "first moment"),
        Column("valid_to", "TIMESTAMPTZ", "first moment after the end; earlier where it was replaced"),
    ),
)
SUBSTITUTION_LOG = Table(
    "substitutions",
    (
        Column(CUSTOMER_ID, "VARCHAR", "whose"),
        Column(BUNDLE_ID, "VARCHAR", "the bundle"),
        Column(OFFER_ID, "VARCHAR", "the offer, whose slot and discount stay"),
        Column(ITEM_ID, "VARCHAR", "the product_id that was sold out"),
        Column("substitute_id", "VARCHAR", "the product_id that stood in for it"),
        Column(PRICE_MINOR, "BIGINT", "of one unit of what stood in, as it was shown"),
        Column("discount_bp", "BIGINT", "depth in basis points"),
        Column("store_id", "VARCHAR", "where the item was said to be sold out; empty for all stores"),
        Column("ended_by", "VARCHAR", "back: the item was there again; gone: what stood in was not; or null"),
        Column("substituted_at", "TIMESTAMPTZ", "our clock"),
        Column("ended_at", "TIMESTAMPTZ", "our clock; null where it stood to the bundle's end, or stands"),
    ),
)
GRANT_LOG = Table(
    "grants",
    (
        Column("grant_id", "VARCHAR", "money that was given"),
        Column(CUSTOMER_ID, "VARCHAR", "whose; a random name once they were erased"),
        Column("kind", "VARCHAR", "compensation or thank_you"),
        Column("booking", "VARCHAR", "given, used, returned or cancelled"),
        Column("at", "TIMESTAMPTZ", "the shop's clock"),
        Column("change_minor", "BIGINT", "of its money; below 0 where it was taken"),
        Column("left_minor", "BIGINT", "of it afterwards"),
        Column("currency", "VARCHAR", "of both"),
        Column("budget_line", "VARCHAR", "of which budget it is paid"),
        Column("funder", "VARCHAR", "who pays it; null for the shop"),
        Column("given_by", "VARCHAR", "id of a server key, a command, or a night's run"),
        Column("valid_from", "TIMESTAMPTZ", "first moment"),
        Column("valid_to", "TIMESTAMPTZ", "first moment after the end"),
        Column("redemption_id", "VARCHAR", "the purchase that it paid for, or null"),
        Column("line_id", "VARCHAR", "of it, as the till names the line, or null"),
    ),
)
EVENT_LOG = Table(
    "events",
    (
        Column("event_id", "VARCHAR", "unique"),
        Column("kind", "VARCHAR", "shown, opened, activated, favourite_chosen, reserved, redeemed, ..."),
        Column("at", "TIMESTAMPTZ", "our clock, when it reached us"),
        Column("told_at", "TIMESTAMPTZ", "the phone's clock, for what the app told; or null"),
        Column(CUSTOMER_ID, "VARCHAR", "whose; null once they were erased"),
        Column("run_id", "VARCHAR", "the night, or null"),
        Column(BUNDLE_ID, "VARCHAR", "the bundle, or null"),
        Column(OFFER_ID, "VARCHAR", "the offer, or null"),
        Column(ITEM_ID, "VARCHAR", "its item, or null"),
        Column("details", "VARCHAR", "JSON object"),
    ),
)
AUDIT_LOG = Table(
    "audit",
    (
        Column("at", "TIMESTAMPTZ", "the real clock"),
        Column("actor", "VARCHAR", "id of a server key, or the command that an operator ran"),
        Column("action", "VARCHAR", "what was written"),
        Column(CUSTOMER_ID, "VARCHAR", "for whom, or null; a random name once they were erased"),
        Column("subject", "VARCHAR", "what was written: an offer, a redemption, a key; or null"),
        Column("request_id", "VARCHAR", "as the log and the answer have it"),
    ),
)
