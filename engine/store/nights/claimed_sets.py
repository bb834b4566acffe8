"""Pools as nights write them, and what customers have drawn of them so far.

An offer of a pool stands in `offers` from the first draw that shows it on; it counts while it is in the last set and that has
not ended (`counts_now`).
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, func, select, update

from engine.domain.bundle import Offer, OfferState
from engine.domain.claim_rules import ClaimTerms, Drawn, How, Pool, count_of
from engine.domain.claim_view import ClaimShown, Rendered
from engine.store.nights.recalls import recalls_in_force
from engine.store.schema import WITHDRAWN, bundles, counts, moment, moment_us, of_run, offers, runs, views
from engine.store.schema.checkout_tables import reservations, sessions
from engine.store.schema.pool_tables import drawn_offers, draws, pool_offers, pools


class StagedPool(NamedTuple):
    """What a night hands over beside the offers of a bundle of which its customer draws."""

    terms: ClaimTerms
    rendered: Sequence[Rendered]  # every offer as a customer would read it
    families: Sequence[str]  # of every offer; empty where it has none


class LastSet(NamedTuple):
    """The set that counts, or counted last."""

    drawn: Drawn
    day_ends: datetime
    ends: datetime


class PoolNow(NamedTuple):
    """A customer's pool at a moment."""

    bundle_no: int
    bundle_id: str
    run_id: str
    valid_to: datetime
    is_withdrawn: bool  # its run was rolled back: the set stays, nothing more is drawn
    terms: ClaimTerms
    pool: Pool
    offer_ids: tuple[str, ...]  # by place
    item_ids: tuple[str, ...]
    redeemed: frozenset[int]
    held: frozenset[int]  # by a till's session
    last: LastSet | None

    def current(self, now: datetime) -> Drawn | None:
        """The set that counts; None where one can be claimed."""
        return None if self.last is None or self.last.ends <= now else self.last.drawn


class Phase(NamedTuple):
    """What a customer is shown of their pool up to a moment."""

    until_us: int
    offers: tuple[Rendered, ...]
    claim: ClaimShown


def pool_rows(
    bundle_no: int, made: Sequence[Offer], pool: StagedPool
) -> tuple[tuple[Any, ...], list[tuple[Any, ...]]]:
    """Raw tuples of a pool and of its offers, in the column order of the schema."""
    terms = pool.terms
    rendered = json.dumps(list(pool.rendered), ensure_ascii=False, separators=(",", ":"))
    head = (
        bundle_no,
        terms.shown,
        terms.days,
        terms.refreshes_a_day,
        terms.swaps_a_day,
        terms.families,
        rendered,
    )
    rows = [
        (
            bundle_no,
            slot,
            one.id,
            one.item.id,
            one.kind.value,
            one.discount_bp,
            one.item.price_minor,
            one.max_units,
            one.reason.code,
            one.p_buy,
            one.propensity,
            one.expected_cost_milli,
            family,
        )
        for slot, (one, family) in enumerate(zip(made, pool.families, strict=True))
    ]
    return head, rows


def pools_now(connection: Connection, customer_id: str, now: datetime) -> tuple[PoolNow, ...]:
    """The pools of the bundles that a customer has at a moment, with what can be drawn; of several programmes in the order of a login."""
    heads = connection.execute(
        select(bundles, runs.c.run_id, runs.c.state, runs.c.programme, pools)
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .join(pools, pools.c.bundle_no == bundles.c.bundle_no)
        .where(
            bundles.c.customer_id == customer_id,
            bundles.c.valid_from_us <= moment_us(now),
            bundles.c.valid_to_us > moment_us(now),
            counts(),
        )
        .order_by(bundles.c.bundle_no)
    ).all()
    newest = {head.programme: head for head in heads}
    in_order = sorted(newest.values(), key=lambda head: (head.valid_to_us, head.programme))
    return tuple(_pool(connection, head, now) for head in in_order)


def _pool(connection: Connection, head: Any, now: datetime) -> PoolNow:
    number = head.bundle_no
    rows = connection.execute(
        select(pool_offers).where(pool_offers.c.bundle_no == number).order_by(pool_offers.c.slot)
    ).all()
    redeemed = connection.execute(
        select(offers.c.slot).where(offers.c.bundle_no == number, offers.c.state == OfferState.REDEEMED.value)
    ).scalars()
    held = connection.execute(
        select(reservations.c.slot)
        .join(sessions, sessions.c.session_no == reservations.c.session_no)
        .where(reservations.c.bundle_no == number, sessions.c.expires_us > moment_us(now))
    ).scalars()
    recalled = recalls_in_force(connection, now)
    used, kept = frozenset(redeemed), frozenset(held)
    gone = {row.slot for row in rows if row.price_minor is not None and row.item_id in recalled}
    drawn, last = _drawn(connection, [number])[number]
    return PoolNow(
        bundle_no=number,
        bundle_id=head.bundle_id,
        run_id=head.run_id,
        valid_to=moment(head.valid_to_us),
        is_withdrawn=head.state == WITHDRAWN,
        terms=_terms(head),
        pool=Pool(head.bundle_id, tuple(row.family for row in rows), used | kept | gone, drawn),
        offer_ids=tuple(row.offer_id for row in rows),
        item_ids=tuple(row.item_id for row in rows),
        redeemed=used,
        held=kept,
        last=last,
    )


def phases_of(connection: Connection, bundle_nos: Collection[int], now: datetime) -> dict[int, list[Phase]]:
    """What is shown of some bundles from a moment on, one phase after the other; bundles without a pool are absent."""
    heads = connection.execute(
        select(pools, bundles.c.valid_to_us, runs.c.state)
        .join(bundles, bundles.c.bundle_no == pools.c.bundle_no)
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .where(pools.c.bundle_no.in_(bundle_nos))
    ).all()
    drawn = _drawn(connection, [head.bundle_no for head in heads]) if heads else {}
    return {head.bundle_no: _phases(head, *drawn[head.bundle_no], now) for head in heads}


def _phases(head: Any, drawn: tuple[Drawn, ...], last: LastSet | None, now: datetime) -> list[Phase]:
    terms, rendered = _terms(head), json.loads(head.rendered)
    to_claim = ClaimShown.to_claim(terms, len(rendered), moment(head.valid_to_us))
    open_again = Phase(head.valid_to_us, (), to_claim)
    if last is None or last.ends <= now:
        return [open_again]
    shown = tuple(rendered[slot] for slot in last.drawn.slots)
    ends_us = min(moment_us(last.ends), head.valid_to_us)
    set_no, until, day = last.drawn.draw_no, moment(ends_us), last.drawn.day
    more = 0 if head.state == WITHDRAWN else 1
    whole = replace(
        to_claim,
        set_no=set_no,
        until=until,
        refreshes_left=terms.refreshes_a_day * more,
        swaps_left=terms.swaps_a_day * more,
    )
    left = replace(
        whole,
        refreshes_left=max(whole.refreshes_left - count_of(drawn, How.REFRESH, day), 0),
        swaps_left=max(whole.swaps_left - count_of(drawn, How.SWAP, day), 0),
    )
    found = [Phase(min(moment_us(last.day_ends), ends_us), shown, left)]
    if found[-1].until_us < ends_us:
        found.append(Phase(ends_us, shown, whole))
    if ends_us < head.valid_to_us:
        found.append(open_again)
    # A bundle that is over has no phase to come: nobody reads what is written of it, also when goods come back.
    return [one for one in found if one.until_us > moment_us(now)] or [open_again]


def _terms(head: Any) -> ClaimTerms:
    return ClaimTerms(
        shown=head.shown,
        days=head.days,
        refreshes_a_day=head.refreshes_a_day,
        swaps_a_day=head.swaps_a_day,
        families=head.families,
    )


def _drawn(
    connection: Connection, bundle_nos: Sequence[int]
) -> Mapping[int, tuple[tuple[Drawn, ...], LastSet | None]]:
    """All sets of some bundles in their order, and the last one with its ends."""
    slots: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for row in connection.execute(
        select(drawn_offers).where(drawn_offers.c.bundle_no.in_(bundle_nos)).order_by(drawn_offers.c.slot)
    ):
        slots[row.bundle_no, row.draw_no].append(row.slot)
    found: defaultdict[int, tuple[tuple[Drawn, ...], LastSet | None]] = defaultdict(lambda: ((), None))
    for row in connection.execute(
        select(draws).where(draws.c.bundle_no.in_(bundle_nos)).order_by(draws.c.bundle_no, draws.c.draw_no)
    ):
        one = Drawn(row.draw_no, How(row.how), row.local_day, tuple(slots[row.bundle_no, row.draw_no]))
        before, _ = found[row.bundle_no]
        found[row.bundle_no] = ((*before, one), LastSet(one, moment(row.day_ends_us), moment(row.ends_us)))
    return found


def offers_in_pools(connection: Connection, bundle_nos: Sequence[int]) -> int:
    """How many offers the pools of some bundles hold."""
    query = select(func.count()).select_from(pool_offers).where(pool_offers.c.bundle_no.in_(bundle_nos))
    return int(connection.execute(query).scalar_one())


def end_with_last_sets(connection: Connection, run_no: int) -> list[int]:
    """Let bundles of a run of whose pools something was claimed end with their last sets; returns their numbers."""
    last = (
        select(draws.c.bundle_no, func.max(draws.c.draw_no).label("draw_no"))
        .where(of_run(draws.c.bundle_no, run_no))
        .group_by(draws.c.bundle_no)
        .subquery()
    )
    ends = connection.execute(
        select(draws.c.bundle_no, draws.c.ends_us)
        .join(last, and_(last.c.bundle_no == draws.c.bundle_no, last.c.draw_no == draws.c.draw_no))
        .join(
            bundles, and_(bundles.c.bundle_no == draws.c.bundle_no, bundles.c.valid_to_us > draws.c.ends_us)
        )
    ).all()
    for bundle_no, ends_us in ends:
        for table in (bundles, views):
            connection.execute(
                update(table).where(table.c.bundle_no == bundle_no).values(valid_to_us=ends_us)
            )
    of_run_drawn = select(last.c.bundle_no).order_by(last.c.bundle_no)
    return list(connection.execute(of_run_drawn).scalars())
