"""Input tables: what a shop gives us."""

from models.tables.column import Column, Table
from models.tables.column_names import BASKET_ID, CUSTOMER_ID, PRODUCT_ID, VAT_BP

PURCHASES = Table(
    "purchases",
    (
        Column(CUSTOMER_ID, "VARCHAR", "who bought"),
        Column(BASKET_ID, "VARCHAR", "number of the receipt, which a store uses once a day"),
        Column(
            "line_no", "BIGINT", "line of the receipt, which a sale and its return may share", required=False
        ),
        Column("purchased_at", "TIMESTAMPTZ", "moment of the purchase"),
        Column(PRODUCT_ID, "VARCHAR", "what was bought"),
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
        Column(PRODUCT_ID, "VARCHAR", "unique"),
        Column("name", "VARCHAR", "as a customer would read it"),
        Column("family_1", "VARCHAR", "coarsest family", required=False),
        Column("family_2", "VARCHAR", "finer", required=False),
        Column("family_3", "VARCHAR", "finer", required=False),
        Column("family_4", "VARCHAR", "finest", required=False),
        Column("brand", "VARCHAR", "brand", required=False),
        Column("price", "DECIMAL(18,4)", "current price of one unit", required=False),
        Column("cost", "DECIMAL(18,4)", "current cost of one unit", required=False),
        Column("unit", "VARCHAR", "what price and cost are of: piece or kg", required=False),
        Column("barcode", "VARCHAR", "as a scanner reads it, for the app", required=False),
        Column("image", "VARCHAR", "address of a picture, for the app", required=False),
        Column("introduced_on", "DATE", "first day on sale", required=False),
        Column("stock", "BIGINT", "units in stock", required=False),
        Column("flags", "VARCHAR", "`;`-separated, see PRODUCT_FLAGS", required=False),
        Column(VAT_BP, "BIGINT", "rate of VAT, read where tables.toml declares [vat]", required=False),
    ),
)
CUSTOMERS = Table(
    "customers",
    (
        Column(CUSTOMER_ID, "VARCHAR", "unique"),
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
        Column(CUSTOMER_ID, "VARCHAR", "who answered"),
        Column("answered_at", "TIMESTAMPTZ", "when"),
        Column("kind", "VARCHAR", "nps or csi"),
        Column("score", "BIGINT", "the answer"),
        Column("parameter", "VARCHAR", "what a csi answer is about: freshness, staff, ...", required=False),
    ),
)
PROMOTIONS = Table(
    "promotions",
    (
        Column(PRODUCT_ID, "VARCHAR", "what is promoted for everybody"),
        Column("store_id", "VARCHAR", "where, as purchases name it; empty for every store", required=False),
        Column("starts_on", "DATE", "first day"),
        Column("ends_on", "DATE", "last day"),
        Column("price", "DECIMAL(18,4)", "promoted price of one unit", required=False),
        Column("discount", "DECIMAL(18,4)", "in place of it: off the price of one unit", required=False),
        Column("mailer", "BOOLEAN", "shown in the mailer; empty is no", required=False),
        Column("display", "BOOLEAN", "on a display of its own; empty is no", required=False),
    ),
)
FUNDINGS = Table(
    "fundings",
    (
        Column("funder", "VARCHAR", "the supplier who pays a part"),
        Column("agreement", "VARCHAR", "its number; rows of one agreement share its budget"),
        Column(PRODUCT_ID, "VARCHAR", "whose discounts, or ...", required=False),
        Column("family", "VARCHAR", "... of which family, of any level", required=False),
        Column("starts_on", "DATE", "first day"),
        Column("ends_on", "DATE", "last day"),
        Column("funded_bp", "BIGINT", "part of the discount that the funder pays"),
        Column("budget", "DECIMAL(18,4)", "what the funder pays at most under the agreement"),
        Column("unit_cap", "DECIMAL(18,4)", "what they pay at most of one unit's discount", required=False),
    ),
)
# A file that bears no name of ours is the first table that it fits: a funding has all that a promotion needs.
INPUT_TABLES = (PURCHASES, PRODUCTS, CUSTOMERS, ANSWERS, FUNDINGS, PROMOTIONS)
LONGEST_NAME = 64  # characters: a funder or an agreement heads a line of a claim
LONGEST_PARAMETER = 64  # characters: a name that heads a line of a report
# What an app shows of a product beside its name and price; nothing else reads it.
SHOWN_OF_PRODUCTS = ("unit", "barcode", "image")
# What a rate of VAT other than none can be: no country has more than a half or less than a hundredth, and 19 is 19 %
# written otherwise.
LEAST_VAT_BP, MOST_VAT_BP = 100, 5000
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
# Set by the load on what looks like no merchandise, until the shop says what it is: it makes a visit and is never an item.
UNCONFIRMED = "unconfirmed"
# A line with one of these flags is not a visit's eligible line, and its product is never an item.
NOT_MERCHANDISE_FLAGS = ("fuel", "coupon", "not_offered")
