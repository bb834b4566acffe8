"""The vocabulary: every table's columns, dtypes and units, in one place.

Input tables are what a shop gives us; stored tables are what `models.sources` makes of them; output tables
are what the night, the exports and the benchmarks write. Frames are checked once at the edge and trusted
after it. SQL types are DuckDB's. Units stand in the names: `_minor` whole minor currency units, `_bp` basis
points, `_milli` thousandths of a piece or kilogram, `_days` local days, `p_` a probability.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column: its name, DuckDB type, whether a table without it is refused, and what it means."""

    name: str
    sql_type: str
    meaning: str
    required: bool = True


@dataclass(frozen=True)
class Table:
    """A table's name and columns, in the order in which they are written."""

    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All column names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns without which the table is refused."""
        return tuple(column.name for column in self.columns if column.required)


PURCHASES = Table(
    "purchases",
    (
        Column("customer_id", "VARCHAR", "who bought"),
        Column("basket_id", "VARCHAR", "one visit to a till"),
        Column("line_no", "BIGINT", "line of the basket; with basket_id it must be unique", required=False),
        Column("purchased_at", "TIMESTAMPTZ", "moment of the purchase"),
        Column("product_id", "VARCHAR", "what was bought"),
        Column("quantity_milli", "BIGINT", "thousandths of the unit; negative for a return"),
        Column("unit", "VARCHAR", "piece or kg", required=False),
        Column("paid", "DECIMAL(18,4)", "money received for the line, as tables.toml declares it"),
        Column("discount", "DECIMAL(18,4)", "discount given on the line, zero or positive", required=False),
        Column("store_id", "VARCHAR", "where", required=False),
    ),
)
PRODUCTS = Table(
    "products",
    (
        Column("product_id", "VARCHAR", "unique"),
        Column("name", "VARCHAR", "as a customer would read it"),
        Column("family_1", "VARCHAR", "coarsest family", required=False),
        Column("family_2", "VARCHAR", "finer", required=False),
        Column("family_3", "VARCHAR", "finer", required=False),
        Column("family_4", "VARCHAR", "finest", required=False),
        Column("brand", "VARCHAR", "brand", required=False),
        Column("price", "DECIMAL(18,4)", "current price of one unit", required=False),
        Column("cost", "DECIMAL(18,4)", "current cost of one unit", required=False),
        Column("introduced_on", "DATE", "first day on sale", required=False),
        Column("stock", "BIGINT", "units in stock", required=False),
        Column("flags", "VARCHAR", "`;`-separated, see PRODUCT_FLAGS", required=False),
    ),
)
CUSTOMERS = Table(
    "customers",
    (
        Column("customer_id", "VARCHAR", "unique"),
        Column("joined_on", "DATE", "day of joining", required=False),
        Column("birth_date", "DATE", "for age checks", required=False),
        Column("consent", "BOOLEAN", "agreed to personal offers", required=False),
        Column("open_complaint", "BOOLEAN", "a complaint is open", required=False),
        Column("household_id", "VARCHAR", "household", required=False),
        Column(
            "merged_into", "VARCHAR", "the customer to whom this one's purchases now belong", required=False
        ),
    ),
)
ANSWERS = Table(
    "answers",
    (
        Column("customer_id", "VARCHAR", "who answered"),
        Column("answered_at", "TIMESTAMPTZ", "when"),
        Column("kind", "VARCHAR", "nps or csi"),
        Column("score", "BIGINT", "the answer"),
    ),
)
INPUT_TABLES = (PURCHASES, PRODUCTS, CUSTOMERS, ANSWERS)
FAMILY_LEVELS = ("family_1", "family_2", "family_3", "family_4")
PRODUCT_FLAGS = (
    "alcohol",
    "tobacco",
    "fuel",
    "coupon",
    "partner",
    "own_brand",
    "not_offered",
    "delisted",
)
# Sold once and no more: its lines count as any other's, but it is never an item.
DELISTED = "delisted"
# A line with one of these flags is not a visit's eligible line, and its product is never an item.
NOT_MERCHANDISE_FLAGS = ("fuel", "coupon", "not_offered")

STORED_PURCHASES = Table(
    "purchases/bucket=NNNN.parquet",
    (
        Column("customer_no", "INTEGER", "row of the customer in the bucket's customers file"),
        Column("product_no", "INTEGER", "row of the product in products.parquet"),
        Column("basket_id", "VARCHAR", "one visit to a till"),
        Column("line_no", "BIGINT", "line of the basket, or null"),
        Column("purchased_at", "TIMESTAMPTZ", "moment of the purchase, UTC"),
        Column("local_day", "DATE", "day of the purchase in the shop's time zone"),
        Column("quantity_milli", "BIGINT", "thousandths of the unit; negative for a return"),
        Column("unit", "VARCHAR", "piece or kg"),
        Column("paid_minor", "BIGINT", "money received for the line"),
        Column("discount_minor", "BIGINT", "discount given on the line"),
        Column("store_id", "VARCHAR", "where, or null"),
    ),
)
STORED_PRODUCTS = Table(
    "products.parquet",
    (
        Column("product_no", "INTEGER", "0, 1, ... in the order of product_id"),
        Column("product_id", "VARCHAR", "as the shop names it"),
        Column("name", "VARCHAR", "as a customer would read it"),
        *(Column(level, "VARCHAR", "family, or null") for level in FAMILY_LEVELS),
        Column("brand", "VARCHAR", "brand, or null"),
        Column("price_minor", "BIGINT", "price of one unit, or null"),
        Column("cost_minor", "BIGINT", "cost of one unit, or null"),
        Column("introduced_on", "DATE", "first day on sale, or null"),
        Column("stock", "BIGINT", "units in stock, or null"),
        Column("flags", "VARCHAR", "`;`-separated, empty where there is none"),
        Column("merchandise", "BOOLEAN", "none of NOT_MERCHANDISE_FLAGS"),
    ),
)
STORED_CUSTOMERS = Table(
    "customers/bucket=NNNN.parquet",
    (
        Column("customer_no", "INTEGER", "0, 1, ... in the order of customer_id within the bucket"),
        Column("customer_id", "VARCHAR", "as the shop names it"),
        Column("joined_on", "DATE", "day of joining, or null"),
        Column("birth_date", "DATE", "or null"),
        Column("consent", "BOOLEAN", "or null where the shop did not say"),
        Column("open_complaint", "BOOLEAN", "or null"),
        Column("household_id", "VARCHAR", "or null"),
        Column("listed", "BOOLEAN", "stands in the shop's customers table, rather than only in purchases"),
    ),
)
STORED_CARDS = Table(
    "cards.parquet",
    (
        Column("customer_id", "VARCHAR", "a customer who was merged into another one"),
        Column("owner_id", "VARCHAR", "to whom his purchases belong now"),
    ),
)

OFFERS = Table(
    "offers",
    (
        Column("customer_id", "VARCHAR", "whose"),
        Column("bundle_id", "VARCHAR", "which bundle"),
        Column("item_id", "VARCHAR", "a product_id, or a family's name"),
        Column("kind", "VARCHAR", "preferred, novelty or cold_start"),
        Column("discount_bp", "INTEGER", "depth in basis points"),
        Column("price_minor", "BIGINT", "price of one unit; null for a family"),
        Column("valid_from", "TIMESTAMPTZ", "first moment"),
        Column("valid_to", "TIMESTAMPTZ", "first moment after the end"),
        Column("p_buy", "DOUBLE", "P(customer buys the item within the window)"),
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
        Column("customer_id", "VARCHAR", "whose"),
        Column("bundle_id", "VARCHAR", "which bundle"),
        Column("offer_id", "VARCHAR", "which offer"),
        Column("slot", "BIGINT", "place in the bundle, 0 is first"),
        Column("item_id", "VARCHAR", "a product_id, or a family's name"),
        Column("name", "VARCHAR", "as the customer reads it"),
        Column("kind", "VARCHAR", "preferred, novelty or cold_start"),
        Column("discount_bp", "BIGINT", "depth in basis points"),
        Column("price_minor", "BIGINT", "price of one unit; null for a family"),
        Column("offer_price_minor", "BIGINT", "price of one unit with the offer; null for a family"),
        Column("max_units", "BIGINT", "units that get the discount"),
        Column("propensity", "DOUBLE", "P(this depth | this item) under the policy"),
        Column("p_buy", "DOUBLE", "P(customer buys the item within the window)"),
        Column("expected_units", "DOUBLE", "units bought if bought, at most max_units"),
        Column("expected_cost_milli", "BIGINT", "thousandths: p_buy x expected units x discount of one unit"),
        Column("margin_assumed", "BOOLEAN", "the margin floor rests on the programme's assumed margin"),
        Column("value", "DOUBLE", "what the policy expects of the offer, in the policy's unit"),
        Column("value_parts", "VARCHAR", "JSON: the policy's named parts of the value"),
        Column("depth_cap_bp", "BIGINT", "deepest depth that the budget's price left open to the customer"),
        Column("budget_price", "DOUBLE", "value that a minor unit of expected discount had to bring"),
        Column("reason", "VARCHAR", "reason code"),
        Column("reason_number", "BIGINT", "the reason's number: days, times or customers, as the code says"),
        Column("reason_family", "VARCHAR", "the item's finest family, or empty"),
        Column("reason_text", "VARCHAR", "the customer's sentence"),
        Column("reason_analyst", "VARCHAR", "the analyst's sentence"),
        Column("considered_own_history", "BIGINT", "the customer's candidates from his own purchases"),
        Column(
            "considered_family", "BIGINT", "those from his families; a candidate may have several sources"
        ),
        Column("considered_popular", "BIGINT", "those from the shop's most bought"),
        Column("considered_neighbour", "BIGINT", "those that customers who shop like him buy"),
        Column("considered_follow_up", "BIGINT", "those that are bought next time after what he buys"),
        Column("considered_rising", "BIGINT", "those that the shop sells more of than usual this week"),
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
        Column("customer_id", "VARCHAR", "whose; a random name once he was erased"),
        Column("redeemed_at", "TIMESTAMPTZ", "our clock"),
        Column("store_id", "VARCHAR", "where, or null"),
        Column("line_id", "VARCHAR", "as the till names the line"),
        Column("product_id", "VARCHAR", "what was bought"),
        Column("offer_id", "VARCHAR", "the offer, or the favourite"),
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
        Column("customer_id", "VARCHAR", "whose; a random name once he was erased"),
        Column("item_id", "VARCHAR", "a product_id"),
        Column("discount_bp", "BIGINT", "depth in basis points"),
        Column("price_minor", "BIGINT", "of one unit when it was chosen; or null"),
        Column("arm", "VARCHAR", "treated, or holdout where the holdout does not cover favourites"),
        Column(
            "expected_cost_milli", "BIGINT", "thousandths of a minor unit, in the favourite's budget line"
        ),
        Column("chosen_at", "TIMESTAMPTZ", "our clock"),
        Column("effective_from", "TIMESTAMPTZ", "first moment"),
        Column("valid_to", "TIMESTAMPTZ", "first moment after the end; earlier where it was replaced"),
    ),
)
EVENT_LOG = Table(
    "events",
    (
        Column("event_id", "VARCHAR", "unique"),
        Column("kind", "VARCHAR", "shown, opened, activated, favourite_chosen, reserved, redeemed, ..."),
        Column("at", "TIMESTAMPTZ", "our clock, when it reached us"),
        Column("told_at", "TIMESTAMPTZ", "the phone's clock, for what the app told; or null"),
        Column("customer_id", "VARCHAR", "whose; null once he was erased"),
        Column("run_id", "VARCHAR", "the night, or null"),
        Column("bundle_id", "VARCHAR", "the bundle, or null"),
        Column("offer_id", "VARCHAR", "the offer, or null"),
        Column("item_id", "VARCHAR", "its item, or null"),
        Column("details", "VARCHAR", "JSON object"),
    ),
)
AUDIT_LOG = Table(
    "audit",
    (
        Column("at", "TIMESTAMPTZ", "the real clock"),
        Column("actor", "VARCHAR", "id of a server key, or the command that an operator ran"),
        Column("action", "VARCHAR", "what was written"),
        Column("customer_id", "VARCHAR", "for whom, or null; a random name once he was erased"),
        Column("subject", "VARCHAR", "what was written: an offer, a redemption, a key; or null"),
        Column("request_id", "VARCHAR", "as the log and the answer have it"),
    ),
)
_LEAVING = (
    Column("p_churn_long", "DOUBLE", "the same for the version's longest horizon: 56 days as shipped"),
    Column(
        "p_partial", "DOUBLE", "P(spend in the churn horizon below half of the own rate); null where unknown"
    ),
    Column(
        "churn_reasons", "VARCHAR", "why he may be leaving, in words, `; ` between; null below p_churn 0.3"
    ),
)
OUTCOMES = Table(
    "outcomes",
    (
        Column("run_id", "VARCHAR", "the night"),
        Column("customer_id", "VARCHAR", "who"),
        Column("arm", "VARCHAR", "holdout or treated"),
        Column("outcome", "VARCHAR", "bundle, or why there is none"),
        Column("bundle_id", "VARCHAR", "the bundle, or null"),
        Column("p_churn", "DOUBLE", "P(silent for the churn horizon): 28 days as shipped"),
        *_LEAVING,
        Column("next_visit", "DATE", "expected next visit, local day; null where unknown"),
        Column("considered_own_history", "BIGINT", "candidates from the customer's own purchases"),
        Column("considered_family", "BIGINT", "candidates from his families"),
        Column("considered_popular", "BIGINT", "candidates from the shop's most bought"),
    ),
)
STANDINGS = Table(
    "people",
    (
        Column("customer_id", "VARCHAR", "who; everybody known, also who never bought"),
        Column("arm", "VARCHAR", "holdout or treated"),
        Column("ladder", "VARCHAR", "the rung, see `models.loyalty.Rung`"),
        Column("loyalty", "VARCHAR", "true, latent, spurious or none; null without a purchase"),
        Column("loyalty_answered", "BOOLEAN", "an NPS or CSI answer decided the kind of loyalty"),
        Column("visits", "BIGINT", "days with a purchase; null without one, like all that follows"),
        Column("visits_in_period", "BIGINT", "those of the current period of the programme's [loyalty]"),
        Column("days_since_visit", "BIGINT", "local days since the last one"),
        Column("visit_gap_days", "DOUBLE", "the customer's own cycle, shrunk towards the shop's"),
        Column("deal_share_bp", "BIGINT", "of the period's buys, those with a discount"),
        Column("discount_share_bp", "BIGINT", "the period's discount over undiscounted price"),
        Column("discount_share_before_bp", "BIGINT", "the same of the period before"),
        Column("margin_minor", "BIGINT", "the period's margin after discounts"),
        Column("margin_assumed", "BOOLEAN", "some margin rests on the programme's assumed margins"),
        Column("at_a_loss", "BOOLEAN", "served at a loss in the period"),
        Column("deal_only", "BOOLEAN", "buys next to nothing without a discount"),
        Column("at_height", "BOOLEAN", "at the height of his consumption"),
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
            "p_churn",
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
        Column("customer_id", "VARCHAR", "who is late by his own cycle"),
        Column("last_visit", "VARCHAR", "local day"),
        Column("usual_gap_days", "DOUBLE", "his usual gap between visits"),
        Column("silent_days", "BIGINT", "days since the last visit"),
        Column("times_usual", "DOUBLE", "silence in usual gaps: it explains, it does not rank"),
        Column("p_stays_away", "DOUBLE", "P(no visit in the next horizon_days days), calibrated"),
        Column("horizon_days", "BIGINT", "length of that horizon"),
        Column("back_from", "VARCHAR", "day by which 10 % of such customers are back, if they return"),
        Column("back_to", "VARCHAR", "day by which 90 % are"),
        Column("due_items", "VARCHAR", "JSON: names of his regular items that are due, most bought first"),
        Column("spend_at_stake_minor", "BIGINT", "what he would spend in stake_days days at his rate"),
        Column(
            "margin_at_stake_minor", "BIGINT", "its margin: from cost, or by the programme's assumed margin"
        ),
        Column("expected_loss_minor", "BIGINT", "p_stays_away x margin_at_stake_minor"),
        Column("stake_days", "BIGINT", "days over which it is counted"),
        Column("margin_assumed_share", "DOUBLE", "share of the spend whose margin is assumed"),
        Column("reasons", "VARCHAR", "why he may be leaving, in words"),
        Column("open_complaint", "BOOLEAN", "by the customers table, or by a contact that is not settled"),
        Column("last_contact", "VARCHAR", "what the latest contact found out, or null"),
    ),
)
BUNDLE_PREDICTIONS = Table(
    "bench bundles",
    (
        Column("customer_id", "VARCHAR", "who"),
        Column("item_id", "VARCHAR", "a product_id, or a family's name"),
        Column("rank", "INTEGER", "1 is best"),
        Column("p_buy", "DOUBLE", "P(customer buys the item within the window)"),
    ),
)
NOVELTY_PREDICTIONS = Table(
    "bench novelties",
    (
        Column("customer_id", "VARCHAR", "who"),
        Column("item_id", "VARCHAR", "a product_id, or a family's name, that he has never bought"),
        Column("rank", "INTEGER", "1 is best"),
        Column("p_buy", "DOUBLE", "P(customer buys the item within the window)"),
        Column("p_repeat", "DOUBLE", "P(bought again | tried), over all customers; null where unknown"),
    ),
)
CHURN_PREDICTIONS = Table(
    "bench churn",
    (
        Column("customer_id", "VARCHAR", "who"),
        Column("p_churn", "DOUBLE", "P(silent for the horizon)"),
    ),
)
NEXT_BASKET_PREDICTIONS = Table(
    "bench next-basket",
    (
        Column("customer_id", "VARCHAR", "who, in the type in which the history names him"),
        Column("product_id", "VARCHAR", "what, likewise"),
        Column("rank", "INTEGER", "1 is best"),
        Column("score", "DOUBLE", "P(the next basket holds it); 0 for best sellers that fill the list"),
    ),
)
