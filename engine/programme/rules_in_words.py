"""What a programme's rules mean, in sentences for whoever decides them: first for a customer, then for the shop."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.domain.grants import GrantKind
from engine.domain.treatments import Gets, Treatment, strictest_first
from engine.programme.law_section import LOWEST_PRICE_DAYS, STRICTEST
from engine.programme.programme import Programme
from engine.programme.rules_section import CustomerRules
from models.ground.currencies import written

CUSTOMER, SHOP = "customer", "shop"
_NOBODY = "no_offers"
_WHO = {
    "at_a_loss": "who is served at a loss",
    "deal_only": "who comes for deals only",
    "at_height": "who is at the height of their consumption",
    "reward_alarm": "whose habit rewards replace",
    "suspect": "of whom nothing says that they want to buy",
    "prospect": "who has joined and never bought",
    "disqualified": "who never bought and will not",
    "first_time": "who came once",
    "repeat": "who came more than once",
    "client": "who comes regularly",
    "advocate": "who recommends the shop",
    "lapsing": "who is silent beyond their own cycle",
    "lost": "who is lost",
    "won_back": "who is won back",
    "loyalty_true": "who is truly loyal",
    "loyalty_latent": "whose loyalty is latent",
    "loyalty_spurious": "whose loyalty is spurious",
    "loyalty_none": "who shows no loyalty",
}


class RuleInWords(NamedTuple):
    """A sentence: whom it is about, which section it tells, and what."""

    about: str
    topic: str
    sentence: str


def rules_in_words(rules: Programme, currency: str = "") -> tuple[RuleInWords, ...]:
    """Say what the rules mean; amounts are minor units where no currency is given."""
    return tuple(
        RuleInWords(about, topic, sentence)
        for about, told in ((CUSTOMER, _for_the_customer), (SHOP, _for_the_shop))
        for topic, sentence in told(rules, currency)
    )


def _for_the_customer(rules: Programme, currency: str) -> Iterator[tuple[str, str]]:
    bundle, validity, who = rules.bundle, rules.validity, rules.eligibility
    depths = _or([f"{bp / 100:g}" for bp in rules.depths.bp])
    if rules.policy.name == _NOBODY:
        yield "bundle", "Nobody gets a bundle."
    else:
        yield (
            "bundle",
            (
                f"{_range(bundle.min_items, bundle.max_items, 'item')} at {depths} % off, up to {_n(bundle.max_units, 'unit')} of "
                f"each, for {_range(validity.min_days, validity.max_days, 'day')} by their own rhythm; the next bundle comes when "
                "the last one has ended."
            ),
        )
        yield "activation", _activation(rules)
        yield "novelty", _novelty(rules)
        yield from _said("rotation", _rotation(rules))
        if who.one_a_household:
            shared = "and every member sees and uses it" if who.household_shares else "has it"
            words = (
                "made for the member who shops most, "
                if who.household_shares
                else "the member who shops most "
            )
            yield "household", f"One bundle a household, where it is known: {words}{shared}."
    newcomers = "; who has joined and never bought gets one, too" if who.prospects else ""
    stores = f", only in {_or(who.stores)}" if who.stores else ""
    yield "eligibility", f"For who bought within {_n(who.seen_days, 'day')}{stores}{newcomers}."
    yield from _said("assigned", _assigned(rules))
    yield (
        "consent",
        "Only who has agreed to personal offers gets any."
        if rules.consent.rule == "required"
        else "Who has refused personal offers gets none.",
    )
    excluded = [*rules.exclusions.flags, *rules.exclusions.families]
    yield (
        "exclusions",
        f"Never offered: {', '.join(excluded) or 'nothing is kept out'}; nothing below {_money(rules.floors.price_minor, currency)}.",
    )
    for flag in sorted(rules.kept_from_the_young):
        years = rules.legal_ages[flag]
        yield (
            f"legal_age.{flag}",
            f"Offered {flag}: only who is {years} or older; an unknown age is too young.",
        )
    yield from _said("shelf", _shelf(rules))
    yield from _said("rules", _ruled(rules, currency))
    yield "favourite", _favourite(rules, currency)
    yield (
        "checkout",
        (
            "Where the till has a promotion of its own on a line, that one counts"
            if rules.checkout.stacking == "promotion_first"
            else "Where the till has a promotion of its own on a line, the larger discount counts"
        )
        + f"; never both. An offer holds while the shelf price is at most {rules.checkout.price_rise_bp / 100:g} % above the one shown.",
    )
    caps = rules.velocity
    yield (
        "velocity",
        (
            f"One card: at most {_n(caps.redemptions_a_day, 'offer')} and {_n(caps.units_a_day, 'unit')} a day, at "
            f"{_n(caps.tills, 'till')} within {_n(caps.within_minutes, 'minute')}."
        ),
    )
    pauses = {"complaint": "while a complaint of theirs is open", "moved": "once they have moved"}
    told = _or([pauses[one] for one in rules.outreach.pauses_offers])
    yield "outreach", f"No bundle {told}." if told else "Neither a complaint nor a move stops bundles."


def _assigned(rules: Programme) -> Iterator[str]:
    assigned = rules.assigned
    if assigned is None:
        return
    if assigned.to is not None:
        yield f"only for who stands as {_or(assigned.to)}"
    if assigned.arm is not None:
        yield f"only for who is in arm {assigned.arm} of an experiment"
    most = [
        _n(number, what)
        for number, what in ((assigned.max_bundles, "bundle"), (assigned.max_items, "item"))
        if number is not None
    ]
    if most:
        yield f"nobody gets one that makes it more than {_or(most)} of all programmes at once"


def _activation(rules: Programme) -> str:
    claim = rules.claim
    if claim is not None:
        return (
            f"Of these the customer claims {claim.shown}, drawn by lot, which count at the till for {_n(claim.days, 'day')}; a day they "
            f"may draw {_n(claim.refreshes_a_day, 'other set')} while nothing of it is used, and exchange "
            f"{_n(claim.swaps_a_day, 'unused offer')}."
        )
    slots = _n(rules.activation.slots, "item")
    if rules.activation.mode == "automatic":
        return f"Every offer counts at the till by itself; {slots} of a bundle can be used."
    back = "may be put back" if rules.activation.may_deactivate else "cannot be put back"
    return f"An offer counts once the customer activates it, {slots} side by side; an unused one {back}."


def _novelty(rules: Programme) -> str:
    new = rules.novelty
    slots = _range(new.min_slots, new.max_slots, "item") if new.max_slots else "No item"
    launch = (
        f"; each night {new.launch_share * 100:g} % of a family's customers are asked to try a product on sale for under 28 days"
        if new.launch_share
        else ""
    )
    return f"{slots} of a bundle {'is' if new.max_slots <= 1 else 'are'} new to the customer{launch}."


def _rotation(rules: Programme) -> Iterator[str]:
    again = rules.rotation
    if again is None:
        return
    if again.returning is not None:
        yield f"at most {_n(again.returning, 'item')} of the last bundle return"
    if again.item_bundles or again.item_days:
        staples = (
            f", what the customer buys at least every {again.staple_gap_days:g} days "
            f"{_rest(again.staple_bundles, again.staple_days)}"
            if again.staple_gap_days
            else ""
        )
        yield f"an item rests {_rest(again.item_bundles, again.item_days)} after it was offered{staples}"
    if again.family_bundles or again.family_days:
        yield f"its family rests {_rest(again.family_bundles, again.family_days)}"
    if again.fatigue_offers:
        yield (
            f"what was offered {_n(again.fatigue_offers, 'time')} in a row and never used rests for "
            f"{_n(again.fatigue_days, 'day')}"
        )
    if again.families > 1:
        yield f"a bundle holds items of at least {again.families} families"


def _rest(bundles: int, days: int) -> str:
    told = [_n(count, what) for count, what in ((bundles, "bundle"), (days, "day")) if count]
    return f"for {' and '.join(told)}" if told else "not at all"


def _shelf(rules: Programme) -> Iterator[str]:
    shelf = rules.shelf
    if shelf is None:
        return
    if shelf.stock_days:
        yield (
            "what is sold out is not offered, and where stock is less than is sold in "
            f"{_n(shelf.stock_days, 'day')} an item is offered to some by lot"
        )
    if shelf.store_sales:
        yield (
            f"only what was sold at least {_n(shelf.store_sales, 'time')} in {_n(shelf.store_days, 'day')} in a store where the "
            "customer shops"
        )
    if shelf.unsold_days:
        yield f"nothing that has been sold nowhere for {_n(shelf.unsold_days, 'day')}, against its habit"
    if shelf.substitutes:
        yield (
            f"by day something of the same family stands in for what is sold out, at most {(shelf.substitute_band_bp or 0) / 100:g} % "
            f"dearer or cheaper, in up to {_n(shelf.substitutes, 'offer')} of a bundle"
        )


def _ruled(rules: Programme, currency: str) -> Iterator[str]:
    if rules.rules is None:
        return
    ordered = strictest_first(rules.rules.treatments.items())
    for name, treatment in ordered:
        yield f"{_WHO[name]} {_gets(treatment, rules.rules, currency)}"
    if len(ordered) > 1:
        yield "of several the first counts"
    if rules.rules.compensation is not None:
        pays = rules.rules.compensation
        yield f"whose complaint was settled gets {_money(pays.each_minor, currency)} off a purchase without a condition, once"


def _gets(treatment: Treatment, rules: CustomerRules, currency: str) -> str:
    if treatment.gets is Gets.WIN_BACK and rules.win_back is not None:
        return f"is asked back with bundles for {_n(rules.win_back.seen_days, 'day')} after the last purchase"
    if treatment.gets is Gets.AT_MOST and treatment.at_most_bp is not None:
        return f"gets nothing deeper than {treatment.at_most_bp / 100:g} %"
    if treatment.gets is Gets.THANK_YOU and rules.thank_you is not None:
        thanks = rules.thank_you
        return (
            f"gets no bundle, but {_money(thanks.each_minor, currency)} off a purchase without a condition, at most once in "
            f"{_n(thanks.every_days, 'day')}"
        )
    return "gets no bundle"


def _said(topic: str, parts: Iterator[str]) -> Iterator[tuple[str, str]]:
    """One sentence of what a section asks for; none where it asks for nothing."""
    told = "; ".join(parts)
    if told:
        yield topic, f"{told[0].upper()}{told[1:]}."


def _favourite(rules: Programme, currency: str) -> str:
    pick = rules.favourite
    if not pick.offered:
        return "Nobody picks a product of their own."
    return (
        f"Customers pick one product of {_money(pick.min_price_minor, currency)} to {_money(pick.max_price_minor, currency)} "
        f"themselves, {pick.discount_bp / 100:g} % off for {_n(pick.days, 'day')}, up to {_n(pick.max_units_a_day, 'unit')} a day."
    )


def _for_the_shop(rules: Programme, currency: str) -> Iterator[tuple[str, str]]:
    held, budget, floors, guard = rules.holdout, rules.budget, rules.floors, rules.guard
    if held.share:
        again = f", others every {_n(held.rotate_days, 'day')}" if held.rotate_days else ""
        yield (
            "holdout",
            f"{held.share * 100:g} % of all customers get no {_or(held.covers)}{again}: what offers are worth is measured against them.",
        )
    else:
        yield "holdout", "Nobody is held out, so that nobody can say what offers are worth."
    yield (
        "budget",
        f"Bundles may cost {_money(budget.amount_minor, currency)} a {budget.period} in expected discounts; each night plans an "
        "equal part of what is left"
        + (
            ", by what tills gave so far."
            if budget.from_tills
            else ", as if every offer counted as expected."
        ),
    )
    if rules.rules is not None:
        yield from _lines(rules.rules, currency)
    if rules.favourite.offered:
        line = rules.favourite.budget
        yield (
            "favourite",
            (
                f"Favourites may cost {_money(line.amount_minor, currency)} a {line.period}, each counted as "
                f"{_n(line.expected_units, 'unit')}; then nobody can pick one."
            ),
        )
    yield (
        "margin",
        f"No offer leaves less than {floors.margin_bp / 100:g} % of its price above cost; where no cost is known, "
        f"{rules.assumed_margin_bp.default / 100:g} % of the price counts as margin"
        + (
            ", but for " + ", ".join(rules.assumed_margin_bp.families)
            if rules.assumed_margin_bp.families
            else ""
        )
        + ".",
    )
    yield from _said("grants", _grants(rules, currency))
    share = 1.0 if rules.rotation is None else rules.rotation.staples_share
    if share < 1:
        yield "staples_share", f"One item stands in at most {share * 100:g} % of a night's bundles."
    yield from _said("law", _law(rules))
    yield "policy", f"What an offer is worth at which depth says the policy {rules.policy.name}."
    if rules.explore is not None:
        yield (
            "explore",
            (
                f"To learn what pays, at most {rules.explore.first_share:.0%} of those whose bundle may pay get it by lot, and all of "
                f"it may lose {_money(rules.explore.amount_minor, currency)}."
            ),
        )
    yield (
        "guard",
        (
            f"A night is not published where the newest purchase is older than {guard.max_data_age_hours:g} hours, more than "
            f"{guard.max_empty_share:.0%} of those who should have a bundle get none, or a bundle costs {guard.max_cost_factor:g} "
            "times the usual; among other limits."
        ),
    )


def _grants(rules: Programme, currency: str) -> Iterator[str]:
    given = rules.grants
    if given is None:
        return
    for kind, named in ((GrantKind.COMPENSATION, "compensation"), (GrantKind.THANK_YOU, "a thank-you")):
        line, limit = given.line(kind), given.limit_minor(kind)
        if line is not None and limit:
            yield (
                f"your people may give {named} of at most {_money(limit, currency)}, {_n(given.a_month(kind), 'time')} a month to "
                f"one customer, all of them {_money(line.amount_minor, currency)} a {line.period}, each to be used within "
                f"{_n(given.days, 'day')}"
            )


def _lines(rules: CustomerRules, currency: str) -> Iterator[tuple[str, str]]:
    for topic, who, line in (
        ("win_back", "Who is asked back is paid", rules.win_back),
        ("thank_you", "What thanks is paid", rules.thank_you),
        ("compensation", "What makes good is paid", rules.compensation),
    ):
        if line is not None:
            yield (
                topic,
                f"{who} from a line of its own, {_money(line.amount_minor, currency)} a {line.period}; then nothing is given.",
            )


def _law(rules: Programme) -> Iterator[str]:
    law = rules.law_in_force
    if rules.law is not None:
        whose = f"the law of {law.country}" if law.is_known else "the strictest law known"
        if not law.is_known and law.country != STRICTEST:
            yield f"what the law of {law.country} asks is not known here, so all rules hold"
        if law.tells_lowest_price:
            yield f"by {whose} an item is offered only below its lowest price of the last {LOWEST_PRICE_DAYS} days"
        if law.keeps_terms_days:
            yield f"what was offered is kept for {_n(law.keeps_terms_days, 'day')}"
    if law.discloses:
        yield "customers are told that an algorithm sets their prices"


def _money(minor: int, currency: str) -> str:
    return f"{written(minor, currency)} {currency}" if currency else f"{minor:,} minor units"


def _n(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _range(low: int, high: int, what: str) -> str:
    return _n(low, what) if low == high else f"{low} to {_n(high, what)}"


def _or(words: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
