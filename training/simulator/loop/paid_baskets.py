"""Baskets of a simulated day, paid through the engine's own use case of the till."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from engine.day.till.redeem import redeem
from engine.domain.offer_errors import Refused
from engine.domain.till.basket import MILLI, Basket, BasketLine, Unit
from engine.store import Store
from training.simulator.world.offers_and_lines import Lines

_STORE = "1"  # a world is one store


@dataclass(frozen=True)
class Sold:
    """What the tills took off a day's lines.

    Attributes:
        personal_minor: (k,) by a personal offer, 0 where there is none or the chain's promotion was better.
        redeemed: numbers of the offers that were used.
    """

    personal_minor: npt.NDArray[np.int64]
    redeemed: npt.NDArray[np.int64]


def sell(
    store: Store, customer_ids: list[str], product_ids: list[str], lines: Lines, midnight: datetime
) -> Sold:
    """Pay every basket that has an open offer on one of its lines; others the engine never sees.

    A day's baskets share one transaction: each is the use case as a till calls it, the disk is asked once a day.

    Args:
        store: where the night published.
        customer_ids, product_ids: in the world's order.
        lines: the day's, sorted by household, with the number of the open offer on each line or -1.
        midnight: when the day began.
    """
    personal = np.zeros(len(lines.household), dtype=np.int64)
    concerned = np.isin(lines.basket, lines.basket[lines.offer_no >= 0])
    rows = np.flatnonzero(concerned)
    starts = np.flatnonzero(np.diff(lines.basket[rows], prepend=-1))
    with store.writing():
        for basket in np.split(rows, starts[1:]) if len(rows) else ():
            first = basket[0]
            now = midnight + timedelta(seconds=int(lines.second[first]))
            paid = Basket(
                customer_ids[lines.household[first]],
                tuple(_line(lines, row, product_ids) for row in basket.tolist()),
                store_id=_STORE,
                at=now,
            )
            try:
                receipt = redeem(store, paid, now=now).receipt
            except Refused as refused:
                if refused.key != "nothing_to_redeem":
                    raise
                continue
            for one in receipt.lines:
                personal[int(one.line_id)] = one.discount_minor
    return Sold(personal, np.unique(lines.offer_no[personal > 0]))


def _line(lines: Lines, row: int, product_ids: list[str]) -> BasketLine:
    return BasketLine(
        str(row),
        product_ids[lines.product[row]],
        int(lines.units[row]) * MILLI,
        Unit.PIECE,
        int(lines.shelf_price_minor[row]),
        int(lines.promo_minor[row]),
    )
