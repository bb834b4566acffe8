"""Nobody is offered what they are too young for on the day on which their offers begin; later they are only older."""

import json
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.eligibility import Removal
from engine.domain.legal_age import age_years, flags_of_age
from engine.nightly.night import Night
from engine.store.choices.favourites import OF_AGE, PICKS
from models.tables import CUSTOMER_ID, CUSTOMER_NO, ITEM_NO

NO_AGE = 0  # of who is too young for everything that has a legal age, and of goods that have none


@dataclass(frozen=True)
class AgeRule:
    """Takes goods with a legal age from who is younger, or of whom no age is known.

    Attributes:
        least_years: (I,) the age from which each item may be offered, NO_AGE where anybody may have it.
        years: index customer_no, age on the first local day of tonight's bundles, NO_AGE where it is not known.
        removal: what the log says.

    """

    least_years: npt.NDArray[np.int64]
    years: "pd.Series[int]"
    removal: Removal = field(default=Removal.LEGAL_AGE)

    @classmethod
    def of(
        cls,
        flags: "pd.Series[str]",
        people: pd.DataFrame,
        night: Night,
        youngest: "pd.Series[int] | None" = None,
    ) -> "AgeRule":
        """Make the rule of a night.

        Args:
            flags: of every item, by item_no, `;`-separated.
            people: customer_no and birth_date of a bucket's customers.
            night: the run; its programme says which flags have an age.
            youngest: of customers who share their bundle, by customer_id, the age of the youngest who sees it.

        """
        years = ages_on(people, night)
        if youngest is not None:
            shared = people.set_index(CUSTOMER_NO)[CUSTOMER_ID].map(youngest)
            years = shared.fillna(years).astype("int64")
        return cls(least_years(flags, night), years)

    def bars(
        self, customers: pd.DataFrame, candidates: pd.DataFrame, item_id: npt.NDArray[np.object_]
    ) -> npt.NDArray[np.bool_]:
        """(N,) whether each candidate is of a customer too young for it; as in `CandidateRule`."""
        del customers, item_id
        least = self.least_years[candidates[ITEM_NO].to_numpy(dtype=np.int64)]
        return self.too_young(candidates[CUSTOMER_NO].to_numpy(), least)

    def too_young(
        self, customer_no: npt.NDArray[np.int64], least: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.bool_]:
        """Tell of each pair of a customer and an age whether they are known to have reached it; the same shape."""
        years = self.years.reindex(customer_no, fill_value=NO_AGE).to_numpy(dtype=np.int64)
        return np.asarray(years < least)


def ages_on(people: pd.DataFrame, night: Night) -> "pd.Series[int]":
    """Years of a bucket's customers on the first local day of tonight's bundles, by customer_no; NO_AGE where it is not known."""
    day = night.days.day_of(night.valid_from)
    ages = [age_years(born, day) or NO_AGE for born in _births(people)]
    return pd.Series(ages, index=people[CUSTOMER_NO].to_numpy(), dtype="int64")


def least_years(flags: "pd.Series[str]", night: Night) -> npt.NDArray[np.int64]:
    """The age that the strictest of an item's flags asks for, NO_AGE where none asks for any."""
    ages = night.programme.legal_ages
    return np.array(
        [
            max((ages.get(flag, NO_AGE) for flag in words.split(";")), default=NO_AGE)
            for words in flags.fillna("")
        ],
        dtype=np.int64,
    )


def with_ages(advised: pd.DataFrame, people: pd.DataFrame, night: Night) -> pd.DataFrame:
    """Add to what a bucket's customers are advised for which flags each is old enough, as the day must know it.

    Nothing is added where all goods with a legal age are kept out of offers anyway, nor of customers for whom there is
    nothing to add. A row without PICKS is of one to whom the night has no advice.

    Args:
        advised: customer_id, items (`engine.store.choices.favourites`), in the order of customer_no; some of the customers.
        people: customer_no, customer_id and birth_date of all of them.
        night: the run.

    """
    ages = {flag: night.programme.legal_ages[flag] for flag in night.programme.kept_from_the_young}
    if not ages:
        return advised
    day = night.days.day_of(night.valid_from)
    said = dict(zip(advised[CUSTOMER_ID].tolist(), advised["items"].tolist(), strict=True))
    rows = []
    for customer_id, born in zip(people[CUSTOMER_ID].tolist(), _births(people), strict=True):
        flags, text = sorted(flags_of_age(born, day, ages)), said.get(customer_id)
        picks = None if text is None else json.loads(text)
        if flags and (text is None or picks is not None):
            told = {OF_AGE: flags} if picks is None else {PICKS: picks, OF_AGE: flags}
            text = json.dumps(told, ensure_ascii=False)
        if text is not None:
            rows.append((customer_id, text))
    return pd.DataFrame(rows, columns=[CUSTOMER_ID, "items"]).astype("str")


def _births(people: pd.DataFrame) -> list[date | None]:
    return [None if pd.isna(born) else born for born in people["birth_date"].tolist()]
