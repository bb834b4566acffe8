"""What customers could see in their bundles before tonight, their merged cards' among it: for rules about what may return."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Subquery, and_, false, func, or_, select

from engine.domain.bundle import OfferState
from engine.store.database.in_lists import in_lists
from engine.store.database.store import Store
from engine.store.schema import PUBLISHED, UNNAMED, bundles, moment, moment_us, offer_counts, offers, runs
from engine.store.schema.card_tables import cards


class SeenOffer(NamedTuple):
    """One item of one bundle that a customer had."""

    customer_id: str
    item_id: str
    starts: datetime
    ends: datetime
    used: bool  # redeemed, and not taken back
    programme: str = UNNAMED


def offers_seen(
    store: Store,
    customer_ids: Sequence[str],
    since: datetime,
    *,
    before: date,
    last_bundles: int,
    also_since: datetime,
) -> list[SeenOffer]:
    """The offers of some customers' bundles that ended after `since` and belong to a night before `before`.

    A bundle of a run that was replaced or withdrawn on the day on which it was published was seen by nobody who did not use
    it; one that stood for longer was. Of each customer only the last so many bundles of each programme, and those that ended after
    `also_since`.
    """
    found: list[SeenOffer] = []
    with store.reading() as connection:
        stood = _runs_that_stood(connection, before)
        owners = _owners(connection, customer_ids)
        for names in in_lists(sorted({*customer_ids, *owners})):
            ranked = _bundles_in_order(names, since, before, stood)
            query = select(
                ranked.c.owner,
                offers.c.item_id,
                ranked.c.valid_from_us,
                ranked.c.valid_to_us,
                offers.c.state,
                ranked.c.programme,
            ).where(
                offers.c.bundle_no == ranked.c.bundle_no,
                runs.c.run_no == ranked.c.run_no,
                or_(ranked.c.ago <= last_bundles, ranked.c.valid_to_us > moment_us(also_since)),
                or_(_among(ranked.c.run_no, stood), offer_counts()),
            )
            found += [
                SeenOffer(
                    owners.get(name, name),
                    item,
                    moment(starts),
                    moment(ends),
                    state == OfferState.REDEEMED,
                    programme,
                )
                for name, item, starts, ends, state, programme in connection.execute(query)
            ]
    return found


def _bundles_in_order(names: Sequence[str], since: datetime, before: date, stood: Sequence[int]) -> Subquery:
    """Bundles of some ids that were seen, the last one of a programme first; a card's and its owner's count each by themselves."""
    owner = bundles.c.customer_id
    return (
        select(
            owner.label("owner"),
            bundles.c.bundle_no,
            bundles.c.run_no,
            bundles.c.valid_from_us,
            bundles.c.valid_to_us,
            runs.c.programme,
            func.dense_rank()
            .over(partition_by=(owner, runs.c.programme), order_by=bundles.c.valid_from_us.desc())
            .label("ago"),
        )
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .where(
            owner.in_(names),
            bundles.c.valid_to_us > moment_us(since),
            runs.c.night < before,
            or_(
                _among(bundles.c.run_no, stood),
                and_(bundles.c.touched_us.is_not(None), runs.c.published_us.is_not(None)),
            ),
        )
        .subquery()
    )


def _among(run_no: ColumnElement[int], stood: Sequence[int]) -> ColumnElement[bool]:
    return run_no.in_(stood) if stood else false()


def _runs_that_stood(connection: Connection, before: date) -> list[int]:
    """Runs that are published, or were until a later day than that on which they began to be."""
    query = select(runs.c.run_no, runs.c.state, runs.c.published_us, runs.c.ended_us).where(
        runs.c.night < before, runs.c.published_us.is_not(None)
    )
    return [
        run_no
        for run_no, state, published_us, ended_us in connection.execute(query)
        if state == PUBLISHED or moment(published_us).date() < moment(ended_us).date()
    ]


def _owners(connection: Connection, customer_ids: Sequence[str]) -> Mapping[str, str]:
    """Merged cards of some customers, and whose each is now."""
    return {
        card: owner
        for names in in_lists(customer_ids)
        for card, owner in connection.execute(
            select(cards.c.card_id, cards.c.customer_id).where(cards.c.customer_id.in_(names))
        )
    }
