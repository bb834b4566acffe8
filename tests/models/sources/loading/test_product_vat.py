"""VAT as tables.toml declares it: each product's rate, what prices and costs include of it, and what cannot be."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from models.ground.errors import BadInput
from models.sources import load, open_data
from models.sources.loading.load_check import check
from models.sources.reading.declaration import check_declaration
from models.tables import STORED_PRODUCTS
from tests.models.sources.small import DECLARATION, GOOD, write_small_shop
from tests.models.sources.small import rows as rows_of

PRODUCTS = """\
product_id,name,family_1,family_2,price,cost,flags,vat_bp
beer,Lager,DRINKS,BEER,2.00,1.00,alcohol,
bread,Rye bread,BAKERY,BREAD,2.49,1.20,,
cake,Cake,BAKERY,CAKE,5.95,3.00,,1900
milk,Milk 1 l,DAIRY,MILK,1.19,0.70,,
"""
VAT = """
[vat]
cost = "excluded"
default_bp = 700
[vat.families]
BAKERY = 1000
BREAD = 500
[vat.flags]
alcohol = 2500
"""
RATES = "product_id, price_vat_bp, cost_vat_bp"


def write_shop(folder: Path, vat: str = VAT, products: str = PRODUCTS, **declared: Any) -> Path:
    write_small_shop(folder, products=products, **declared)
    with (folder / "tables.toml").open("a", encoding="utf-8") as tables:
        tables.write("\n" + vat)
    return folder


def loaded(tmp_path: Path, vat: str = VAT, products: str = PRODUCTS, **declared: Any) -> Path:
    load(write_shop(tmp_path / "shop", vat, products, **declared), tmp_path / "ws")
    return open_data(tmp_path / "ws").products


def test_the_row_says_the_rate_before_its_finest_family_its_flag_and_the_default(tmp_path: Path) -> None:
    assert rows_of(loaded(tmp_path), RATES) == [
        ("beer", 2500, 0),
        ("bread", 500, 0),
        ("cake", 1900, 0),
        ("milk", 700, 0),
    ]


def test_what_is_net_includes_no_vat(tmp_path: Path) -> None:
    of_cost = VAT.replace('cost = "excluded"', 'cost = "included"')
    assert rows_of(loaded(tmp_path, of_cost, tax="excluded"), RATES)[0] == ("beer", 0, 2500)


def test_a_shop_whose_money_is_all_net_needs_no_rate(tmp_path: Path) -> None:
    assert rows_of(loaded(tmp_path, '[vat]\ncost = "excluded"\n', tax="excluded"), RATES)[0] == ("beer", 0, 0)


def test_a_shop_that_declares_no_vat_is_stored_as_it_always_was(tmp_path: Path) -> None:
    products = loaded(tmp_path, "")
    assert pq.read_schema(products).names == list(STORED_PRODUCTS.names)
    about = json.loads((products.parent / "load.json").read_text(encoding="utf-8"))
    assert "vat" not in about
    assert about["ignored_columns"] == {"products": ["vat_bp"]}


def test_an_impossible_rate_is_a_bad_row_with_its_reason(tmp_path: Path) -> None:
    products = PRODUCTS.replace("1900", "9500").replace("0.70,,", "0.70,,19")
    shop = write_shop(tmp_path, products=products, lines=GOOD[:1])
    found = check(shop)
    assert found.tables["products"].quarantined == {"impossible_vat": 2}
    assert "vat_bp" in found.samples["products"]["impossible_vat"]


@pytest.mark.parametrize("rate", [-700, 9500, 19, 0.19, True])
def test_an_impossible_rate_in_the_declaration_is_refused(rate: object) -> None:
    with pytest.raises(BadInput, match=r"\[vat\] default_bp = .* expected basis points, 1900 for 19 %"):
        check_declaration({**DECLARATION, "vat": {"cost": "excluded", "default_bp": rate}})


def test_the_basis_of_cost_has_no_default() -> None:
    with pytest.raises(BadInput, match=r'\[vat\] cost is missing; expected "included" or "excluded"'):
        check_declaration({**DECLARATION, "vat": {"default_bp": 1900}})


@pytest.mark.parametrize(
    ("section", "named"),
    [
        ({"rate": 700}, "unknown key .vat. rate"),
        ({"flags": {"wine": 1900}}, "'wine', which is no flag of ours"),
    ],
)
def test_an_unknown_word_of_the_section_is_refused_by_name(section: dict[str, object], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        check_declaration({**DECLARATION, "vat": {"cost": "excluded", **section}})


def test_products_without_any_rate_are_counted_and_the_load_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"3 of 4 products have no rate of VAT, such as 'beer'.*default_bp"):
        loaded(tmp_path, '[vat]\ncost = "excluded"\n')


def test_a_rate_of_a_family_that_no_product_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"\[vat.families\] names 'BRAED', a family that no product has"):
        loaded(tmp_path, VAT.replace("BREAD", "BRAED"))


def test_the_check_tells_what_costs_more_than_its_net_price(tmp_path: Path) -> None:
    dear = PRODUCTS.replace("1.19,0.70", "1.19,1.15")
    hints = check(write_shop(tmp_path, products=dear)).hints
    assert any(
        "1 of 4 products with price and cost costs more than its price without VAT, such as 'milk'" in hint
        for hint in hints
    ), hints


def test_load_and_check_tell_the_rates_found(tmp_path: Path) -> None:
    shop = write_shop(tmp_path / "shop")
    said = (
        "VAT: prices and what is paid include it, costs do not; 5 % on 1 product, 7 % on 1 product, 19 % on 1 product,"
        " 25 % on 1 product."
    )
    assert said in load(shop, tmp_path / "ws").findings
    assert said in check(shop).hints


def test_a_column_of_rates_without_a_declaration_is_pointed_out(tmp_path: Path) -> None:
    hints = check(write_shop(tmp_path, "")).hints
    assert [one for one in hints if "[vat]" in one] == [
        "The products have a column vat_bp, and tables.toml declares no [vat]: margins count no tax."
    ]


@pytest.mark.parametrize(
    ("vat", "declared"),
    [("", {}), (VAT.replace("700", "1900"), {}), (VAT, {"tax": "excluded"})],
)
def test_a_delivery_that_declares_other_tax_is_refused(
    tmp_path: Path, vat: str, declared: dict[str, Any]
) -> None:
    loaded(tmp_path)
    delivery = write_shop(tmp_path / "delivery", vat, **declared)
    with pytest.raises(BadInput, match=r"VAT is declared otherwise than .* load everything anew"):
        load(delivery, tmp_path / "ws", append=True)


def test_a_delivery_to_a_load_without_tax_must_not_declare_it_by_the_way(tmp_path: Path) -> None:
    loaded(tmp_path, "")
    delivery = write_shop(tmp_path / "delivery")
    with pytest.raises(BadInput, match="VAT is declared otherwise"):
        load(delivery, tmp_path / "ws", append=True)


def test_a_delivery_of_the_same_declaration_leaves_what_one_load_would(tmp_path: Path) -> None:
    appended = loaded(tmp_path)
    some = "\n".join(PRODUCTS.splitlines()[:3]) + "\n"
    delivery = write_shop(tmp_path / "delivery", products=some.replace("2.49", "2.59"))
    load(delivery, tmp_path / "ws", append=True)
    whole = tmp_path / "whole"
    load(write_shop(whole / "shop", products=PRODUCTS.replace("2.49", "2.59")), whole / "ws")
    assert open_data(tmp_path / "ws").products.read_bytes() == open_data(whole / "ws").products.read_bytes()
    assert appended.exists() is False


def test_a_delivery_that_lost_the_column_of_rates_is_refused(tmp_path: Path) -> None:
    loaded(tmp_path)
    without = "\n".join(line.rpartition(",")[0] for line in PRODUCTS.splitlines()) + "\n"
    with pytest.raises(BadInput, match="lacks the column vat_bp"):
        load(write_shop(tmp_path / "delivery", products=without), tmp_path / "ws", append=True)
