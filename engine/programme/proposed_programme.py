"""A programme that fits a shop's prices and sales: the shipped one with its amounts proposed, for the owner to confirm.

The shipped amounts suit a grocer who counts in euros; in roubles the same numbers buy a tenth of a bundle a customer and
leave nothing but carrier bags to pick as a favourite. Only amounts are proposed: the rules are the owner's.
"""

import json
import math
import re

from engine.programme.countries import country_of
from engine.programme.law_section import STRICTEST
from engine.programme.programme_doubts import excluded_in_vain
from engine.programme.programme_file import parse_programme, programme_text
from models.ground.currencies import written
from models.ground.shop_figures import ShopFigures

# Of a week's sales. A night may plan a seventh of a week's budget, and the first, like every weekly one, gives everybody a
# bundle at once. Where the budget bound nobody, that cost the demo's grocer half a percent of a week's sales; a shop whose
# members come twice a year needed .65 %, and its guard refused the night for want of a budget. So a night gets 1 %.
BUNDLES_SHARE = 7 * 0.01
# A favourite at 30 % off costs four times as much a customer as a bundle, and is picked by and by.
FAVOURITE_SHARE = 0.02
# No offer goes below half of what the cheapest tenth of purchases costs: that keeps out nothing but errors.
FLOOR_SHARE = 0.5
_MARK = "# CONFIRM: "
_HEAD = """\
# Proposed by `abonement init`: the classic subscription with amounts that fit this shop's prices and sales.
# Lines with CONFIRM are proposals: correct each and take the word out; then `abonement programme check` looks at them.
# Pass it: abonement nightly --programme FILE. Money is in minor units (cents), shares of a price in basis points (1000 = 10 %).
"""


def propose_programme(figures: ShopFigures, timezone: str = "UTC") -> str:
    """Return the text of programme.toml: the shipped file with amounts from the shop's figures, explained beside them.

    `timezone` is the shop's: its country's law is proposed, the strictest where it is the zone of none.
    """
    low, middle, high = (
        f"{written(price, figures.currency)} {figures.currency}"
        for price in (figures.price_low, figures.price_middle, figures.price_high)
    )
    week = f"{written(figures.sales_a_week, figures.currency)} {figures.currency}"
    sales = f"a usual week's {week}, from {figures.customers:,} customers in 13 weeks"
    dearest = _up(max(figures.price_high, figures.price_low + 1))
    values = {
        ("floors", "price_minor"): (
            _down(figures.price_low * FLOOR_SHARE),
            f"half of {low}, which a tenth of purchases cost at most",
        ),
        ("budget", "amount_minor"): (
            _up(figures.sales_a_week * BUNDLES_SHARE),
            f"{BUNDLES_SHARE:.0%} of {sales}; a night may plan a seventh, the first one gives everybody a bundle",
        ),
        ("favourite", "min_price_minor"): (
            _down(figures.price_low),
            f"a tenth of purchases cost at most {low}: bags and small things",
        ),
        ("favourite", "max_price_minor"): (
            dearest,
            f"half of purchases cost at most {middle}, nine tenths at most {high}",
        ),
        ("favourite.budget", "amount_minor"): (
            _up(figures.sales_a_week * FAVOURITE_SHARE),
            f"{FAVOURITE_SHARE:.0%} of {sales}",
        ),
    }
    text = _HEAD + programme_text().partition("\n\n")[2].join(["\n", ""])
    for (section, key), (amount, why) in values.items():
        spoken = f"{written(amount, figures.currency)} {figures.currency}"
        text = _with(text, section, key, f"{amount:_}", f"{_MARK}{spoken}; {why}")
    text = _with_law(text, timezone)
    excluded = parse_programme(text, "the proposed programme").exclusions.flags
    if vain := excluded_in_vain(excluded, figures):
        why = f"{_MARK}{', '.join(excluded)}; {vain}"
        text = _with(text, "exclusions", "flags", json.dumps(excluded), why)
    parse_programme(text, "the proposed programme")
    return text


def _with_law(text: str, timezone: str) -> str:
    """The text with its section [law], whose lines the shipped file has behind #."""
    country = country_of(timezone)
    why = (
        f'{_MARK}all rules known: {timezone} is the zone of no country; name yours, such as "DE", for its own'
        if country is None
        else f"{_MARK}by the time zone {timezone}; its law may refuse offers that are no reduction in 30 days"
    )
    before, _, after = text.partition("# [law] ")
    said, _, rest = after.partition("\n")
    line, _, rest = rest.partition("\n")
    if not line.startswith("# country = "):
        raise ValueError(f"expected the country behind # [law] of the shipped programme, found {line!r}")
    about = said.strip().partition(";")[0]
    return (
        f"{before}[law]                       {about}\n"
        + f'country = "{country or STRICTEST}"'.ljust(28)
        + f"{why}\n{rest}"
    )


def to_confirm(text: str) -> tuple[str, ...]:
    """What a file leaves to its owner to confirm: `section.key = value; why`."""
    section, found = "", []
    for line in text.splitlines():
        section = line[1 : line.index("]")] if line.startswith("[") else section
        key, mark, why = line.partition(_MARK)
        if mark and not line.startswith("#"):
            found.append(f"{section}.{key.partition('=')[0].strip()} = {why}")
    return tuple(found)


def _with(text: str, section: str, key: str, value: str, why: str) -> str:
    """The text with another value of one key, and why in the place of what stood beside it."""
    pattern = re.compile(
        rf"(^\[{re.escape(section)}\][^\n]*\n(?:[^\[\n][^\n]*\n)*?){key} = [^\n]*", re.MULTILINE
    )
    changed, times = pattern.subn(lambda found: found[1] + f"{key} = {value}".ljust(28) + why, text)
    if times != 1:
        raise ValueError(f"expected one {key} in [{section}] of the shipped programme, found {times}")
    return changed


def _up(amount: float) -> int:
    """The amount with two significant digits, no smaller than it was."""
    return max(1, math.ceil(amount / _step(amount)) * _step(amount))


def _down(amount: float) -> int:
    return max(1, math.floor(amount / _step(amount)) * _step(amount))


def _step(amount: float) -> int:
    return int(10 ** max(0, math.floor(math.log10(max(1.0, amount))) - 1))
