"""The tables, once, for SQLite and PostgreSQL, one module for each area.

    columns      what all share: metadata, keys, moments
    customers    how a table says whose rows it holds, and what an erasure does with them
    nights       runs, bundles, offers, views
    shelf        the rules and products that a night publishes for the day
    favourites   the product a customer picks himself
    checkout     sessions, reservations, redemptions
    measurement  what was measured of each period and segment
    access       keys, remembered answers, the audit trail, events
    contacts     what contacts with customers found out

Moments are whole microseconds since 1970-01-01 UTC (columns end in `_us`): one exact integer in every
database. Money is whole minor units, expected cost thousandths of one, quantities and units thousandths.
"""

from engine.store.schema import access, checkout, contacts, favourites, measurement, shelf
from engine.store.schema.columns import Key, metadata, moment, moment_us
from engine.store.schema.nights import (
    BUNDLES_PER_RUN,
    PUBLISHED,
    STAGED,
    SUPERSEDED,
    WITHDRAWN,
    bundles,
    counts,
    of_run,
    offer_counts,
    offers,
    runs,
    stays,
    views,
)

# The revision in migrations/versions that these tables describe; a test compares both.
SCHEMA_VERSION = "0007"

__all__ = [
    "BUNDLES_PER_RUN",
    "PUBLISHED",
    "SCHEMA_VERSION",
    "STAGED",
    "SUPERSEDED",
    "WITHDRAWN",
    "Key",
    "access",
    "bundles",
    "checkout",
    "contacts",
    "counts",
    "favourites",
    "measurement",
    "metadata",
    "moment",
    "moment_us",
    "of_run",
    "offer_counts",
    "offers",
    "runs",
    "shelf",
    "stays",
    "views",
]
