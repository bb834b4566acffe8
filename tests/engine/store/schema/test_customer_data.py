"""Every table says whose rows it holds, so that none is forgotten when a customer asks or leaves."""

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, Text

from engine.store.schema import metadata
from engine.store.schema.customer_data import (
    CUSTOMER,
    Erasure,
    Lasts,
    forgotten,
    of_customer,
    of_nobody,
    part_of,
)


def test_no_table_is_forgotten() -> None:
    assert forgotten(metadata) == []


def a_table(*columns: Column[object], info: dict[object, object] | None = None) -> MetaData:
    """A schema in which `bundles` is a customer's and one more table was added."""
    schema = MetaData()
    key = Column("bundle_no", Integer, primary_key=True)
    kept = of_customer(erased=Erasure.RENAMED, lasts=Lasts.FOR_GOOD)
    Table("bundles", schema, key, Column("customer_id", Text, info=CUSTOMER), info=kept)
    Table("grants", schema, Column("grant_no", Integer, primary_key=True), *columns, info=info)
    return schema


NOBODY = of_nobody("what is granted at all", lasts=Lasts.FOR_GOOD)


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (a_table(), "grants says nothing of whose rows it holds"),
        (a_table(Column("customer_id", Text), info=NOBODY), "grants.customer_id is not marked as CUSTOMER"),
        (a_table(Column("household", Text), info=NOBODY), "grants.household is not marked as CUSTOMER"),
        (
            a_table(Column("customer_id", Text, info=CUSTOMER), info=NOBODY),
            "grants is of nobody and names customers",
        ),
        (
            a_table(Column("bundle_no", ForeignKey("bundles.bundle_no")), info=NOBODY),
            "grants is of nobody and refers to bundles, which is of customers",
        ),
        (
            a_table(info=of_customer(erased=Erasure.REMOVED, lasts=Lasts.FOR_GOOD)),
            "grants is of customers and no column names them",
        ),
        (a_table(info=part_of("bundles")), "grants is part of bundles and has not one foreign key to it"),
    ],
)
def test_a_table_that_was_forgotten_is_named(schema: MetaData, said: str) -> None:
    assert forgotten(schema) == [said]
