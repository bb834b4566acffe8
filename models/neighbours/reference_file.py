"""Reference customers in a file: NumPy's own arrays in one `.npz`, nothing pickled, the same bytes for the same content.

A reference customer is a keyed hash of their id, so the file names nobody; it does hold what they bought. Who is erased
from the shop's data leaves the sample with the next fit.
"""

import io
from dataclasses import asdict
from typing import Any

import numpy as np

from models.neighbours import (
    BasketTriples,
    NamedNeighbours,
    NeighbourRules,
    Reference,
    TifuKnn,
    UpCf,
)
from models.tables import ITEM_ID, ITEM_NO

NEIGHBOURS_FILE = "neighbours.npz"


def neighbours_about(neighbours: NamedNeighbours) -> dict[str, Any]:
    """Parameters and seed, for people and for `read_neighbours`."""
    return {"rules": asdict(neighbours.rules), "seed": neighbours.reference.seed}


def neighbours_bytes(neighbours: NamedNeighbours) -> bytes:
    """The arrays; numpy dates the members of an archive 1980, so equal content gives equal bytes."""
    reference, baskets = neighbours.reference, neighbours.reference.baskets
    file = io.BytesIO()
    np.savez_compressed(
        file,
        keys=reference.keys,
        customer=baskets.customer,
        item=baskets.item,
        baskets_ago=baskets.baskets_ago,
        count=baskets.count,
        item_no=reference.item_no,
        item_id=neighbours.item_id,
    )
    return file.getvalue()


def read_neighbours(content: bytes, about: dict[str, Any]) -> NamedNeighbours:
    """What `neighbours_bytes` and `neighbours_about` gave."""
    rules = about["rules"]
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        baskets = BasketTriples(
            arrays["customer"], arrays["item"], arrays["baskets_ago"], arrays["count"], len(arrays[ITEM_ID])
        )
        reference = Reference(arrays["keys"], baskets, arrays[ITEM_NO], about["seed"])
        return NamedNeighbours(
            reference,
            arrays[ITEM_ID],
            NeighbourRules(
                TifuKnn(**rules["tifu"]),
                UpCf(**rules["upcf"]),
                rules["customers"],
                rules["items"],
                rules["followers"],
            ),
        )
