"""Who may have a bundle tonight, and who is asked for the log's sake only: what they would have got is kept, not served."""

import math
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.arms import Arm
from engine.domain.eligibility import Outcome, is_seen, may_receive
from engine.domain.treatments import Gets
from engine.nightly.night import Night
from engine.nightly.shelf.ruled_customers import GETS
from models.tables import CUSTOMER_ID, CUSTOMER_NO, P_CHURN

NOBODY_PAUSED: Mapping[str, Collection[str]] = {"complaint": (), "moved": ()}
OTHER_ENGINE = "other_engine"  # among who is paused: nothing that the programme decides
_OF_OTHERS = (Outcome.OTHER_STORE.value, Outcome.OTHER_ENGINE.value, Outcome.NOT_ASSIGNED.value)
EVERYBODY_TREATED: Mapping[str, str] = {}


def find_asked(
    night: Night,
    customers: pd.DataFrame,
    consent: "pd.Series[Any]",
    open_customers: Collection[str],
    paused: Mapping[str, Collection[str]],
    open_shadows: Collection[str],
    arm_of: Mapping[str, str],
    elsewhere: Collection[str],
    other_members: Collection[str] = (),
) -> pd.DataFrame:
    """Name arms and windows, and find who cannot have a bundle tonight; the arguments are `plan_bucket`'s.

    Returns:
        One row a customer: customer_no, customer_id, arm; outcome, empty for who may have one; asked, for them and for
        those held out who could have had one otherwise; shadow_open; p_churn, p_churn_long, p_partial, churn_reasons,
        next_visit, valid_days.

    """
    rules = night.programme
    ids = customers[CUSTOMER_ID].tolist()
    arms = [Arm(arm_of.get(customer_id, Arm.TREATED)) for customer_id in ids]
    said = consent.reindex(customers[CUSTOMER_NO]).tolist()
    may = [may_receive(None if pd.isna(answer) else bool(answer), rules.consent.rule) for answer in said]
    ruled = customers[GETS].to_numpy(dtype=object) if GETS in customers else np.full(len(ids), None)
    ordinarily = rules.eligibility.seen_days
    asked_back = ordinarily if rules.rules is None else rules.rules.seen_days(ordinarily)
    # who never bought is only scored where the programme asks for prospects
    seen = [
        math.isnan(days)
        or is_seen(days, asked_back if gets == Gets.WIN_BACK else rules.eligibility.seen_days)
        for days, gets in zip(customers["days_since_visit"].tolist(), ruled.tolist(), strict=True)
    ]
    held_out = "bundle" in rules.holdout.covers
    stopped = {why: paused[why] if why in rules.outreach.pauses_offers else () for why in NOBODY_PAUSED}
    reason = np.select(
        [
            np.isin(ids, list(elsewhere)),
            np.isin(ids, list(paused.get(OTHER_ENGINE, ()))),
            ~np.array(may, dtype=np.bool_),  # first: who refuses loses open bundles, too
            np.isin(ids, list(paused.get(Outcome.NOT_ASSIGNED.value, ()))),
            ~np.array(seen, dtype=np.bool_),
            np.isin(ids, list(stopped["complaint"])),
            np.isin(ids, list(stopped["moved"])),
            np.isin(ids, list(other_members)),
            np.isin(ids, list(open_customers)),
            ruled == Gets.NONE.value,
            ruled == Gets.THANK_YOU.value,
            np.isin(ids, list(paused.get(Outcome.ENOUGH_OFFERS.value, ()))),
        ],
        [
            Outcome.OTHER_STORE.value,
            Outcome.OTHER_ENGINE.value,
            Outcome.NO_CONSENT.value,
            Outcome.NOT_ASSIGNED.value,
            Outcome.NOT_SEEN.value,
            Outcome.OPEN_COMPLAINT.value,
            Outcome.MOVED.value,
            Outcome.OTHER_MEMBER.value,
            Outcome.HAS_OPEN_BUNDLE.value,
            Outcome.RULED_OUT.value,
            Outcome.THANK_YOU.value,
            Outcome.ENOUGH_OFFERS.value,
        ],
        "",
    )
    # Arms compare those whom the programme is for.
    held = np.array([held_out and arm is Arm.HOLDOUT for arm in arms], dtype=np.bool_)
    held &= ~np.isin(reason, list(_OF_OTHERS))
    shadow_open = np.isin(ids, list(open_shadows))
    next_visit_days = customers["next_visit_days"].to_numpy(dtype=np.float64)
    return pd.DataFrame(
        {
            CUSTOMER_NO: customers[CUSTOMER_NO].to_numpy(),
            CUSTOMER_ID: customers[CUSTOMER_ID].to_numpy(),
            "arm": [arm.value for arm in arms],
            "outcome": np.where(held, Outcome.HOLDOUT.value, reason).astype(object),
            "asked": (reason == "") & ~(held & shadow_open),
            "shadow_open": shadow_open,
            **{
                name: customers[name].to_numpy(dtype=np.float64)
                for name in (P_CHURN, "p_churn_long", "p_partial")
            },
            "churn_reasons": customers["churn_reasons"].astype("str").array,
            "next_visit": _local_dates(night, next_visit_days),
            "valid_days": night.window_days(next_visit_days),
        }
    )


def _local_dates(night: Night, days: npt.NDArray[np.float64]) -> npt.NDArray[np.datetime64]:
    """Return the local day that lies `days` after `as_of`; not a time where that is unknown."""
    today = night.days.day_of(night.as_of)
    passed = (night.as_of - night.days.start_of(today)) / timedelta(days=1)
    whole = np.floor(np.nan_to_num(days, posinf=0.0) + passed).astype("timedelta64[D]")
    dates = np.datetime64(today, "D") + whole
    return np.where(np.isfinite(days), dates, np.datetime64("NaT", "D")).astype("datetime64[ms]")
