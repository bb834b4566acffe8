"""The programme's section [shelf]: what must be on the shelf, and on the customer's own, for an item to be offered.

Part of `engine.programme`; a file without it asks for nothing of the kind.
"""

from collections.abc import Iterator

from pydantic import Field

from engine.domain.money import WHOLE_BP
from engine.programme.section import Section


class Shelf(Section):
    """Stock, the assortment of the customer's stores, what is sold no more, and what stands in; 0 switches each off."""

    stock_days: int = Field(
        ge=0, le=60, description="a whole number of days from 0 to 60, 0 not to read stock"
    )
    store_sales: int = Field(
        ge=0, le=1000, description="a whole number of sales from 0 to 1000, 0 for all stores alike"
    )
    store_days: int = Field(ge=7, le=364, description="a whole number of days from 7 to 364")
    unsold_days: int = Field(
        ge=0, le=364, description="a whole number of days from 0 to 364, 0 to offer them all the same"
    )
    substitutes: int | None = Field(
        default=None, ge=0, le=20, description="a whole number of a bundle's offers from 0 to 20"
    )
    substitute_band_bp: int | None = Field(
        default=None, ge=0, le=WHOLE_BP, description="bp of the offered item's price, from 0 to 10000"
    )

    def _impossibilities(self) -> Iterator[str]:
        if self.substitutes and self.substitute_band_bp is None:
            yield (
                f"shelf.substitutes = {self.substitutes} needs shelf.substitute_band_bp: by how much of its price what stands in "
                "for a sold-out item may be dearer or cheaper, such as substitute_band_bp = 2000."
            )
        if self.substitute_band_bp is not None and self.substitutes is None:
            yield (
                "shelf.substitute_band_bp is of what stands in for sold-out items; write shelf.substitutes too, how many of a "
                "bundle's offers may have a stand-in at a time, or leave it out."
            )
