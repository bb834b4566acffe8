"""Generated in the shape of the Groceries set: members who come a few times in two years, for a few of 167 items each.

Nothing in it is data of that shop. As there, visits are far apart and a line holds one item, what somebody buys says next
to nothing about what they buy next time, and nothing has a price: every line costs 1.00 here, because a shop must have money.
"""

from pathlib import Path

import numpy as np
import pandas as pd

FIRST_DAY = pd.Timestamp("2014-01-01")
DAYS = 730
ITEMS = 167
VISITS_A_MEMBER = 3.84
MEMBERS = 3_898


def write_grocer(folder: Path, *, members: int, visits_a_member: float, seed: int) -> None:
    """Write purchases.csv and products.csv."""
    rng = np.random.default_rng(seed)
    liked = 1.0 / np.arange(1.5, ITEMS + 1.5) ** 0.95
    taste = np.minimum(liked / liked.sum(), 0.065)
    visits = 1 + rng.poisson(visits_a_member - 1.0, members)
    member = np.repeat(np.arange(members), visits)
    # a fifth more of them in the second year
    day = np.where(
        rng.random(len(member)) < 0.545,
        rng.integers(365, DAYS, len(member)),
        rng.integers(0, 365, len(member)),
    )
    order = np.lexsort((member, day))
    member, day = member[order], day[order]
    lines = rng.choice([1, 2, 3, 4, 5, 6], size=len(member), p=[0.02, 0.62, 0.18, 0.11, 0.04, 0.03])
    visit = np.repeat(np.arange(len(member)), lines)
    folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(
        {
            "Member_number": 1_000 + member[visit],
            "Date": (FIRST_DAY + pd.to_timedelta(day[visit], unit="D")).strftime("%d-%m-%Y"),
            "Receipt": 1 + visit,
            "Item": [
                f"I{number:03d}" for number in rng.choice(ITEMS, size=len(visit), p=taste / taste.sum())
            ],
            "Quantity": 1,
            "Amount": "1.00",
        }
    ).to_csv(folder / "purchases.csv", index=False)
    pd.DataFrame(
        {
            "Item": [f"I{number:03d}" for number in range(ITEMS)],
            "Name": [f"item {number}" for number in range(ITEMS)],
        }
    ).to_csv(folder / "products.csv", index=False)
