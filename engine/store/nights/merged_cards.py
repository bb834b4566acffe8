"""A card becomes another customer's: what the store holds of it becomes theirs, so that both are one history.

Redemptions, events, contacts, favourites and grants go over, and so the caps on misuse count them together. A bundle goes over where
the customer has none of its programme at the same time and had none of the same run; otherwise theirs stays and the card's ends, so that
nobody has two. So it is with their arms: theirs stay, and that the card was in another one is written beside them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from engine.domain.customer_view import with_customer
from engine.store.access.customer_erasure import erased_among
from engine.store.database.store import Store
from engine.store.nights.assigned_arms import take_over_arms
from engine.store.schema import bundles, metadata, moment_us, runs, views
from engine.store.schema.card_tables import cards
from engine.store.schema.checkout_tables import passing_views
from engine.store.schema.contact_tables import contacts
from engine.store.schema.customer_data import Erasure, OfCustomer, names_whole, whose
from engine.store.schema.experiment_tables import assignments, foreign_offers
from engine.store.schema.favourite_tables import favourite_views, favourites, suggestions
from engine.store.schema.grant_tables import grant_views
from engine.store.schema.household_tables import sharers

# Bundles and arms have their own rule; suggestions and who shares are the night's, which makes them anew, and views are made from other rows.
_NOT_GIVEN = (assignments, bundles, cards, favourite_views, grant_views, sharers, suggestions)


def known_cards(store: Store) -> dict[str, str]:
    """Every merged card and whose it is."""
    with store.reading() as connection:
        return {row.card_id: row.customer_id for row in connection.execute(select(cards))}


def take_over_card(store: Store, card_id: str, customer_id: str, *, at: datetime) -> None:
    """Give a card, and what the store holds of it, to a customer; bundles that cannot go over end at a moment.

    Cards that were the card's before are the customer's too. Whoever is being erased is left alone.
    """
    with store.writing(customer_id) as connection:
        if erased_among(connection, {card_id, customer_id}):
            return
        _take_over_bundles(connection, card_id, customer_id, moment_us(at))
        take_over_arms(connection, card_id, customer_id)
        for made in (favourite_views, grant_views):
            connection.execute(delete(made).where(made.c.customer_id == card_id))
        _part_what_would_collide(connection, card_id, customer_id)
        for column in _columns_of_customers():
            connection.execute(
                update(column.table).where(column == card_id).values({column.name: customer_id})
            )
        connection.execute(
            update(cards).where(cards.c.customer_id == card_id).values(customer_id=customer_id)
        )
        connection.execute(delete(cards).where(cards.c.card_id.in_((card_id, customer_id))))
        connection.execute(insert(cards).values(card_id=card_id, customer_id=customer_id))


def forget_cards_but(store: Store, merged: Mapping[str, str]) -> None:
    """Let cards that are no longer merged be asked for by themselves again; what they had stays with the customer."""
    for card_id in sorted(set(known_cards(store)) - set(merged)):
        with store.writing() as connection:
            connection.execute(delete(cards).where(cards.c.card_id == card_id))


def _columns_of_customers() -> list[Column[Any]]:
    """The columns that name a customer in tables whose rows go over as they are; each has an index of its own."""
    return [
        column
        for table in metadata.sorted_tables
        if isinstance(mark := whose(table), OfCustomer)
        and mark.erased is not Erasure.TOMBSTONE
        and table not in _NOT_GIVEN
        for column in filter(names_whole, table.c)
    ]


def _take_over_bundles(connection: Connection, card_id: str, customer_id: str, at_us: int) -> None:
    theirs = bundles.alias("theirs")
    its_run, their_run = runs.alias("its_run"), runs.alias("their_run")
    beside = exists().where(
        its_run.c.run_no == bundles.c.run_no,
        their_run.c.run_no == theirs.c.run_no,
        their_run.c.programme == its_run.c.programme,
        theirs.c.customer_id == customer_id,
        or_(
            theirs.c.run_no == bundles.c.run_no,
            and_(
                theirs.c.valid_from_us < bundles.c.valid_to_us,
                theirs.c.valid_to_us > bundles.c.valid_from_us,
            ),
        ),
    )
    of_card = bundles.c.customer_id == card_id
    ends = select(bundles.c.bundle_no, bundles.c.valid_from_us).where(
        of_card, beside, bundles.c.valid_to_us > at_us
    )
    for bundle_no, valid_from_us in connection.execute(ends).all():
        last = {"valid_to_us": max(at_us, valid_from_us + 1)}  # a window holds at least a moment
        connection.execute(update(bundles).where(bundles.c.bundle_no == bundle_no).values(last))
        connection.execute(update(views).where(views.c.bundle_no == bundle_no).values(last))
        connection.execute(delete(passing_views).where(passing_views.c.bundle_no == bundle_no))
    goes = connection.execute(select(bundles.c.bundle_no).where(of_card, ~beside)).scalars().all()
    for bundle_no in goes:
        connection.execute(
            update(bundles).where(bundles.c.bundle_no == bundle_no).values(customer_id=customer_id)
        )
        for table in (views, passing_views):
            _readdress(connection, table, bundle_no, customer_id)


def _readdress(connection: Connection, table: Any, bundle_no: int, customer_id: str) -> None:
    for row in connection.execute(select(table).where(table.c.bundle_no == bundle_no)).all():
        one = and_(*(column == getattr(row, column.name) for column in table.primary_key))
        connection.execute(update(table).where(one).values(body=with_customer(row.body, customer_id)))


def _part_what_would_collide(connection: Connection, card_id: str, customer_id: str) -> None:
    """Drop contacts and offers of another engine that both have, and number the card's favourites after the customer's of the same day."""
    same = contacts.alias("same")
    connection.execute(
        delete(contacts).where(
            contacts.c.customer_id == card_id,
            exists().where(
                same.c.customer_id == customer_id,
                same.c.contacted_us == contacts.c.contacted_us,
                same.c.found == contacts.c.found,
            ),
        )
    )
    theirs = foreign_offers.alias("theirs")
    connection.execute(
        delete(foreign_offers).where(
            foreign_offers.c.customer_id == card_id,
            exists().where(
                theirs.c.customer_id == customer_id,
                theirs.c.experiment_no == foreign_offers.c.experiment_no,
                theirs.c.product_id == foreign_offers.c.product_id,
                theirs.c.valid_from_us == foreign_offers.c.valid_from_us,
            ),
        )
    )
    highest = connection.execute(
        select(func.coalesce(func.max(favourites.c.choice_no), 0)).where(
            favourites.c.customer_id == customer_id
        )
    ).scalar_one()
    connection.execute(
        update(favourites)
        .where(favourites.c.customer_id == card_id)
        .values(choice_no=favourites.c.choice_no + highest)
    )
