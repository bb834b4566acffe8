"""The rules and the shop's days as the last published night left them."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import structlog

from engine.domain.arms import Arm, arm_of, first_salt, salt_from
from engine.domain.budget import MILLI, period_around
from engine.domain.offer_errors import Refused
from engine.domain.validity_window import LocalDays
from engine.programme import Activation, Programme, kept_rules
from engine.store import Store
from engine.store.nights.assigned_arms import (
    Placed,
    arm_in,
    assign,
    is_drawn_elsewhere,
    is_held_out_elsewhere,
)
from engine.store.nights.published_products import published_shop, published_shops

_log = structlog.get_logger("engine.day")


@dataclass(frozen=True)
class PublishedRules:
    """What every use case of the day follows."""

    run_no: int  # whose shelf of products it is
    run_id: str
    as_of: datetime
    currency: str
    item_level: str
    programme: Programme
    days: LocalDays
    holdout_no: (
        int | None
    )  # by which experiment customers are held out; None where nobody is, or by the seed only
    holdout_salt: str
    name: str  # the programme's; empty where it has none

    def arm_of(self, customer_id: str) -> Arm:
        """Return the arm in which a customer is whom no night has seen; `arm_now` knows the others' too."""
        return arm_of(customer_id, _salt(self.holdout_salt), self.programme.holdout.share)

    def favourite_line(self, moment: datetime) -> tuple[datetime, int]:
        """Return when the favourite's budget period around a moment began, and its thousandths of a minor unit."""
        budget = self.programme.favourite.budget
        starts, _ = period_around(moment, budget.period, self.days)
        return starts, budget.amount_minor * MILLI


def rules_now(store: Store) -> PublishedRules:
    """Return the shop of the current run; the parsed programme is kept between calls.

    Raises:
        Refused: no_current_run, no night has been published yet.
        StoreUnreachable: the database does not answer.

    """
    shelf = published_shop(store)
    if shelf is None:
        raise Refused("no_current_run", "No night has been published yet.")
    programme = _parsed(shelf.programme)
    return PublishedRules(
        shelf.run_no,
        shelf.run_id,
        shelf.as_of,
        shelf.currency,
        shelf.item_level,
        programme,
        programme.local_days(shelf.timezone),
        shelf.holdout_no,
        shelf.holdout_salt or first_salt(programme.seed),
        shelf.name,
    )


def activation_of(store: Store, shop: PublishedRules, programme: str) -> Activation:
    """Return which offers of a programme's bundles count: its own rule, where a shop runs several."""
    if programme == shop.name:
        return shop.programme.activation
    newest = published_shops(store).get(programme)
    return (shop.programme if newest is None else _parsed(newest.programme)).activation


def arm_now(store: Store, shop: PublishedRules, customer_id: str) -> Arm:
    """Return the customer's arm: the one they were first seen in, else the one they will be seen in."""
    kept = None if shop.holdout_no is None else arm_in(store, shop.holdout_no, customer_id)
    if kept is not None:
        return Arm(kept)
    # whom another engine drew is drawn for no holdout of ours
    return Arm.TREATED if is_drawn_elsewhere(store, customer_id) else shop.arm_of(customer_id)


def is_held_out(store: Store, shop: PublishedRules, customer_id: str) -> bool:
    """Tell whether the customer gets nothing: by the shop's holdout, or by an experiment's."""
    return arm_now(store, shop, customer_id) is Arm.HOLDOUT or is_held_out_elsewhere(store, customer_id)


def keep_arm(store: Store, shop: PublishedRules, customer_id: str, now: datetime) -> Arm:
    """Let the customer's arm stay as it is from now on, whatever a night may learn of their household, and return it."""
    arm = arm_now(store, shop, customer_id)
    if shop.holdout_no is not None and not is_drawn_elsewhere(store, customer_id):
        with store.writing(customer_id) as connection:
            place = Placed(customer_id, customer_id, arm.value)
            assign(connection, shop.holdout_no, [place], seen=now)
    return arm


@lru_cache(maxsize=8)
def _salt(words: str) -> bytes:
    return salt_from(words)


@lru_cache(maxsize=8)
def _parsed(text: str) -> Programme:
    found = kept_rules(text, "the programme of the current run")
    if found.otherwise:  # once a process and night, not once a request
        _log.warning("published_rules_of_another_release", otherwise=found.otherwise)
    return found.programme
