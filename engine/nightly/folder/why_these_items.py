"""Why a customer was offered these items, and which was the next that a rule left out, from what the night wrote about them."""

from typing import Any

import pandas as pd

from engine.nightly.folder.run_folder import RunFolder
from models.tables import CUSTOMER_ID, ITEM_ID, P_BUY

_ASKED = [
    "slot",
    ITEM_ID,
    "name",
    "kind",
    "discount_bp",
    P_BUY,
    "reason_text",
    "reason_analyst",
    "runner_up",
    "runner_up_rule",
]


def why_these_items(folder: RunFolder, customer_id: str) -> list[dict[str, Any]]:
    """Return each slot of a customer's bundle in a finished run: the item, its reason, and the likeliest item left out beside it.

    Raises:
        BadInput: a file of the run is missing or was changed.
    """
    if not folder.is_finished:
        return []
    found = [
        pd.read_parquet(file, columns=_ASKED, filters=[(CUSTOMER_ID, "==", customer_id)])
        for file in folder.checked_files("slots")
    ]
    rows = [row for frame in found for row in frame.sort_values("slot", kind="stable").to_dict("records")]
    return [
        {
            ITEM_ID: row[ITEM_ID],
            "name": row["name"],
            "kind": row["kind"],
            "discount_bp": int(row["discount_bp"]),
            P_BUY: float(row[P_BUY]),
            "reason": row["reason_text"],
            "reason_analyst": row["reason_analyst"],
            "runner_up": _text(row["runner_up"]),
            "runner_up_rule": _text(row["runner_up_rule"]),
        }
        for row in rows
    ]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
