"""A customer draws of the pool that the night made for them: what counts today, another set, one offer for another.

Who draws is decided by nobody but the customer, what is drawn by `engine.domain.claim_rules` alone. Each draw is one transaction
that nobody else writes for the customer in; of two phones that ask for another set at once the first gets it, and the
second is told so if it says which set it saw.

Of several programmes a customer may have several pools: all are claimed at once, and another set is drawn of the first one, in
the order of a login, that still has one to give.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from engine.day.offers_at_login import offers_at_login
from engine.day.published_rules import rules_now
from engine.day.stop_offers import refuse_stopped
from engine.domain.claim_rules import Drawn, How, Pool, count_of, new_set, swapped_set
from engine.domain.offer_errors import Refused
from engine.domain.validity_window import LocalDays
from engine.store import Store
from engine.store.choices.drawn_sets import keep_set
from engine.store.log.events import Event, append_all
from engine.store.nights.claimed_sets import PoolNow, pools_now
from engine.store.nights.shared_bundles import used_by, writing_for
from engine.store.nights.substitutions import substitutions_of
from engine.store.nights.told_stock import sold_out_everywhere

NOTHING_TO_CLAIM = "There is nothing to claim at present."
SET_OUTDATED = "Another set is shown meanwhile; look at it first."


def claim(store: Store, customer_id: str, now: datetime) -> bytes:
    """Draw the customer's set of the local day, of each pool, and return what they see then; a claimed set stays as it is.

    Raises:
        Refused: nothing_to_claim, whatever the reason: no pool, held out, or nothing of it is left; offers_stopped;
            no_current_run.
        StoreUnreachable, StoreBusy, CannotWrite: nothing was drawn.
    """
    days = rules_now(store).days
    with writing_for(store, customer_id) as connection:
        refuse_stopped(store)
        pools = pools_now(connection, used_by(connection, customer_id, now), now)
        is_any = any(pool.current(now) is not None for pool in pools)
        for pool in pools:
            if pool.current(now) is not None or pool.is_withdrawn:
                continue
            slots = new_set(_drawable(store, pool), pool.terms, days.day_of(now))
            if slots:
                _keep(connection, customer_id, pool, How.CLAIM, slots, days, now)
                is_any = True
        if not is_any:
            raise Refused("nothing_to_claim", NOTHING_TO_CLAIM)
        return offers_at_login(store, customer_id, now).body


def refresh(store: Store, customer_id: str, now: datetime, *, seen: int | None = None) -> bytes:
    """Draw another set in the place of the one that is shown, of which nothing is used, and return what the customer sees then.

    Args:
        store: where both are.
        customer_id: whose.
        now: the shop's clock.
        seen: the number of the set that is to be replaced; None for whichever is shown.

    Raises:
        Refused: nothing_to_claim; not_claimed; set_outdated, another set than the one seen is shown; set_in_use, an offer of
            it is used, or held at a till; no_refresh_left; no_other_offer; offers_stopped; no_current_run.
        StoreUnreachable, StoreBusy, CannotWrite: nothing was drawn.
    """
    days = rules_now(store).days
    with writing_for(store, customer_id) as connection:
        claimed = _claimed(store, connection, customer_id, now)
        shown = [(pool, current) for pool, current in claimed if seen in {None, current.draw_no}]
        if not shown:
            raise Refused("set_outdated", SET_OUTDATED)
        why: list[Refused] = []
        for pool, current in shown:
            try:
                slots = _other_set(store, pool, current, days.day_of(now))
            except Refused as refused:
                why.append(refused)
                continue
            _keep(connection, customer_id, pool, How.REFRESH, slots, days, now)
            return offers_at_login(store, customer_id, now).body
        raise why[0]


def swap(store: Store, customer_id: str, offer_id: str, now: datetime) -> bytes:
    """Give one unused offer of the set for another one of the pool, and return what the customer sees then.

    Raises:
        Refused: nothing_to_claim; not_claimed; offer_not_found, the set has no such offer, or it is recalled; offer_redeemed;
            offer_reserved; no_swap_left; no_other_offer; offers_stopped; no_current_run.
        StoreUnreachable, StoreBusy, CannotWrite: nothing was drawn.
    """
    days = rules_now(store).days
    with writing_for(store, customer_id) as connection:
        found = [
            (pool, current, slot)
            for pool, current in _claimed(store, connection, customer_id, now)
            for slot in current.slots
            if pool.offer_ids[slot] == offer_id
        ]
        if not found:
            raise Refused("offer_not_found", "The customer has no such offer now.")
        pool, current, given = found[0]
        if given in pool.redeemed:
            raise Refused("offer_redeemed", "The offer has been used.")
        if given in pool.held:
            raise Refused("offer_reserved", "The offer is held for a basket at a till.")
        if given in pool.pool.gone:
            raise Refused("offer_not_found", "The customer has no such offer now.")
        today = days.day_of(now)
        if pool.is_withdrawn or count_of(pool.pool.drawn, How.SWAP, today) >= pool.terms.swaps_a_day:
            raise Refused("no_swap_left", "No offer can be exchanged any more today.")
        slots = swapped_set(_drawable(store, pool), pool.terms, today, current.slots, given)
        if not slots:
            raise Refused("no_other_offer", "There are no other offers to draw.")
        _keep(connection, customer_id, pool, How.SWAP, slots, days, now)
        return offers_at_login(store, customer_id, now).body


def _claimed(
    store: Store, connection: Connection, customer_id: str, now: datetime
) -> list[tuple[PoolNow, Drawn]]:
    """The customer's pools with the sets that count; Refused where there is no pool, or nothing is claimed."""
    refuse_stopped(store)
    pools = pools_now(connection, used_by(connection, customer_id, now), now)
    if not pools:
        raise Refused("nothing_to_claim", NOTHING_TO_CLAIM)
    claimed = [(pool, current) for pool in pools if (current := pool.current(now)) is not None]
    if not claimed:
        raise Refused("not_claimed", "Nothing is claimed yet; claim a set first.")
    return claimed


def _other_set(store: Store, pool: PoolNow, current: Drawn, today: date) -> tuple[int, ...]:
    """What is drawn in the place of a set; Refused, saying why it is none."""
    if (pool.redeemed | pool.held) & set(current.slots):
        raise Refused("set_in_use", "An offer of the set is used or held at a till; the others stay with it.")
    if pool.is_withdrawn or count_of(pool.pool.drawn, How.REFRESH, today) >= pool.terms.refreshes_a_day:
        raise Refused("no_refresh_left", "There is no other set to be had today.")
    slots = new_set(_drawable(store, pool), pool.terms, today, current.slots)
    if not slots:
        raise Refused("no_other_offer", "There are no other offers to draw.")
    return slots


def _drawable(store: Store, pool: PoolNow) -> Pool:
    """The pool without what the shop has said to be sold out everywhere, and without what stands in for something of it.

    What is shown of it stays and can be swapped.
    """
    never = set(sold_out_everywhere(store))
    with store.looking() as connection:
        never |= {one.product_id for one in substitutions_of(connection, [pool.bundle_no]) if one.stands}
    gone = {place for place, item in enumerate(pool.item_ids) if item in never}
    return replace(pool.pool, gone=pool.pool.gone | gone)


def _keep(
    connection: Connection,
    customer_id: str,
    pool: PoolNow,
    how: How,
    slots: Sequence[int],
    days: LocalDays,
    now: datetime,
) -> None:
    """Write a set. One that replaces another lasts as long as that would have."""
    drawn = Drawn(len(pool.pool.drawn) + 1, how, days.day_of(now), tuple(slots))
    day_ends = days.next_start(now)
    ends = day_ends
    if how is How.CLAIM or pool.last is None:
        for _ in range(pool.terms.days - 1):
            ends = days.next_start(ends)
    else:
        ends = pool.last.ends
    before = () if pool.last is None or how is How.CLAIM else pool.last.drawn.slots
    keep_set(connection, pool, drawn, now=now, day_ends=day_ends, ends=min(ends, pool.valid_to))
    told = [("drawn", slot) for slot in drawn.slots if slot not in before]
    told += [("put_away", slot) for slot in before if slot not in drawn.slots]
    details = {"set": drawn.draw_no, "how": how.value}
    append_all(
        connection,
        [
            Event(
                kind,
                now,
                customer_id,
                pool.run_id,
                pool.bundle_id,
                pool.offer_ids[slot],
                pool.item_ids[slot],
                details,
            )
            for kind, slot in told
        ],
    )
