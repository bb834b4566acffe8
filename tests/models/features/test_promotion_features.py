from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.features.bucket_history import open_history
from models.features.catalogue import build_catalogue
from models.features.feature_matrix import FeatureMatrix
from models.features.promoted_weeks import PromotedWeeks
from models.features.promotion_features import with_promotions
from models.features.recipe import PROMOTION_FEATURES
from tests.models.literal import purchases
from tests.models.promotions import BREAD, CREAM, GOODS, MILK, MONDAY, april, weeks

ANN, BEN, CLEO = 0, 1, 2
ASKED = [(ANN, MILK), (ANN, CREAM), (BEN, MILK), (CLEO, MILK), (CLEO, BREAD)]


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """Ann comes three times to s1 and once to s2, Ben to a store that promotes nothing ever, Cleo nobody knows where."""
    days = [(ANN, 1), (ANN, 2), (ANN, 3), (ANN, 4), (BEN, 3), (CLEO, 3)]
    lines = [(who, BREAD, f"2024-04-0{day} 10:00", 1, 300, 0) for who, day in days]
    file = purchases(tmp_path / "bucket.parquet", lines)
    stores = ["s1", "s1", "s1", "s2", "s9", None]
    pd.read_parquet(file).assign(store_id=stores).to_parquet(file, index=False)
    return file


def features(bucket: Path, promoted: PromotedWeeks | None) -> pd.DataFrame:
    keys = pd.DataFrame(ASKED, columns=["customer_no", "item_no"])
    pairs = FeatureMatrix(keys, np.zeros((len(keys), 1), dtype=np.float32), ("buys",))
    with open_history(bucket, build_catalogue(GOODS, "product"), MONDAY) as history:
        found = with_promotions(pairs, history, promoted)
    assert found.names == ("buys", *PROMOTION_FEATURES)
    return pd.DataFrame(found.values, columns=list(found.names), index=pd.MultiIndex.from_tuples(ASKED))


def test_a_customers_stores_count_by_their_visits(bucket: Path, tmp_path: Path) -> None:
    found = features(
        bucket,
        weeks(
            tmp_path,
            (MILK, "s1", april(8), april(14), 75, None, True, False),
            (MILK, "s2", april(1), april(7), None, None, False, True),
        ),
    )
    ann = found.loc[(ANN, MILK)]
    assert (ann["promo_mailer_now"], ann["promo_mailer_before"], ann["promo_mailer_rise"]) == (0.75, 0, 0.75)
    assert (ann["promo_display_now"], ann["promo_display_last"]) == (0, 0.25)
    assert ann["promo_display_before"] == pytest.approx(0.25 / 8)
    assert ann["promo_off_now"] == pytest.approx(0.75 * 0.25)
    assert ann["promo_shop_mailer_now"] == 0.5


def test_whose_stores_are_not_known_has_the_mean_of_all(bucket: Path, tmp_path: Path) -> None:
    plan = weeks(
        tmp_path,
        (MILK, "s1", april(8), april(14), None, None, True, False),
        (CREAM, "s2", april(8), april(14), None, None, True, False),
    )
    found = features(bucket, plan)["promo_mailer_now"]
    assert (found[BEN, MILK], found[CLEO, MILK], found[CLEO, BREAD]) == (0.5, 0.5, 0)


def test_what_is_promoted_in_every_store_is_so_for_everybody(bucket: Path, tmp_path: Path) -> None:
    found = features(bucket, weeks(tmp_path, (MILK, None, april(8), april(14), None, 50, True, False)))
    assert found.loc[[(ANN, MILK), (BEN, MILK), (CLEO, MILK)], "promo_mailer_now"].tolist() == [1, 1, 1]
    assert found.loc[(CLEO, MILK), "promo_off_now"] == pytest.approx(0.5)


def test_a_family_is_promoted_as_far_as_its_products_are(bucket: Path, tmp_path: Path) -> None:
    found = features(bucket, weeks(tmp_path, (CREAM, "s1", april(8), april(14), None, None, True, False)))
    assert found.loc[(ANN, MILK), "promo_mailer_now"] == 0
    assert (
        found.loc[(ANN, MILK), "promo_fine_mailer_now"] == 0.5
    )  # in s1, the one store of which anything is known
    assert found.loc[(CLEO, BREAD), "promo_fine_mailer_now"] == 0


def test_where_nothing_is_planned_what_is_to_come_is_not_known(bucket: Path, tmp_path: Path) -> None:
    found = features(bucket, weeks(tmp_path, (MILK, "s1", april(1), april(7), None, None, True, False)))
    assert found["promo_mailer_now"].isna().all()
    assert found["promo_mailer_rise"].isna().all()
    assert found.loc[(ANN, MILK), "promo_mailer_last"] == 1


def test_of_a_shop_that_does_not_say_any_more_nothing_is_known(bucket: Path) -> None:
    assert features(bucket, None)[list(PROMOTION_FEATURES)].isna().all(axis=None)
