"""The ready-made JSON of a bundle, written again in the transaction of whatever changed the bundle."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from engine.domain.bundle import OfferState
from engine.domain.claim_view import with_set
from engine.domain.customer_view import StandIn, with_stand_ins, with_states, without_offers
from engine.store.database.in_lists import in_lists
from engine.store.nights.claimed_sets import Phase, phases_of
from engine.store.nights.recalls import Recall, recalls_in_force
from engine.store.nights.substitutions import Substitution, shown_substitutions
from engine.store.schema import bundles, moment_us, offers, views
from engine.store.schema.checkout_tables import passing_views, reservations, sessions

_BODY = update(views).where(views.c.bundle_no == bindparam("number")).values(body=bindparam("now_shown"))


def render_bundle(connection: Connection, bundle_no: int, now: datetime) -> None:
    """Write what a login reads of a bundle; see `render_bundles`."""
    render_bundles(connection, [bundle_no], now)


def render_bundles(connection: Connection, bundle_nos: Sequence[int], now: datetime) -> None:
    """Write what logins read of bundles, from their rows: now, and from the end of each hold or recall on.

    `views` gets the body without any hold; while tills hold offers, a product is recalled or stands in for another,
    `passing_views` overrules it, one row for each stretch of time up to the end of one of them. So does a set that ends
    before its bundle. An offer that is held is shown as reserved; one that is recalled is not among the offers, unless it was
    redeemed. A bundle without a view is an erased customer's, whose
    goods came back: nobody reads it.
    """
    recalled = recalls_in_force(connection, now)
    for numbers in in_lists(bundle_nos):
        _render(connection, numbers, recalled, now)


def _render(
    connection: Connection, numbers: Sequence[int], recalled: Mapping[str, Recall], now: datetime
) -> None:
    found = connection.execute(
        select(views.c.bundle_no, views.c.body, bundles.c.slots_used, bundles.c.valid_to_us)
        .join(bundles, bundles.c.bundle_no == views.c.bundle_no)
        .where(views.c.bundle_no.in_(numbers))
    ).all()
    rows: defaultdict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(
        select(
            offers.c.bundle_no,
            offers.c.slot,
            offers.c.offer_id,
            offers.c.state,
            offers.c.item_id,
            offers.c.price_minor,
        )
        .where(offers.c.bundle_no.in_(numbers))
        .order_by(offers.c.bundle_no, offers.c.slot)
    ):
        rows[row.bundle_no].append(row)
    held = {
        (row.bundle_no, row.slot): row.expires_us
        for row in connection.execute(
            select(reservations.c.bundle_no, reservations.c.slot, sessions.c.expires_us)
            .join(sessions, sessions.c.session_no == reservations.c.session_no)
            .where(reservations.c.bundle_no.in_(numbers), sessions.c.expires_us > moment_us(now))
        )
    }
    pools = phases_of(connection, numbers, now)
    other = shown_substitutions(connection, numbers)
    changed, passing = [], []
    for number, body, slots_used, valid_to_us in found:
        states = {row.offer_id: OfferState(row.state) for row in rows[number]}
        holds = {row.offer_id: held[number, row.slot] for row in rows[number] if (number, row.slot) in held}
        gone = {row.offer_id: recalled[row.item_id] for row in rows[number] if _is_gone(row, recalled)}
        stand_ins = {
            row.offer_id: _stand_in(there)
            for row in rows[number]
            if (there := other.get((number, row.slot))) is not None and there.product_id not in recalled
        }
        stretches = [
            _Stretch(with_states(body, states, slots_used=slots_used), slots_used, valid_to_us)
            if phase is None
            else _of_pool(body, states, phase)
            for phase in pools.get(number, [None])
        ]
        since_us, last = 0, stretches[-1]
        for one in stretches:
            passing += [
                {"bundle_no": number, "valid_to_us": ends_us, "body": seen}
                for ends_us, seen in _passing(one, states, holds, gone, stand_ins, is_last=one is last)
                if ends_us > since_us
            ]
            since_us = one.ends_us
        if last.body != body:
            changed.append({"number": number, "now_shown": last.body})
    if changed:
        connection.execute(_BODY, changed)
    connection.execute(delete(passing_views).where(passing_views.c.bundle_no.in_(numbers)))
    if passing:
        connection.execute(insert(passing_views), passing)


def _is_gone(row: Any, recalled: Mapping[str, Recall]) -> bool:
    # An offer on a family stays: tills give nothing for the recalled product in it.
    of_product = row.price_minor is not None and row.item_id in recalled
    return of_product and row.state != OfferState.REDEEMED.value


class _Stretch(NamedTuple):
    """What is shown up to a moment, were nothing held or recalled."""

    body: bytes
    slots_used: int
    ends_us: int


def _of_pool(body: bytes, states: Mapping[str, OfferState], phase: Phase) -> _Stretch:
    used = sum(states[offer["id"]] is OfferState.REDEEMED for offer in phase.offers)
    shown = with_set(body, phase.offers, phase.claim)
    return _Stretch(with_states(shown, states, slots_used=used), used, phase.until_us)


def _stand_in(one: Substitution) -> StandIn:
    return StandIn(one.product_id, one.name, one.price_minor, one.lowest_minor, one.text)


def _passing(
    stretch: _Stretch,
    states: Mapping[str, OfferState],
    holds: Mapping[str, int],
    gone: Mapping[str, Recall],
    stand_ins: Mapping[str, StandIn],
    *,
    is_last: bool,
) -> list[tuple[int, bytes]]:
    """What is shown up to each end of a hold or a recall, the earliest end first; what stands in, and all but the last stretch, also up to the stretch's own."""
    last_us = stretch.ends_us
    until_us = {
        name: last_us if recall.until is None else min(moment_us(recall.until), last_us)
        for name, recall in gone.items()
    }
    ends = {*holds.values(), *until_us.values()}
    if not is_last:
        ends = {min(end, last_us) for end in ends}
    if stand_ins or not is_last:
        ends.add(last_us)
    found = []
    for ends_us in sorted(ends):
        reserved = {name: OfferState.RESERVED for name, end in holds.items() if end >= ends_us}
        seen = stretch.body
        if reserved:
            seen = with_states(stretch.body, {**states, **reserved}, slots_used=stretch.slots_used)
        seen = with_stand_ins(seen, stand_ins) if stand_ins else seen
        missing = {name: gone[name].reason for name, end in until_us.items() if end >= ends_us}
        found.append((ends_us, without_offers(seen, missing) if missing else seen))
    return found
