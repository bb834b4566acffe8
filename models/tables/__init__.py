"""The vocabulary: every table's columns, dtypes and units, in one place.

Input tables are what a shop gives us; stored tables are what `models.sources` makes of them; output tables
are what the night, the exports and the benchmarks write. Frames are checked once at the edge and trusted
after it. SQL types are DuckDB's. Units stand in the names: `_minor` whole minor currency units, `_bp` basis
points, `_milli` thousandths of a piece or kilogram, `_days` local days, `p_` a probability.

Imports `ground` only. Read `column` and `column_names` first; then `input_tables` and `stored_tables`,
`customer_tables` and `log_tables`, `prediction_tables`; `row_checks` says what makes a row bad and in which words,
`typed_frames` gives a frame its table's types, `table_files` writes a table for others.
"""

from models.tables.column import Column, Table
from models.tables.column_names import (
    BASKET_ID,
    BUNDLE_ID,
    COST_MINOR,
    CUSTOMER_ID,
    CUSTOMER_NO,
    EXPECTED_COST_MILLI,
    EXPECTED_UNITS,
    ITEM_ID,
    ITEM_NO,
    OFFER_ID,
    P_BUY,
    P_CHURN,
    P_REPEAT,
    PRICE_MINOR,
    PRODUCT_ID,
    PRODUCT_NO,
    VAT_BP,
)
from models.tables.customer_tables import CUSTOMER_SCORES, OUTCOMES, OVERDUE, STANDINGS
from models.tables.input_tables import (
    ANSWERS,
    CUSTOMERS,
    DELISTED,
    FAMILY_LEVELS,
    INPUT_TABLES,
    LEAST_VAT_BP,
    MOST_VAT_BP,
    NOT_MERCHANDISE_FLAGS,
    PRODUCT_FLAGS,
    PRODUCTS,
    PROMOTIONS,
    PURCHASES,
    SHOWN_OF_PRODUCTS,
)
from models.tables.log_tables import (
    AUDIT_LOG,
    EVENT_LOG,
    FAVOURITE_LOG,
    LOG,
    OFFERS,
    REDEMPTION_LOG,
    SHADOW_LOG,
    SLOT_LOG,
)
from models.tables.prediction_tables import (
    BUNDLE_PREDICTIONS,
    CHURN_PREDICTIONS,
    NEXT_BASKET_PREDICTIONS,
    NOVELTY_PREDICTIONS,
)
from models.tables.stored_tables import (
    STORED_CARDS,
    STORED_CUSTOMERS,
    STORED_PRODUCTS,
    STORED_PROMOTIONS,
    STORED_PURCHASES,
    STORED_VAT,
)

__all__ = [
    "ANSWERS",
    "AUDIT_LOG",
    "BASKET_ID",
    "BUNDLE_ID",
    "BUNDLE_PREDICTIONS",
    "CHURN_PREDICTIONS",
    "COST_MINOR",
    "CUSTOMERS",
    "CUSTOMER_ID",
    "CUSTOMER_NO",
    "CUSTOMER_SCORES",
    "DELISTED",
    "EVENT_LOG",
    "EXPECTED_COST_MILLI",
    "EXPECTED_UNITS",
    "FAMILY_LEVELS",
    "FAVOURITE_LOG",
    "INPUT_TABLES",
    "ITEM_ID",
    "ITEM_NO",
    "LEAST_VAT_BP",
    "LOG",
    "MOST_VAT_BP",
    "NEXT_BASKET_PREDICTIONS",
    "NOT_MERCHANDISE_FLAGS",
    "NOVELTY_PREDICTIONS",
    "OFFERS",
    "OFFER_ID",
    "OUTCOMES",
    "OVERDUE",
    "PRICE_MINOR",
    "PRODUCTS",
    "PRODUCT_FLAGS",
    "PRODUCT_ID",
    "PRODUCT_NO",
    "PROMOTIONS",
    "PURCHASES",
    "P_BUY",
    "P_CHURN",
    "P_REPEAT",
    "REDEMPTION_LOG",
    "SHADOW_LOG",
    "SHOWN_OF_PRODUCTS",
    "SLOT_LOG",
    "STANDINGS",
    "STORED_CARDS",
    "STORED_CUSTOMERS",
    "STORED_PRODUCTS",
    "STORED_PROMOTIONS",
    "STORED_PURCHASES",
    "STORED_VAT",
    "VAT_BP",
    "Column",
    "Table",
]
