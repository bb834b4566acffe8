"""What the customers of one bucket did in a period: DuckDB sums each customer, the group is counted in NumPy."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from engine.measurement.metric_definitions import DETRACTOR_TO, PROMOTER_FROM, UPSELL_RISE, Totals
from models.features.bucket_history import open_bought, read_sql
from models.features.catalogue import Catalogue
from models.features.habits import Margins
from models.ground.moment import Moment
from models.tables import CUSTOMER_ID


@dataclass(frozen=True)
class MeasuredPeriod:
    """Whole local days `[starts, ends)`; a customer is one who bought in the last `active_days` before a moment."""

    starts: Moment
    ends: Moment
    active_days: int

    @property
    def days(self) -> int:
        """Length in local days."""
        return (self.ends.day - self.starts.day).days


def customers_in(
    purchases: Path, catalogue: Catalogue, margins: Margins, period: MeasuredPeriod
) -> pd.DataFrame:
    """One row a customer of a bucket: customer_no, at_start, at_end, visits, paid_minor, margin_minor, families,
    dearness (this period's price of a unit over the former one's in the same families; NaN where none is the same).
    """  # noqa: D205 - the columns are the summary
    with open_bought(purchases, catalogue, period.ends) as bought:
        bought.register("item_families", catalogue.items[["fine_no"]].reset_index())
        bought.register("margins", margins.items)
        bought.register(
            "period",
            pd.DataFrame(
                {
                    "days": [period.days],
                    "active_days": [period.active_days],
                    "default_assumed_bp": [margins.default_assumed_bp],
                }
            ),
        )
        rows: pd.DataFrame = bought.sql(read_sql("period.sql", "engine.measurement").strip().rstrip(";")).df()
    return rows.astype({"paid_minor": "float64", "margin_minor": "float64", "dearness": "float64"})


def answers_in(answers: pd.DataFrame | None, period: MeasuredPeriod) -> pd.DataFrame:
    """Each customer's last answers of a kind in the period: customer_id, kind, score."""
    if answers is None:
        return pd.DataFrame({CUSTOMER_ID: pd.Series(dtype="str"), "kind": "", "score": 0})
    inside = (answers["answered_at"] >= period.starts.as_of) & (answers["answered_at"] < period.ends.as_of)
    last = answers[inside].sort_values(["answered_at", "score"], kind="stable")
    return last.drop_duplicates([CUSTOMER_ID, "kind"], keep="last")[[CUSTOMER_ID, "kind", "score"]]


def totals_of(customers: pd.DataFrame, answers: pd.DataFrame) -> Totals:
    """Sum a group.

    Args:
        customers: rows of `customers_in`.
        answers: rows of `answers_in` of the same group, also of those who did not buy.
    """
    at_start, at_end = (customers[name].to_numpy(np.bool_) for name in ("at_start", "at_end"))
    came = customers["visits"].to_numpy() > 0
    dearness = customers["dearness"].to_numpy(np.float64)
    nps, csi = (answers.loc[answers["kind"] == kind, "score"].to_numpy() for kind in ("nps", "csi"))
    return Totals(
        at_start=int(at_start.sum()),
        at_end=int(at_end.sum()),
        joined=int((at_end & ~at_start).sum()),
        came=int(came.sum()),
        came_again=int((customers["visits"] > 1).sum()),
        visits=int(customers["visits"].sum()),
        paid_minor=int(customers["paid_minor"].sum()),
        margin_minor=float(customers["margin_minor"].sum()),
        families=int(customers["families"].sum()),
        comparable=int((~np.isnan(dearness)).sum()),
        upsold=int((dearness >= 1.0 + UPSELL_RISE).sum()),
        promoters=int((nps >= PROMOTER_FROM).sum()),
        detractors=int((nps <= DETRACTOR_TO).sum()),
        nps_answers=len(nps),
        csi_sum=int(csi.sum()),
        csi_answers=len(csi),
        spends_minor=customers["paid_minor"].to_numpy(np.float64)[came],
    )
