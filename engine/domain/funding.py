"""What a supplier pays of an offer's discount, by an agreement as it stood when the offer was published."""

from dataclasses import dataclass

from engine.domain.money import WHOLE_BP

_UNIT_MILLI = 1000


@dataclass(frozen=True)
class Funding:
    """One offer's terms, frozen with it.

    Attributes:
        funder, agreement: whose budget pays.
        funded_bp: part of the discount.
        unit_cap_minor: the most that is paid of one unit's discount; None where nothing is said.
        expected_milli: what the funder was expected to pay when the offer was planned, thousandths of a minor unit.
    """

    funder: str
    agreement: str
    funded_bp: int
    unit_cap_minor: int | None
    expected_milli: int

    def part_of(self, discount_minor: int, units_milli: int) -> int:
        """Return what the funder pays of a discount on so many units, rounded down: never more than was agreed."""
        part = discount_minor * self.funded_bp // WHOLE_BP
        if self.unit_cap_minor is None:
            return part
        return min(part, self.unit_cap_minor * units_milli // _UNIT_MILLI)
