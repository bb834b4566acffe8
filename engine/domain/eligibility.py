"""Who may get a bundle, which items may be offered and how deep: pure functions, one per rule.

Flags, families, price and margin keep an item out of bundles here; stock and stores do in `engine.nightly.shelf`.

The names of the rules are what the logs say when a rule removes an item or leaves a customer without a bundle.
"""

from collections.abc import Collection
from enum import StrEnum

from engine.domain.money import WHOLE_BP

# The flag of what looks like no merchandise, until the shop says what it is: nothing is taken off it, whatever a programme says.
UNCONFIRMED = "unconfirmed"


class Consent(StrEnum):
    """Whom the owner may make personal offers to."""

    REQUIRED = "required"  # only customers who said yes
    UNLESS_REFUSED = "unless_refused"  # everyone who has not said no


class Removal(StrEnum):
    """Why a candidate is not in the bundle; the order is the order of the stages."""

    RECALLED = "recalled"  # the shop has withdrawn the product from all offers
    EXCLUDED_FLAG = "excluded_flag"
    EXCLUDED_FAMILY = "excluded_family"
    SOLD_OUT = "sold_out"
    SOLD_NO_MORE = "sold_no_more"  # nowhere for longer than its sales explain
    NO_PRICE = "no_price"
    PRICE_FLOOR = "price_floor"
    MARGIN_FLOOR = "margin_floor"
    NO_REDUCTION = "no_reduction"  # not below what everybody could buy it for in the last 30 days
    PLANNED_PROMOTION = "planned_promotion"  # everybody gets it as cheap while the offer would be valid
    OFFERED_BESIDE = "offered_beside"  # the customer has it in a bundle of another programme already
    ITEM_RESTS = "item_rests"  # offered to this customer not long ago
    FAMILY_RESTS = "family_rests"  # so was another item of its family
    TIRED = "tired"  # offered to them again and again, and never used
    LEGAL_AGE = "legal_age"  # the customer is too young for it, or nobody knows their age
    SCARCE = (
        "scarce"  # there is less of it than is sold until the next delivery, and their lot fell on nothing
    )
    NOT_IN_OWN_STORE = "not_in_own_store"  # none of the stores where they shop has sold it lately
    TOO_DEEP = "too_deep"  # a rule gives its customer less than the smallest depth at which it is an offer
    POLICY = "policy"
    SAME_NAME = "same_name"  # the customer could not tell it from another item of their bundle
    RETURNING = "returning"  # as many items of their last bundle return as the programme allows
    FAMILIES = "families"  # the bundle would have too few different families
    FUNDER_BUDGET = (
        "funder_budget"  # the supplier who pays a part pays for as many as tonight's budget of theirs covers
    )
    STAPLES_SHARE = "staples_share"  # in as many of the night's bundles as the programme allows
    NOVELTY_MIN = "novelty_min"  # its place is reserved for an item new to the customer
    NOVELTY_MAX = "novelty_max"  # the bundle has as many new items as the programme allows
    OUTRANKED = "outranked"  # items of higher value took the places


class Outcome(StrEnum):
    """What became of a customer in a night: a bundle, or why there is none."""

    BUNDLE = "bundle"
    OTHER_STORE = "other_store"  # the programme is limited to stores, and they usually buy in another one
    NOT_ASSIGNED = "not_assigned"  # the programme is for others, by its [assigned]
    ENOUGH_OFFERS = (
        "enough_offers"  # with what other programmes offer them it would be more than [assigned] allows
    )
    OTHER_ENGINE = "other_engine"  # by an imported experiment another engine serves them
    HOLDOUT = "holdout"
    NO_CONSENT = "no_consent"
    NOT_SEEN = "not_seen"
    OPEN_COMPLAINT = "open_complaint"  # by the customers table, or by a contact that is not settled
    MOVED = "moved"  # as a contact found out
    OTHER_MEMBER = "other_member"  # the household's one bundle is another member's
    HAS_OPEN_BUNDLE = "has_open_bundle"
    THANK_YOU = "thank_you"  # a rule of theirs gives now and then money without a condition instead
    RULED_OUT = "ruled_out"  # by the programme's [rules], for where they stand
    TOO_FEW_ITEMS = "too_few_items"
    NO_VALUE = "no_value"  # the policy expects nothing from any bundle
    NOT_YET_EXPOSED = "not_yet_exposed"  # their lot has not come yet to be among those who get offers
    NO_PLAN_PAYS = "no_plan_pays"  # no bundle is surely better for the shop than any that the policy weighed
    BUDGET = "budget"  # worth less than the budget's price asks tonight
    LINE_BUDGET = "line_budget"  # the same of the line that pays what their rule gives


def may_receive(consent: bool | None, rule: Consent) -> bool:
    """Tell whether the consent on record (None: never asked) allows a personal offer."""
    return consent is True if rule is Consent.REQUIRED else consent is not False


def is_seen(days_since_visit: float, seen_days: int) -> bool:
    """Tell whether the last visit is recent enough."""
    return days_since_visit <= seen_days


def exclusion(
    flags: Collection[str],
    families: Collection[str],
    excluded_flags: Collection[str],
    excluded_families: Collection[str],
) -> Removal | None:
    """Return the rule that keeps an item out of every offer, if any."""
    if any(flag in excluded_flags for flag in flags):
        return Removal.EXCLUDED_FLAG
    if any(family in excluded_families for family in families):
        return Removal.EXCLUDED_FAMILY
    return None


def keeps_price(offer_price_minor: int, floor_minor: int) -> bool:
    """Tell whether an offer price is at or above the price floor."""
    return offer_price_minor >= floor_minor


def keeps_margin(offer_price: int, cost: int, floor_bp: int) -> bool:
    """Tell whether what remains above cost is at least `floor_bp` of the offer price.

    Price and cost are in the same unit, whichever it is; nothing is rounded.
    """
    return (offer_price - cost) * WHOLE_BP >= floor_bp * offer_price


def keeps_assumed_margin(discount_bp: int, assumed_margin_bp: int, floor_bp: int) -> bool:
    """Tell the same where the cost is unknown and the owner has assumed a margin on the undiscounted price."""
    return keeps_margin(WHOLE_BP - discount_bp, WHOLE_BP - assumed_margin_bp, floor_bp)
