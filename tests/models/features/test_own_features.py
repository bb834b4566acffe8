"""Features of other packages: what they may see, what they may give, and how a version knows them again."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.features.catalogue import build_catalogue
from models.features.feature_matrix import FeatureMatrix
from models.features.own_features import KnownTables, OwnFeature, installed_features
from models.features.recipe import PAIR_FEATURES, current_recipe
from models.ground.errors import BadArtifact, BadInput
from models.ground.moment import local_midnight
from models.items.candidates import CandidateLimits
from models.scoring import bucket_features
from models.versions.artifact import load_artifact, save_artifact
from tests.engine.nightly.distributions import install
from tests.models.fitted_versions import RHYTHM, fallbacks, manifest
from tests.models.literal import Line, named_customers, purchases, shelf, shop_at

MILK, BREAD = range(2)
SHELF = shelf(("milk", ("DAIRY", "MILK"), 100, ""), ("bread", ("BAKERY", "BREAD"), 250, ""))
ANN, BEN, CLEO = range(3)
ZONE = "Europe/Berlin"
LINES: list[Line] = [
    (ANN, MILK, "2024-03-01T09:00Z", 1, 100, 0),
    (ANN, MILK, "2024-03-08T16:30Z", 1, 100, 0),
    (ANN, BREAD, "2024-03-08T16:30Z", 1, 250, 0),
    (BEN, BREAD, "2024-03-09T10:00Z", 1, 250, 0),
    (CLEO, BREAD, "2024-03-10T10:00Z", 1, 250, 0),
    (CLEO, BREAD, "2024-03-29T12:00Z", 9, 250, 0),
]
EVENING = OwnFeature(
    "evening_share",
    "customer",
    sql="SELECT customer_no, avg((hour(purchased_at) >= 17)::INT) AS evening_share FROM lines GROUP BY 1;",
)
INSTALLED = """
from models.features.own_features import OwnFeature

late = OwnFeature("late", "customer", sql="SELECT customer_no, max(age_days) AS late FROM lines GROUP BY 1")
loud = OwnFeature("buys", "pair", sql="SELECT customer_no, item_no, 1 AS buys FROM candidates")
"""


def last_paid(known: KnownTables) -> pd.DataFrame:
    bought = known.lines.dropna(subset="item_no").sort_values("purchased_at")
    last = bought.groupby(["customer_no", "item_no"])["paid_minor"].last()
    return last.rename("last_paid").reset_index()


LAST_PAID = OwnFeature("last_paid", "pair", frame=last_paid)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return purchases(tmp_path / "purchases.parquet", LINES, ZONE)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def pairs(file: Path, *features: OwnFeature) -> FeatureMatrix:
    shop = shop_at([file], build_catalogue(SHELF, "product"), local_midnight(date(2024, 3, 29), ZONE))
    customers = named_customers(file.with_name("customers.parquet"), ANN, BEN, CLEO)
    return bucket_features(
        file,
        customers,
        replace(shop, own_features=features),
        CandidateLimits(),
        56,
        lambda seen: np.full(len(seen), 7),
    ).pairs


def column(found: FeatureMatrix, name: str) -> dict[tuple[int, int], float]:
    keys = zip(found.keys["customer_no"], found.keys["item_no"], strict=True)
    return dict(zip(keys, found.column(name).tolist(), strict=True))


def test_a_customers_value_stands_beside_each_of_their_pairs_in_local_time(file: Path) -> None:
    found = pairs(file, EVENING)
    assert found.names == (*PAIR_FEATURES, "evening_share")
    shares = column(found, "evening_share")
    assert shares[ANN, MILK] == shares[ANN, BREAD] == pytest.approx(2 / 3)
    assert shares[BEN, BREAD] == 0


def test_a_pairs_value_is_unknown_where_the_frame_has_none(file: Path) -> None:
    paid = column(pairs(file, EVENING, LAST_PAID), "last_paid")
    assert (paid[ANN, MILK], paid[ANN, BREAD]) == (100, 250)
    assert np.isnan(paid[BEN, MILK])


def test_own_features_change_nothing_of_ours(file: Path) -> None:
    usual, more = pairs(file), pairs(file, EVENING, LAST_PAID)
    np.testing.assert_array_equal(more.values[:, : len(PAIR_FEATURES)], usual.values)
    pd.testing.assert_frame_equal(more.keys, usual.keys)


def test_nothing_at_or_after_the_moment_is_seen(file: Path) -> None:
    counted = OwnFeature(
        "lines_seen", "customer", sql="SELECT customer_no, count(*) AS lines_seen FROM lines GROUP BY 1"
    )
    assert column(pairs(file, counted), "lines_seen")[CLEO, BREAD] == 1


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT customer_no, 1 AS x FROM purchases", "purchases does not exist"),
        ("SELECT customer_no, 1 AS x FROM read_parquet('{file}')", "disabled"),
        ("SELECT customer_no, 1 AS x FROM known", "known does not exist"),
        ("SELECT customer_no, 'a' AS x FROM lines GROUP BY 1", "could not convert string to float"),
        (
            "SELECT customer_no, 1 AS y FROM lines GROUP BY 1",
            "expected rows of customer_no, x, the last a number",
        ),
        ("SELECT customer_no, 1 AS x FROM lines", "gives several rows for a customer"),
        ("SELECT customer_no, 'inf'::DOUBLE AS x FROM lines GROUP BY 1", "gives infinity for a customer"),
        ("SELECT", "ParserException"),
    ],
)
def test_what_a_feature_must_not_do_is_refused_by_its_name(file: Path, sql: str, message: str) -> None:
    wrong = OwnFeature("x", "customer", sql=sql.replace("{file}", str(file)))
    with pytest.raises(BadInput, match=rf"The feature 'x' .*{message}"):
        pairs(file, wrong)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (OwnFeature("Evening", "customer", sql="SELECT 1"), "needs another name"),
        (OwnFeature("evening", "customer"), "given by sql or by frame, not both"),
        (
            OwnFeature("evening", "customer", sql="SELECT 1", frame=last_paid),
            "given by sql or by frame, not both",
        ),
        (OwnFeature("evening", "item", sql="SELECT 1"), "must be of a customer or of a pair"),  # type: ignore[arg-type]
    ],
)
def test_a_feature_that_makes_no_sense_is_refused(wrong: OwnFeature, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        wrong.require_sense()


def test_another_formula_is_another_recipe_and_none_is_the_recipe_as_it_was() -> None:
    other = replace(EVENING, sql=EVENING.sql.replace("17", "18"))
    recipes = [current_recipe({one.name: one.fingerprint}) for one in (EVENING, other)]
    assert recipes[0].pair_features == recipes[1].pair_features == (*PAIR_FEATURES, "evening_share")
    assert len({current_recipe().fingerprint, *(recipe.fingerprint for recipe in recipes)}) == 3
    assert current_recipe({}) == current_recipe()


def test_a_feature_that_nobody_gives_or_that_takes_our_name_is_refused(installed: Path) -> None:
    install(
        installed, source=INSTALLED, group="abonement.features", entries="late={name}:late\nbuys={name}:loud"
    )
    assert [feature.name for feature in installed_features(["late"])] == ["late"]
    with pytest.raises(
        BadInput, match=r"There is no feature 'later': installed distributions give buys, late\."
    ):
        installed_features(["later"])
    with pytest.raises(BadInput, match=r"'buys' is given by this version itself and acme_offers 1\.0"):
        installed_features(["buys"])
    with pytest.raises(BadInput, match=r"names a feature twice: late, late"):
        installed_features(["late", "late"])


def test_a_version_is_opened_only_with_the_feature_that_it_was_fitted_with(
    installed: Path, tmp_path: Path
) -> None:
    give = {"group": "abonement.features", "entries": "late = {name}:late"}
    install(installed, source=INSTALLED, **give)
    own = {feature.name: feature.fingerprint for feature in installed_features(["late"])}
    recipe = {"fingerprint": current_recipe(own).fingerprint, "own": own}
    folder = tmp_path / "version"
    folder.mkdir()
    version = save_artifact(folder, replace(manifest(), recipe=recipe), RHYTHM, *fallbacks())
    assert [feature.name for feature in load_artifact(folder).own_features] == ["late"]

    install(installed, source=INSTALLED.replace("max(", "min("), **give)
    with pytest.raises(
        BadArtifact,
        match=rf"{version} was fitted with the feature 'late' as {own['late'][:12]}, but installed is ",
    ):
        load_artifact(folder)
    install(installed, source="raise OSError('gone')", **give)
    with pytest.raises(
        BadArtifact, match=rf"{version} needs a plug-in .* cannot be loaded \(OSError: gone\)"
    ):
        load_artifact(folder)
    install(installed, source=INSTALLED, group="abonement.features", entries="")
    with pytest.raises(
        BadArtifact, match=rf"{version} needs a plug-in that is not to be had here. There is no"
    ):
        load_artifact(folder)
