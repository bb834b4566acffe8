"""What differs only as two programs write it is named: nobody means two customers, or two families, by it."""

from pathlib import Path

from models.sources import load
from models.sources.loading.load_check import check
from tests.models.sources.small import write_small_shop


def test_a_family_that_is_written_in_two_ways_is_named_with_both(tmp_path: Path) -> None:
    products = "product_id,name,family_1,family_2\nmilk,Milk,DAIRY,Milk\nbread,Bread,BAKERY,Loaves\n"
    more = "soy,Soy,Dairy,Milk\nkefir,Kefir,dairy\u00a0,Milk\ncream,Cream,DAIRY,Cream\n"
    shop = write_small_shop(tmp_path / "shop", products=products + more)
    told = (
        "Families that differ only by case or blanks are different families: of family_1 'DAIRY' (2 products), 'Dairy' (1"
        " product), 'dairy\\xa0' (1 product). A programme that excludes one does not mean the others; write them alike."
    )
    assert told in load(shop, tmp_path / "w").findings
    assert told in check(shop).remarks


def test_a_customer_whose_row_is_there_under_another_spelling_is_named(tmp_path: Path) -> None:
    lines = tuple(
        f"{who},b{n},1,2024-03-01,milk,1,1,0" for n, who in enumerate(("42", "Anna", "ben", "e\u0301va"))
    )
    shop = write_small_shop(tmp_path / "shop", lines=lines)
    (shop / "customers.csv").write_text(
        "customer_id,consent\n0042,no\nANNA,no\nben,no\n\u00e9va,no\n", encoding="utf-8"
    )
    told = (
        "3 customers of the purchases are not in the customers table, but under another spelling: '42' here, '0042' there;"
        " 'Anna' here, 'ANNA' there; 'e\u0301va' here, '\u00e9va' there. What their row says, a refusal too, is not theirs. If"
        ' they are the same, write them alike, or declare ids = "numbers" where only zeros differ.'
    )
    assert told in load(shop, tmp_path / "w").findings
    assert told in check(shop).remarks


def test_nothing_is_said_of_ids_and_families_that_are_written_in_one_way(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    (shop / "customers.csv").write_text("customer_id,consent\nanna,no\nAnna,no\n", encoding="utf-8")
    assert load(shop, tmp_path / "w").findings == ()


def test_a_product_that_is_another_one_now_is_named(tmp_path: Path) -> None:
    head = "product_id,name,family_1\nbread,Bread,BAKERY\n"
    load(write_small_shop(tmp_path / "first", products=f"{head}milk,Milk 1 l,DAIRY\n"), tmp_path / "w")
    line = ("ben,b3,1,2024-03-03 10:00:00,milk,1,19.99,0",)
    vodka = write_small_shop(tmp_path / "next", lines=line, products=f"{head}milk,Vodka,SPIRITS\n")
    told = (
        "1 product has another name and another family than before: 'milk' was 'Milk 1 l' (DAIRY) and is 'Vodka' (SPIRITS)."
        " What was bought under the id until now counts as bought of what it is now; if it is another product, give it an"
        " id of its own."
    )
    assert told in load(vodka, tmp_path / "w", append=True).findings


def test_a_product_of_another_name_or_of_another_family_is_the_same_one(tmp_path: Path) -> None:
    head = "product_id,name,family_1\n"
    first = f"{head}milk,Milk 1 l,DAIRY\nbread,Bread,BAKERY\n"
    load(write_small_shop(tmp_path / "first", products=first), tmp_path / "w")
    line = ("ben,b3,1,2024-03-03 10:00:00,milk,1,19.99,0",)
    products = f"{head}milk,Fresh milk,DAIRY\nbread,Bread,Bread & cakes\n"
    again = write_small_shop(tmp_path / "next", lines=line, products=products)
    assert load(again, tmp_path / "w", append=True).findings == ()
