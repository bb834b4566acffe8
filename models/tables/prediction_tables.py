"""What `abonement-train bench` writes for others to score."""

from models.tables.column import Column, Table

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
