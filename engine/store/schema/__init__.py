"""The tables, once, for SQLite and PostgreSQL, one module for each area.

    column_types        what all share: metadata, keys, moments
    customer_data       whose rows a table holds: what export, erasure and retention go by
    night_tables        runs, bundles, offers, views
    pool_tables         offers of which customers draw what counts for a day, and what they drew
    product_tables      the rules and products that a night publishes for the day
    favourite_tables    the product a customer picks
    checkout_tables     sessions, reservations, redemptions
    measurement_tables  what was measured of each period and segment
    access_tables       keys, remembered answers, the audit trail, events
    console_tables      who may use the console, who is signed in, wrong passwords
    contact_tables      what contacts with customers found out
    card_tables         cards that were merged into customers
    recall_tables       products withdrawn from all offers, and times without any
    funding_tables      what suppliers pay of discounts
    grant_tables        money given to customers, and what became of it
    stock_tables        what the day is told of stock, and what stands in for what is sold out
    household_tables    who shares a bundle
    experiment_tables   experiments, the holdout among them, and who is in which arm, and the offers of another engine

Imports `models.ground`. Moments are whole microseconds since 1970-01-01 UTC (columns end in `_us`): one exact integer in
every database. Money is whole minor units, expected cost thousandths of one, quantities and units thousandths.
"""

from engine.store.schema import (
    access_tables,
    card_tables,
    checkout_tables,
    console_tables,
    contact_tables,
    experiment_tables,
    favourite_tables,
    funding_tables,
    grant_tables,
    household_tables,
    measurement_tables,
    pool_tables,
    product_tables,
    recall_tables,
    stock_tables,
)
from engine.store.schema.column_types import Key, metadata, moment, moment_us
from engine.store.schema.night_tables import (
    BUNDLES_PER_RUN,
    PUBLISHED,
    STAGED,
    SUPERSEDED,
    UNNAMED,
    WITHDRAWN,
    bundles,
    counts,
    of_programme,
    of_run,
    offer_counts,
    offers,
    runs,
    stays,
    views,
)

# The revision in migrations/versions that these tables describe; a test compares both.
SCHEMA_VERSION = "0020"

__all__ = [
    "BUNDLES_PER_RUN",
    "PUBLISHED",
    "SCHEMA_VERSION",
    "STAGED",
    "SUPERSEDED",
    "UNNAMED",
    "WITHDRAWN",
    "Key",
    "access_tables",
    "bundles",
    "card_tables",
    "checkout_tables",
    "console_tables",
    "contact_tables",
    "counts",
    "experiment_tables",
    "favourite_tables",
    "funding_tables",
    "grant_tables",
    "household_tables",
    "measurement_tables",
    "metadata",
    "moment",
    "moment_us",
    "of_programme",
    "of_run",
    "offer_counts",
    "offers",
    "pool_tables",
    "product_tables",
    "recall_tables",
    "runs",
    "stays",
    "stock_tables",
    "views",
]
