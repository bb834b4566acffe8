"""Experiments, the holdout among them, and in which arm each customer has been since first sight.

    experiments 1--n assignments
                1--n foreign_offers

An experiment that has begun is never rewritten, only ended. An assignment stands: what happens to its customer later
(a merged card) is written beside it, in `crossed`. Foreign offers are another engine's, to customers of the arm that it
serves: imported, counted in a report, and seen by no till of ours.
"""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from engine.store.schema.column_types import Key, metadata
from engine.store.schema.customer_data import CUSTOMER, Erasure, Lasts, cleared, of_customer, of_nobody

experiments = Table(
    "experiments",
    metadata,
    Column("experiment_no", Integer, primary_key=True, autoincrement=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("layer", String(32), nullable=False),  # those of one layer share no customers
    Column("drawn_by", String(16), nullable=False),  # customer or household: what is drawn as one
    Column("salt", Text, nullable=False),  # the words it stands for
    Column("definition", Text, nullable=False),  # JSON
    Column("started_us", BigInteger, nullable=False),
    Column("stopped_us", BigInteger),
    Column("stopped_because", Text),
    info=of_nobody("what is tried", lasts=Lasts.FOR_GOOD),
)

assignments = Table(
    "assignments",
    metadata,
    Column("assignment_no", Key, primary_key=True, autoincrement=True),
    Column("experiment_no", Integer, ForeignKey("experiments.experiment_no"), nullable=False),
    Column("customer_id", Text, info=CUSTOMER),  # null once erased: the arm had so many customers
    Column("unit_id", Text, info=cleared()),  # under which name they were drawn
    Column("arm", String(32), nullable=False),
    Column("seen_us", BigInteger, nullable=False),  # the night's cut, or the day's clock
    Column(
        "crossed", String(16)
    ),  # merged: a card of another arm became theirs; other_engine: left to one later
    UniqueConstraint("customer_id", "experiment_no"),
    info=of_customer(erased=Erasure.COUNTED, lasts=Lasts.FOR_GOOD),
)

foreign_offers = Table(
    "foreign_offers",
    metadata,
    Column("foreign_offer_no", Key, primary_key=True, autoincrement=True),
    Column("experiment_no", Integer, ForeignKey("experiments.experiment_no"), nullable=False),
    Column("customer_id", Text, nullable=False, info=CUSTOMER),
    Column("product_id", Text, nullable=False),
    Column("discount_bp", Integer, nullable=False),
    Column("valid_from_us", BigInteger, nullable=False),
    Column("valid_to_us", BigInteger, nullable=False),
    Column("shown", Boolean),  # null: nobody told
    Column("used", Boolean),
    UniqueConstraint(
        "customer_id", "experiment_no", "product_id", "valid_from_us", name="uq_foreign_offers_once"
    ),
    info=of_customer(erased=Erasure.REMOVED, lasts=Lasts.FOR_GOOD),
)
