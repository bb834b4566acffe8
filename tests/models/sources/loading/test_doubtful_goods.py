"""What looks like no merchandise is named by the load and is not offered until the shop says what it is."""

from pathlib import Path

import pandas as pd

from models.features.catalogue import build_catalogue
from models.sources import load, open_data
from models.sources.loading.load_check import check
from tests.models.sources.small import GOOD, write_small_shop

TABLE = "product_id,name,family_1,price,cost,flags\nmilk,Milk 1 l,DAIRY,1.19,0.80,\nbread,Rye bread,BAKERY,2.49,1.10,\n"


def offered(workspace: Path) -> list[str]:
    return sorted(build_catalogue(pd.read_parquet(open_data(workspace).products), "product").items["item_id"])


SERVICES = ("DOTCOM POSTAGE", "Postage", "Flaschenpfand", "Pfand 0.25", "* Einkaufstüte groß", "Gift card 25", "Carte cadeau",
    "Пакет-майка", "Пакет", "AMAZON FEE", "Manual", "Frais de port", "Envío", "Gavekort", "BAG CHARGE")  # fmt: skip
GOODS = ("Tea bags 50", "Coffee", "Coca Cola 1 l inkl. Pfand", "Porto Tawny", "Lunch bag red", "Postcard",
    "Red shopping trolley", "Feed for cats", "Handtasche", "Taschentücher", "Пакетики чая")  # fmt: skip


def test_services_are_known_by_their_names_in_several_languages_and_goods_of_such_words_stay(
    tmp_path: Path,
) -> None:
    named = "".join(f"x{n:02d},{name},,1,,\n" for n, name in enumerate((*SERVICES, *GOODS)))
    write_small_shop(tmp_path / "shop", products=TABLE + named)
    (told,) = load(tmp_path / "shop", tmp_path).findings
    assert told.startswith(
        "15 products look like no merchandise and are not offered until you say so: by their name 'x00 "
    )
    assert offered(tmp_path) == ["bread", "milk", *(f"x{n}" for n in range(15, 26))]


def test_what_the_shop_confirms_or_flags_is_not_named(tmp_path: Path) -> None:
    products = f"{TABLE}x,Gift card,,1,,\ny,Gift card,,1,,not_offered\n"
    write_small_shop(tmp_path / "shop", products=products, real_products=["x"])
    assert load(tmp_path / "shop", tmp_path).findings == ()
    assert offered(tmp_path) == ["bread", "milk", "x"]


def test_the_check_names_it_beforehand(tmp_path: Path) -> None:
    write_small_shop(tmp_path / "shop", products=f"{TABLE}x,Gift card,,1,,\n")
    assert "by their name 'x Gift card'" in check(tmp_path / "shop").hints[-1]


def test_what_is_sold_at_cost_in_many_receipts_is_doubted(tmp_path: Path) -> None:
    lines = (*GOOD, "ben,b3,1,2024-03-02 10:00:00,x,1,0.25,0")
    write_small_shop(tmp_path / "shop", lines=lines, products=f"{TABLE}x,Klapp 7,,0.25,0.25,\n")
    (told,) = load(tmp_path / "shop", tmp_path).findings
    assert "sold at cost in many receipts 'x Klapp 7'" in told


def test_what_somebody_types_an_amount_for_is_doubted(tmp_path: Path) -> None:
    typed = tuple(f"ben,c{n},1,2024-03-{n + 1:02d} 10:00:00,x,1,{1.3**n:.2f},0" for n in range(24))
    write_small_shop(tmp_path / "shop", lines=(*GOOD, *typed), products=f"{TABLE}x,Sonstiges,,,,\n")
    (told,) = load(tmp_path / "shop", tmp_path).findings
    assert "at every price 'x Sonstiges'" in told


def test_appends_doubt_what_one_load_doubts(tmp_path: Path) -> None:
    typed = tuple(f"ben,c{n},1,2024-03-{n + 1:02d} 10:00:00,x,1,{1.3**n:.2f},0" for n in range(24))
    products = f"{TABLE}x,Sonstiges,,,,\ny,Gift card,,1,,\n"
    write_small_shop(tmp_path / "first", lines=(*GOOD, *typed[:12]), products=products)
    write_small_shop(tmp_path / "second", lines=typed[12:], products=products)
    write_small_shop(tmp_path / "all", lines=(*GOOD, *typed), products=products)
    load(tmp_path / "first", tmp_path / "a", buckets=1)
    appended = load(tmp_path / "second", tmp_path / "a", append=True)
    whole = load(tmp_path / "all", tmp_path / "b", buckets=1)
    assert appended.findings == whole.findings
    assert open_data(tmp_path / "a").products.read_bytes() == open_data(tmp_path / "b").products.read_bytes()
