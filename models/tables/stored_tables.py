"""Stored tables: what `models.sources` makes of the input."""

from models.tables.column import Column, Table
from models.tables.column_names import (
    BASKET_ID,
    COST_MINOR,
    CUSTOMER_ID,
    CUSTOMER_NO,
    PRICE_MINOR,
    PRODUCT_ID,
    PRODUCT_NO,
    VAT_BP,
)
from models.tables.input_tables import FAMILY_LEVELS, SHOWN_OF_PRODUCTS

STORED_PURCHASES = Table(
    "purchases/bucket=NNNN.parquet",
    (
        Column(CUSTOMER_NO, "INTEGER", "row of the customer in the bucket's customers file"),
        Column(PRODUCT_NO, "INTEGER", "row of the product in products.parquet"),
        Column(BASKET_ID, "VARCHAR", "number of the receipt, which a store uses once a day"),
        Column("line_no", "BIGINT", "line of the basket, or null"),
        Column("purchased_at", "TIMESTAMPTZ", "moment of the purchase, UTC"),
        Column("local_day", "DATE", "day of business of the receipt's first line, in the shop's time zone"),
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
        Column(PRODUCT_NO, "INTEGER", "0, 1, ... in the order of product_id"),
        Column(PRODUCT_ID, "VARCHAR", "as the shop names it"),
        Column("name", "VARCHAR", "as a customer would read it"),
        *(Column(level, "VARCHAR", "family, or null") for level in FAMILY_LEVELS),
        Column("brand", "VARCHAR", "brand, or null"),
        Column(PRICE_MINOR, "BIGINT", "price of one unit, or null"),
        Column(COST_MINOR, "BIGINT", "cost of one unit, or null"),
        *(Column(name, "VARCHAR", "for the app, or null") for name in SHOWN_OF_PRODUCTS),
        Column("introduced_on", "DATE", "first day on sale, or null"),
        Column("stock", "BIGINT", "units in stock, or null"),
        Column("flags", "VARCHAR", "`;`-separated, empty where there is none"),
        Column("merchandise", "BOOLEAN", "none of NOT_MERCHANDISE_FLAGS"),
    ),
)
# More columns of products.parquet, only where tables.toml declares [vat]: without them no tax is known.
STORED_VAT = (
    Column(VAT_BP, "BIGINT", "rate as the shop's row says it, or null"),
    Column("price_vat_bp", "BIGINT", "rate of the VAT that prices and what is paid include; 0 where none"),
    Column("cost_vat_bp", "BIGINT", "rate of the VAT that the cost includes; 0 where none"),
)
STORED_CUSTOMERS = Table(
    "customers/bucket=NNNN.parquet",
    (
        Column(CUSTOMER_NO, "INTEGER", "0, 1, ... in the order of customer_id within the bucket"),
        Column(CUSTOMER_ID, "VARCHAR", "as the shop names it"),
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
        Column(CUSTOMER_ID, "VARCHAR", "a customer who was merged into another one"),
        Column("owner_id", "VARCHAR", "to whom their purchases belong now"),
        Column("consent", "BOOLEAN", "what their own row said, or null"),
    ),
)
STORED_FUNDINGS = Table(
    "fundings.parquet",
    (
        Column("funder", "VARCHAR", "the supplier who pays a part"),
        Column("agreement", "VARCHAR", "whose rows share a budget"),
        Column(PRODUCT_ID, "VARCHAR", "whose discounts, or null where a family is named"),
        Column("family", "VARCHAR", "of which family, of any level, or null"),
        Column("starts_on", "DATE", "first day"),
        Column("ends_on", "DATE", "last day"),
        Column("funded_bp", "BIGINT", "part of the discount that the funder pays"),
        Column("budget_minor", "BIGINT", "what the funder pays at most, all rows of the agreement together"),
        Column("unit_cap_minor", "BIGINT", "what they pay at most of one unit's discount, or null"),
    ),
)
STORED_PROMOTIONS = Table(
    "promotions.parquet",
    (
        Column(PRODUCT_NO, "INTEGER", "row of the product in products.parquet"),
        Column("store_id", "VARCHAR", "where, or null for every store"),
        Column("starts_on", "DATE", "first day, past or planned"),
        Column("ends_on", "DATE", "last day"),
        Column(PRICE_MINOR, "BIGINT", "promoted price of one unit, or null"),
        Column("discount_minor", "BIGINT", "off the price of one unit, or null"),
        Column("mailer", "BOOLEAN", "shown in the mailer"),
        Column("display", "BOOLEAN", "on a display of its own"),
    ),
)
