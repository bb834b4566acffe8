import pytest

from models.features.catalogue import build_catalogue, family_levels, resolve_item_level
from models.ground.errors import BadInput
from tests.models.literal import shelf

SHELF = shelf(
    ("ale", ("DRINKS", "BEER", "ALE"), 300, "alcohol"),
    ("cola", ("DRINKS", "SODA", "COLA"), 150, ""),
    ("free", ("DRINKS", "BEER", "ALE"), 200, "own_brand"),
    ("loose", ("FRUIT",), None, ""),
    ("petrol", ("FUEL", "PETROL", "PETROL"), 180, "fuel;not_offered"),
)
NO_FAMILIES = shelf(("ale", (), 300, ""), ("cola", (), 150, ""))


def test_products_are_items_under_their_two_finest_families() -> None:
    catalogue = build_catalogue(SHELF, "product")
    assert catalogue.items["item_id"].tolist() == ["ale", "cola", "free", "loose"]
    assert catalogue.items["fine_no"].tolist() == [0, 1, 0, -1]
    assert catalogue.items["coarse_no"].tolist() == [0, 1, 0, -1]
    assert catalogue.items["price_minor"].isna().tolist() == [False, False, False, True]
    assert catalogue.product_items["product_no"].tolist() == [0, 1, 2, 3], "petrol is no merchandise"


def test_families_are_items_in_the_order_of_their_names() -> None:
    catalogue = build_catalogue(SHELF, "family_3")
    assert catalogue.items["item_id"].tolist() == ["ALE", "COLA"]
    assert catalogue.items["name"].tolist() == ["ALE", "COLA"]
    assert catalogue.items["family_2"].tolist() == ["BEER", "SODA"]
    assert catalogue.items["price_minor"].isna().all()
    assert catalogue.product_items["item_no"].tolist()[:3] == [0, 1, 0]
    assert catalogue.product_items["item_no"].isna().tolist() == [False, False, False, True]


def test_a_family_carries_every_flag_of_its_products() -> None:
    flags = build_catalogue(SHELF, "family_3").items.set_index("item_id")["flags"]
    assert flags.to_dict() == {"ALE": "alcohol;own_brand", "COLA": ""}


def test_a_family_item_has_the_families_above_it_and_none_below() -> None:
    middle = build_catalogue(SHELF, "family_2").items.set_index("item_id")
    assert middle.loc["BEER", ["family_1", "family_2"]].tolist() == ["DRINKS", "BEER"]
    assert middle["family_3"].isna().all()
    assert middle["fine_no"].tolist() == [0, 0]
    assert middle["coarse_no"].tolist() == [-1, -1]
    assert build_catalogue(SHELF, "family_1").items["fine_no"].tolist() == [-1, -1]


def test_family_means_the_finest_level_that_the_shop_fills() -> None:
    assert family_levels(SHELF) == ("family_1", "family_2", "family_3")
    assert resolve_item_level(SHELF, "family") == "family_3"
    assert build_catalogue(SHELF, "family").item_level == "family_3"


@pytest.mark.parametrize("level", ["family_4", "department", ""])
def test_a_level_that_the_shop_does_not_fill_is_refused_by_name(level: str) -> None:
    with pytest.raises(BadInput, match=f"'{level}' is not filled .* product, family_1, family_2, family_3"):
        resolve_item_level(SHELF, level)


def test_a_shop_without_families_has_products_only() -> None:
    catalogue = build_catalogue(NO_FAMILIES, "product")
    assert catalogue.items["fine_no"].tolist() == [-1, -1]
    with pytest.raises(BadInput, match="expected one of product"):
        build_catalogue(NO_FAMILIES, "family")
