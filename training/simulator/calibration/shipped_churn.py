"""How well the shipped churn model tells who will be silent: fitted and judged cut by cut, alike for every shop."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pandas as pd

from models.ground.moment import local_midnight
from models.ground.progress import Progress
from models.sources import Data
from models.tables import CUSTOMER_ID, CUSTOMER_NO
from training.fitting.examples import return_examples
from training.fitting.fit import learn_churn, survey
from training.fitting.fit_profile import FitProfile

HORIZON_DAYS = 28
# Days of the year on which the shop is cut. On Complete Journey these are the cuts that churn was developed on; the
# later ones are kept for judging the model itself.
CUT_DAYS = (140, 168, 196, 224)


def told_silent(data: Data, cut_days: Sequence[int], jobs: int, progress: Progress) -> pd.DataFrame:
    """What the shipped model, fitted on what lies before each cut, says of the silence after it.

    Args:
        data: a loaded shop.
        cut_days: local days after the first purchase's day.
        jobs: buckets worked on side by side.
        progress: told of every cut.

    Returns:
        customer_id, cut_day, p_silent, silent (whether no visit followed within HORIZON_DAYS), of every household
        that the model is for: two visits, the last at most 84 days before the cut.
    """
    profile = replace(FitProfile(), churn_horizon_days=HORIZON_DAYS, churn_longer_days=())
    first_day = min(data.days())
    ids = pd.concat(
        [
            pd.read_parquet(data.customers(bucket), columns=[CUSTOMER_NO, CUSTOMER_ID]).assign(bucket=bucket)
            for bucket in range(data.buckets)
        ]
    )
    found = []
    for number, cut_day in enumerate(cut_days):
        progress("churn model", number, len(cut_days))
        cut = local_midnight(first_day + timedelta(days=cut_day), data.timezone)
        ground = survey(data, cut, "product", profile, jobs)
        churn = learn_churn(ground).model
        people = return_examples(data, ground.shop.catalogue, [cut], profile, jobs)
        judged = people.features.keys[[CUSTOMER_NO, "bucket"]].assign(
            cut_day=cut_day,
            p_silent=churn.p_silent(people.features, HORIZON_DAYS),
            silent=people.days_after >= HORIZON_DAYS,
        )
        found.append(judged.merge(ids, on=[CUSTOMER_NO, "bucket"], validate="one_to_one"))
    progress("churn model", len(cut_days), len(cut_days))
    return pd.concat(found, ignore_index=True)[[CUSTOMER_ID, "cut_day", "p_silent", "silent"]]
