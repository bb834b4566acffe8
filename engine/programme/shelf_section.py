"""The programme's section [shelf]: what must be on the shelf, and on the customer's own, for an item to be offered.

Part of `engine.programme`; a file without it asks for nothing of the kind.
"""

from pydantic import Field

from engine.programme.section import Section


class Shelf(Section):
    """Stock, the assortment of the customer's stores, and what is sold no more; 0 switches each off."""

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
