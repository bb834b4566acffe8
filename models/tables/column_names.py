"""Names of columns that code on frames shares: keys, probabilities, moneys and amounts.

SQL, JSON and the store's schema write the same names out: there they are part of another language. So are words
that mean something else in every table (`kind`, `name`, `rank`, `value`).
"""

CUSTOMER_ID = "customer_id"  # as the shop names the customer
CUSTOMER_NO = "customer_no"  # row in the bucket's customers file
PRODUCT_ID = "product_id"
PRODUCT_NO = "product_no"  # row in products.parquet
ITEM_ID = "item_id"  # what is offered: a product_id, or a family's name
ITEM_NO = "item_no"  # row in the catalogue's items
BASKET_ID = "basket_id"
BUNDLE_ID = "bundle_id"
OFFER_ID = "offer_id"
P_BUY = "p_buy"
P_REPEAT = "p_repeat"
P_CHURN = "p_churn"
PRICE_MINOR = "price_minor"
COST_MINOR = "cost_minor"
VAT_BP = "vat_bp"  # a rate of VAT on what is net of it
EXPECTED_UNITS = "expected_units"
EXPECTED_COST_MILLI = "expected_cost_milli"
