"""VAT as tables.toml declares it, so that margins are net of it: the optional section [vat].

[vat]                        # without it no tax is known, and margins count prices and costs as they stand
cost = "excluded"            # whether the cost of products includes VAT; `tax` says it of prices and of what is paid
default_bp = 1900            # the rate of products of which nothing else says one

[vat.families]               # a family = its rate; the finest family of a product counts
Bread = 700

[vat.flags]                  # one of our flags = its rate
alcohol = 1900

A product's own rate stands in the column vat_bp and comes before all of these.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from models.ground.errors import BadInput
from models.tables import LEAST_VAT_BP, MOST_VAT_BP, PRODUCT_FLAGS

VAT_SECTION = "vat"
INCLUDED, EXCLUDED = "included", "excluded"
_KEYS = ("cost", "default_bp", "families", "flags")


@dataclass(frozen=True)
class DeclaredVat:
    """What includes VAT, and at which rates, basis points of what is net; see the module's docstring.

    Attributes:
        price, cost: "included" or "excluded"; price is the declaration's `tax`.
        default_bp: None where every product's rate is said otherwise.
        families, flags: rates by name.
    """

    price: str
    cost: str
    default_bp: int | None = None
    families: Mapping[str, int] = field(default_factory=dict)
    flags: Mapping[str, int] = field(default_factory=dict)

    @property
    def needs_rates(self) -> bool:
        """Something includes VAT, so what it is without can only be told by its rate."""
        return INCLUDED in {self.price, self.cost}

    def as_dict(self) -> dict[str, Any]:
        """As a load keeps it, to be compared with that of a delivery."""
        return asdict(self)


def check_vat(section: object, price: str, where: str) -> DeclaredVat:
    """Turn [vat] into a DeclaredVat; raises BadInput at the first entry that is wrong.

    Args:
        section: as it stands in tables.toml.
        price: the key `tax`.
        where: the file, for the message.
    """
    if not isinstance(section, dict):
        raise BadInput(f"{where}: vat = {section!r} is not allowed; expected a section [vat].")
    for key in section:
        if key not in _KEYS:
            raise BadInput(f"{where}: unknown key [vat] {key}; expected only {', '.join(_KEYS)}.")
    if "cost" not in section:
        raise BadInput(f'{where}: [vat] cost is missing; expected "included" or "excluded".')
    if section["cost"] not in (INCLUDED, EXCLUDED):
        raise BadInput(
            f'{where}: [vat] cost = {section["cost"]!r} is not allowed; expected "included" or "excluded".'
        )
    if "default_bp" in section:
        _check_rate("[vat] default_bp", section["default_bp"], where)
    _check_words("families", section, None, where)
    _check_words("flags", section, PRODUCT_FLAGS, where)
    return DeclaredVat(price=price, **section)


def _check_words(name: str, section: Mapping[str, Any], known: tuple[str, ...] | None, where: str) -> None:
    words = section.get(name, {})
    if not isinstance(words, dict):
        raise BadInput(f"{where}: [vat] {name} must be a section [vat.{name}].")
    for word, rate in words.items():
        if known is not None and word not in known:
            raise BadInput(
                f"{where}: [vat.{name}] has {word!r}, which is no flag of ours; expected one of {', '.join(known)}."
            )
        _check_rate(f"[vat.{name}] {word}", rate, where)


def _check_rate(name: str, rate: object, where: str) -> None:
    whole = isinstance(rate, int) and not isinstance(rate, bool)
    if not (whole and (rate == 0 or LEAST_VAT_BP <= rate <= MOST_VAT_BP)):  # type: ignore[operator]
        raise BadInput(
            f"{where}: {name} = {rate!r} is not allowed; expected basis points, 1900 for 19 %: 0, or"
            f" {LEAST_VAT_BP} to {MOST_VAT_BP}."
        )
