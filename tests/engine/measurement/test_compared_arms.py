"""Both arms of a holdout as the report holds them in memory."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.day.till.redeem import redeem
from engine.domain.bundle import OfferState
from engine.domain.funding import Funding
from engine.measurement.compared_arms import ComparedArms
from engine.measurement.experiment_report import compare, named_experiment, pair_of, reported_weeks
from engine.programme import load_programme
from engine.settings import store_url_in
from engine.store import open_store
from models.features.catalogue import build_catalogue
from models.features.habits import margins_of
from models.sources import open_data
from tests.engine.commands.test_experiment_report import BEGAN, CUSTOMERS, WEEKS, WEEKS_BEFORE, shop_with
from tests.engine.shop import NOON, basket, line, publish_shop

PAID = {0: Funding("Dairy", "A-7", 5000, None, 900)}


def arms_of(workspace: Path) -> ComparedArms:
    data, rules = open_data(workspace), load_programme(None)
    catalogue = build_catalogue(pd.read_parquet(data.products), rules.prediction.item_level)
    margins = margins_of(catalogue.items, rules.assumed_margin_bp.of, rules.loyalty.period_days)
    with closing(open_store(store_url_in(workspace))) as store:
        about = named_experiment(store, None)
        period = reported_weeks(data, about, None, None)
        arms, _ = compare(
            store, data, catalogue, margins, rules, about, pair_of(about, None), period, lambda _: None
        )
    return arms


@pytest.fixture(scope="module")
def arms(tmp_path_factory: pytest.TempPathFactory) -> ComparedArms:
    return arms_of(shop_with(tmp_path_factory.mktemp("shop"), 200, given=True))


def test_what_a_report_keeps_of_a_customer_is_bounded_by_weeks_alone(arms: ComparedArms) -> None:
    assert arms.margin.shape == (CUSTOMERS, WEEKS)
    assert arms.before.shape == (CUSTOMERS, WEEKS_BEFORE)
    assert arms.served.sum() == 200
    kept = [one for one in vars(arms).values() if isinstance(one, np.ndarray)]
    kept += [arms.arms.treated, arms.arms.household]
    name_bytes = arms.customer_id.nbytes
    assert sum(one.nbytes for one in kept) - name_bytes <= CUSTOMERS * (12 * WEEKS + 4 * WEEKS_BEFORE + 140)


def test_a_suppliers_part_of_a_discount_is_no_cost_of_the_shop(tmp_path: Path) -> None:
    workspace = shop_with(tmp_path, 0, given=False)
    with closing(open_store(store_url_in(workspace))) as store:
        publish_shop(store, ["c150"], night=BEGAN, state=OfferState.ACTIVATED, fundings=PAID)
        before = arms_of(workspace)
        redeem(store, basket(line(0), line(1), customer_id="c150"), now=NOON)
    after = arms_of(workspace)
    # two pieces of milk at 2.99 less 15 %, of one of which the dairy pays half
    at = after.customer_id.tolist().index("c150")
    assert (after.discount[at], after.funded[at]) == (68, 22)
    assert after.discount.sum() + after.funded.sum() == 90
    assert (after.margin - before.margin)[at].tolist() == pytest.approx([22, 0, 0, 0, 0, 0])
    assert (after.margin - before.margin).sum() == pytest.approx(22)
