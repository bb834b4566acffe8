"""What `abonement-train bench` writes for others to score."""

from models.tables.column import Column, Table
from models.tables.column_names import CUSTOMER_ID, ITEM_ID, P_BUY, P_CHURN, P_REPEAT, PRODUCT_ID

BUNDLE_PREDICTIONS = Table(
    "bench bundles",
    (
        Column(CUSTOMER_ID, "VARCHAR", "who"),
        Column(ITEM_ID, "VARCHAR", "a product_id, or a family's name"),
        Column("rank", "INTEGER", "1 is best"),
        Column(P_BUY, "DOUBLE", "P(customer buys the item within the window)"),
    ),
)
NOVELTY_PREDICTIONS = Table(
    "bench novelties",
    (
        Column(CUSTOMER_ID, "VARCHAR", "who"),
        Column(ITEM_ID, "VARCHAR", "a product_id, or a family's name, that they have never bought"),
        Column("rank", "INTEGER", "1 is best"),
        Column(P_BUY, "DOUBLE", "P(customer buys the item within the window)"),
        Column(P_REPEAT, "DOUBLE", "P(bought again | tried), over all customers; null where unknown"),
    ),
)
CHURN_PREDICTIONS = Table(
    "bench churn",
    (
        Column(CUSTOMER_ID, "VARCHAR", "who"),
        Column(P_CHURN, "DOUBLE", "P(silent for the horizon)"),
    ),
)
NEXT_BASKET_PREDICTIONS = Table(
    "bench next-basket",
    (
        Column(CUSTOMER_ID, "VARCHAR", "who, in the type in which the history names them"),
        Column(PRODUCT_ID, "VARCHAR", "what, likewise"),
        Column("rank", "INTEGER", "1 is best"),
        Column("score", "DOUBLE", "P(the next basket holds it); 0 for best sellers that fill the list"),
    ),
)
