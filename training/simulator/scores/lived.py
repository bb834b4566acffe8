"""What a simulated shop's households did while a policy made offers, and what they were offered: kept week by week.

This is truth, so it is kept beside a shop's workspace and never in it. Days count from the first night, day 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.ground.durable import write_whole
from models.tables import EXPECTED_COST_MILLI

DAYS_A_WEEK = 7
LINE_COLUMNS = {
    "household": "int64",
    "day": "int64",
    "product": "int64",
    "units": "int64",
    "margin_minor": "int64",  # paid less cost
    "personal_minor": "int64",  # taken off by a personal offer
    "offer_no": "int64",  # the offer that took it off, else -1
}
OFFER_COLUMNS = {
    "offer_no": "int64",
    "household": "int64",
    "product": "int64",
    "discount_bp": "int64",
    "max_units": "int64",
    "first_day": "int64",  # valid on first_day ...
    "end_day": "int64",  # ... until the day before end_day
    "is_new": "bool",  # the household had never bought the product
    EXPECTED_COST_MILLI: "int64",  # as the night planned it, thousandths of a minor unit
}


@dataclass(frozen=True)
class Lived:
    """Weeks of one world under one policy.

    Attributes:
        lines: LINE_COLUMNS, one row a line at a till.
        offers: OFFER_COLUMNS, one row a personal offer.
        here: (weeks, households), true for who is still a customer at the end of the week.
    """

    lines: pd.DataFrame
    offers: pd.DataFrame
    here: npt.NDArray[np.bool_]

    @property
    def weeks(self) -> int:
        """How many weeks were lived."""
        return len(self.here)

    @property
    def households(self) -> int:
        """How many households the world has."""
        return int(self.here.shape[1])

    def until(self, day: int) -> "Lived":
        """What had happened before a day, a whole number of weeks."""
        return Lived(
            self.lines[self.lines["day"] < day],
            self.offers[self.offers["first_day"] < day],
            self.here[: day // DAYS_A_WEEK],
        )

    def save(self, folder: Path) -> None:
        """Write it; the folder appears whole or not at all."""
        write_whole(folder, self._fill)

    def _fill(self, folder: Path) -> None:
        folder.mkdir()
        self.lines.to_parquet(folder / "lines.parquet", index=False)
        self.offers.to_parquet(folder / "offers.parquet", index=False)
        np.save(folder / "here.npy", self.here)

    @classmethod
    def load(cls, folder: Path) -> "Lived":
        """Read what `save` wrote."""
        lines, offers = (pd.read_parquet(folder / f"{name}.parquet") for name in ("lines", "offers"))
        return cls(lines, offers, np.load(folder / "here.npy"))

    @classmethod
    def joined(cls, weeks: Sequence["Lived"]) -> "Lived":
        """Weeks one after the other."""
        return cls(
            pd.concat([week.lines for week in weeks], ignore_index=True),
            pd.concat([week.offers for week in weeks], ignore_index=True),
            np.concatenate([week.here for week in weeks]),
        )


def lines_of(**columns: npt.ArrayLike) -> pd.DataFrame:
    """A frame of LINE_COLUMNS."""
    return pd.DataFrame(columns, columns=list(LINE_COLUMNS)).astype(LINE_COLUMNS)


def offers_of(**columns: npt.ArrayLike) -> pd.DataFrame:
    """A frame of OFFER_COLUMNS."""
    return pd.DataFrame(columns, columns=list(OFFER_COLUMNS)).astype(OFFER_COLUMNS)
