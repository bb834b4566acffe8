"""The shop's people give a customer money without a condition, see what was given, and take back what is left of it."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from engine.day.published_rules import PublishedRules, is_held_out, keep_arm, rules_now
from engine.day.said_reason import said_reason
from engine.domain.budget import BudgetPeriod, period_around
from engine.domain.grants import Grant, GrantKind, GrantState, check_grant, used_minor
from engine.domain.offer_errors import Refused
from engine.domain.validity_window import LocalDays
from engine.programme.grants_section import Grants
from engine.store import Store
from engine.store.choices.favourites import suggestions_of
from engine.store.grants.grant_ledger import cancel, give
from engine.store.grants.grant_sums import alone_at_the_lines, given_to, taken_from_line
from engine.store.grants.kept_grants import KeptGrant, grant_named, grant_with_key, grants_of

_KEY_BYTES = 10
MOST_DAYS = 366


@dataclass(frozen=True)
class Wish:
    """What somebody wants to give; without days the programme's, without a key it is a new grant each time."""

    kind: GrantKind
    amount_minor: int
    reason: str
    days: int | None = None
    key: str | None = None


@dataclass(frozen=True)
class SeenGrant:
    """A grant as the service desk sees it.

    Attributes:
        grant: what was promised.
        state: what of it there is now.
        left_minor, used_minor: what is left, and what stands as used.
        is_held: a till keeps it for a basket.
        note: why it was taken back.

    """

    grant: Grant
    state: GrantState
    left_minor: int
    used_minor: int
    is_held: bool
    note: str | None


@dataclass(frozen=True)
class Given:
    """What a wish became; `is_new` is false where the key had been given before, `is_known` where no night saw the customer."""

    seen: SeenGrant
    is_new: bool
    is_known: bool


def give_grant(store: Store, customer_id: str, wish: Wish, *, given_by: str, now: datetime) -> Given:
    """Give a customer money from now until the end of a local day.

    Args:
        store: of the day.
        customer_id: as the shop's tables name them.
        wish: kind, amount and reason.
        given_by: who answers for it, as the audit trail names them.
        now: the shop's time.

    Raises:
        Refused: grants_not_offered, the programme in force lets people give none of this kind; grant_impossible; invalid_request,
            the reason is none; grant_key_taken; grant_above_limit; grant_month_used, this customer has had as many; grant_budget_used;
            grant_not_available, this customer gets no thank-you, held out or not asked; no_current_run.
        StoreUnreachable, StoreBusy, CannotWrite: nothing was given.

    """
    shop = rules_now(store)
    rules = shop.programme.grants
    if rules is None:
        raise _not_offered(wish.kind)
    wish = with_key(wish)
    grant = _grant(shop, rules, customer_id, wish, given_by, now)
    check_grant(grant)  # before a database is asked for its key
    with store.writing(customer_id) as connection:
        before = grant_with_key(connection, grant.key, now)
        if before is not None:  # the same window, counted from the day of giving, by the programme of then
            grant = _grant(shop, rules, customer_id, wish, given_by, before.grant.given_at)
            if wish.days is None:
                grant = replace(grant, valid_to=before.grant.valid_to)
        else:
            _check_person(store, connection, shop, rules, grant, now)
            _check_line(connection, shop, rules, grant, now)
        is_new = give(connection, grant)
        kept = grant_with_key(connection, grant.key, now)
    if kept is None:  # they are being erased
        raise Refused("grant_not_available", "This customer is gone; nothing was given.")
    return Given(_seen(kept, now), is_new, suggestions_of(store, shop.run_no, customer_id).known)


def with_key(wish: Wish) -> Wish:
    """Return the wish under a key of its own, where it has none."""
    return wish if wish.key is not None else replace(wish, key=f"desk_{secrets.token_hex(_KEY_BYTES)}")


def grants_given(store: Store, customer_id: str, now: datetime) -> tuple[SeenGrant, ...]:
    """Return all grants that a customer ever had, what ends first before the others. Raises StoreUnreachable."""
    with store.looking() as connection:
        return tuple(_seen(one, now) for one in grants_of(connection, customer_id, now))


def customer_of_grant(store: Store, grant_id: str, now: datetime) -> str:
    """Return whose grant it is.

    Raises:
        Refused: grant_not_found.

    """
    with store.reading() as connection:
        return _named(connection, grant_id, now).grant.customer_id


def cancel_grant(store: Store, grant_id: str, *, reason: str, now: datetime) -> SeenGrant:
    """Take back what is left of a grant; what was used stays used.

    Raises:
        Refused: grant_not_found; grant_over, nothing of it is left; grant_held, a till keeps it for a basket; invalid_request,
            the reason is none.
        StoreUnreachable, StoreBusy, CannotWrite: it stays as it is.

    """
    note = said_reason(reason)
    with store.writing(customer_of_grant(store, grant_id, now)) as connection:
        cancel(connection, _named(connection, grant_id, now), note=note, now=now)
        return _seen(_named(connection, grant_id, now), now)


def _grant(
    shop: PublishedRules,
    rules: Grants,
    customer_id: str,
    wish: Wish,
    given_by: str,
    given_at: datetime,
) -> Grant:
    days = rules.days if wish.days is None else wish.days
    if not 1 <= days <= MOST_DAYS:
        raise Refused(
            "grant_impossible",
            f"A grant lasts for 1 to {MOST_DAYS} local days; {days} came, and nothing was given.",
        )
    return Grant(
        key=wish.key or "",
        customer_id=customer_id,
        kind=wish.kind,
        amount_minor=wish.amount_minor,
        currency=shop.currency,
        reason=said_reason(wish.reason),
        valid_from=given_at,
        valid_to=_ends(shop.days, given_at, days),
        given_by=given_by,
        given_at=given_at,
        budget_line=wish.kind.value,
    )


def _ends(days: LocalDays, given_at: datetime, count: int) -> datetime:
    """Return the end of the last of so many local days, of which the present one is the first."""
    return days.after(days.start_of(days.day_of(given_at)), count)


def _check_person(
    store: Store,
    connection: Connection,
    shop: PublishedRules,
    rules: Grants,
    grant: Grant,
    now: datetime,
) -> None:
    limit = rules.limit_minor(grant.kind)
    if not limit:
        raise _not_offered(grant.kind)
    if grant.amount_minor > limit:
        raise Refused(
            "grant_above_limit",
            f"The amount is {grant.amount_minor} minor units; the programme lets people give {limit} at most "
            f"([grants] {grant.kind.value}_limit_minor).",
        )
    starts, ends = period_around(now, BudgetPeriod.MONTH, shop.days)
    most = rules.a_month(grant.kind)
    if given_to(connection, grant.customer_id, grant.kind, starts, ends) >= most:
        raise Refused(
            "grant_month_used",
            f"This customer was given {most} of the kind this month, as many as the programme allows "
            f"([grants] {grant.kind.value}_a_month).",
        )
    if grant.kind is GrantKind.THANK_YOU:
        _check_may_be_thanked(store, shop, grant.customer_id, now)


def _check_may_be_thanked(store: Store, shop: PublishedRules, customer_id: str, now: datetime) -> None:
    advice = suggestions_of(store, shop.run_no, customer_id)
    # One sentence for both reasons: who is held out is nobody's business.
    if is_held_out(store, shop, customer_id) or (advice.known and not advice.allowed):
        raise Refused(
            "grant_not_available",
            "This customer gets no thank-you: the programme keeps it from some, to see what it is worth, and from who refused "
            "personal offers. A compensation is for anybody.",
        )
    keep_arm(store, shop, customer_id, now)


def _check_line(
    connection: Connection, shop: PublishedRules, rules: Grants, grant: Grant, now: datetime
) -> None:
    line = rules.line(grant.kind)
    if line is None:
        raise _not_offered(grant.kind)
    alone_at_the_lines(connection)
    starts, ends = period_around(now, line.period, shop.days)
    left = line.amount_minor - taken_from_line(connection, grant.budget_line, starts, ends)
    if grant.amount_minor > left:
        raise Refused(
            "grant_budget_used",
            f"The amount is {grant.amount_minor} minor units and {max(left, 0)} are left of this {line.period}'s "
            f"[grants.budget.{grant.kind.value}]; give less, wait for the next {line.period}, or raise it for the next night.",
        )


def _named(connection: Connection, grant_id: str, now: datetime) -> KeptGrant:
    found = grant_named(connection, grant_id, now)
    if found is None:
        raise Refused("grant_not_found", "There is no grant with this id.")
    return found


def _seen(kept: KeptGrant, now: datetime) -> SeenGrant:
    note = next((entry.note for entry in kept.entries if entry.note is not None), None)
    return SeenGrant(
        kept.grant,
        kept.state_at(now),
        kept.left_minor,
        used_minor(kept.entries),
        kept.held_until is not None,
        note,
    )


def _not_offered(kind: GrantKind) -> Refused:
    return Refused(
        "grants_not_offered",
        f"The programme in force lets nobody give a {kind.value}: write [grants] with {kind.value}_limit_minor and a budget for "
        "it (docs/grants.md); it counts from the next night on.",
    )
