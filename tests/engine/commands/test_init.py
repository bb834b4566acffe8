"""A newcomer's first command: what a shop declares and allows, proposed from its files."""

import json
from pathlib import Path

import pytest

from engine.cli import app as operator
from engine.programme import load_programme, programme_text
from tests.engine.commands.test_operating import run, say

HEADER = "customer_id,basket_id,purchased_at,product_id,quantity,paid\n"
# A rouble shop: a bag for 7, bread for 60, milk for 90, cheese for 400, wine for 1,200.
PRICES = {"bag": 7, "bread": 60, "milk": 90, "cheese": 400, "wine": 1200}
BOUGHT = ("bag", "bread", "milk", "bread", "milk", "bread", "milk", "cheese", "bread", "milk")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    lines = [
        f"c{n},b{week}-{n},2024-03-{1 + week * 7:02d} 1{n}:00:00,{product},1,{PRICES[product]}.00"
        for week in range(4)
        for n in range(5)
        for product in BOUGHT
    ]
    (folder / "purchases.csv").write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    goods = "\n".join(
        f"{name},{name.title()},{price}.00,{'alcohol' if name == 'wine' else ''}"
        for name, price in PRICES.items()
    )
    (folder / "products.csv").write_text(f"product_id,name,price,flags\n{goods}\n", encoding="utf-8")
    return folder


def init(shop: Path, *more: object) -> str:
    return say(operator, "init", "--data", shop, "--currency", "RUB", "--timezone", "Europe/Moscow", *more)


def test_amounts_fit_the_prices_and_sales_of_the_shop(shop: Path) -> None:
    said = init(shop)
    programme = load_programme(shop / "programme.toml")
    assert (programme.favourite.min_price_minor, programme.favourite.max_price_minor) == (5_400, 13_000)
    # A week sells 5 x 1,007 roubles.
    assert programme.budget.amount_minor == 36_000
    assert programme.favourite.budget.amount_minor == 11_000
    assert "budget.amount_minor = 360.00 RUB; 7% of a usual week's 5,035.00 RUB" in said


def test_the_way_from_the_proposal_to_the_load_leads_over_the_check(shop: Path) -> None:
    *_, following, last = init(shop).splitlines()
    assert following == f"Next: abonement programme check {shop / 'programme.toml'} --data {shop}"
    assert last == f"then: abonement load --data {shop} --workspace WORKSPACE"


def test_the_check_names_the_lines_that_nobody_has_confirmed_yet(shop: Path) -> None:
    init(shop)
    check = ("programme", "check", shop / "programme.toml", "--data", shop)
    assert "Lines that say CONFIRM still: law.country, floors.price_minor, budget.amount_minor," in say(
        operator, *check
    )
    text = (shop / "programme.toml").read_text(encoding="utf-8")
    (shop / "programme.toml").write_text(text.replace("CONFIRM: ", ""), encoding="utf-8")
    assert "CONFIRM" not in say(operator, *check)


def test_a_table_without_one_good_row_has_no_days_and_no_limit_that_would_let_it_in(shop: Path) -> None:
    init(shop)
    lines = (shop / "purchases.csv").read_text(encoding="utf-8").replace(",1,", ",1,€ ")
    (shop / "purchases.csv").write_text(lines, encoding="utf-8")
    found = ("--data", shop, "--workspace", shop / "workspace")
    code, said = run(operator, "load", "--check", *found)
    assert code == 2
    assert "None" not in said
    code, said = run(operator, "load", *found)
    assert code == 2
    assert said.endswith("; correct the data and load again.")


def test_a_shop_that_marks_no_product_is_asked_about_alcohol_before_the_first_night(shop: Path) -> None:
    goods = "\n".join(f"{name},{name.title()},{price}.00" for name, price in PRICES.items())
    (shop / "products.csv").write_text(f"product_id,name,price\n{goods}\n", encoding="utf-8")
    assert "programme.toml: exclusions.flags = alcohol, tobacco, partner; no product bears a flag" in init(
        shop
    )
    code, said = run(operator, "programme", "check", shop / "programme.toml", "--data", shop)
    assert code == 3
    assert "exclusions.flags: no product bears a flag, so alcohol and tobacco are offered" in said


def test_what_is_written_is_loaded_without_a_hand(shop: Path, tmp_path: Path) -> None:
    init(shop)
    said = say(operator, "load", "--data", shop, "--workspace", tmp_path / "workspace")
    assert said.startswith("Loaded 200 lines of 5 customers and 5 products")


def test_nothing_is_written_over_unless_asked(shop: Path) -> None:
    init(shop)
    (shop / "programme.toml").write_text("mine = 1\n", encoding="utf-8")
    assert "Kept tables.toml and programme.toml as they are" in init(shop)
    assert (shop / "programme.toml").read_text(encoding="utf-8") == "mine = 1\n"
    assert "Wrote tables.toml and programme.toml" in init(shop, "--replace")
    assert load_programme(shop / "programme.toml").budget.amount_minor == 36_000


def test_a_declaration_that_is_there_is_what_the_programme_is_proposed_from(shop: Path) -> None:
    init(shop)
    (shop / "programme.toml").unlink()
    declared = (shop / "tables.toml").read_text(encoding="utf-8").replace('"decimal"  ', '"minor"    ', 1)
    (shop / "tables.toml").write_text(declared.replace('"RUB"', '"JPY"'), encoding="utf-8")
    assert "5,035 JPY" in init(shop)


def test_a_shop_whose_load_would_be_refused_gets_a_declaration_and_the_reason(shop: Path) -> None:
    (shop / "products.csv").write_text("product_id,name\nbag,Bag\n", encoding="utf-8")
    code, said = run(operator, "init", "--data", shop)
    assert code == 2
    assert "tables.toml is there, but a load by it would be refused: 180 of 200 purchases are bad" in said
    assert not (shop / "programme.toml").exists()


def test_the_shipped_programme_is_doubted_in_a_rouble_shop_and_the_proposed_one_is_not(
    shop: Path, tmp_path: Path
) -> None:
    init(shop)
    say(operator, "programme", "check", shop / "programme.toml", "--data", shop)
    shipped = tmp_path / "classic.toml"
    shipped.write_text(programme_text(), encoding="utf-8")
    say(operator, "load", "--data", shop, "--workspace", tmp_path / "workspace")
    code, said = run(operator, "programme", "check", shipped, "--workspace", tmp_path / "workspace", "--json")
    assert code == 3
    assert [one["key"] for one in json.loads(said)["doubts"]] == ["favourite.max_price_minor"]


def test_a_family_that_the_shop_does_not_have_is_unusable(shop: Path) -> None:
    init(shop)
    text = (shop / "programme.toml").read_text(encoding="utf-8")
    (shop / "programme.toml").write_text(
        text.replace("families = []", 'families = ["DIARY"]', 1), encoding="utf-8"
    )
    code, said = run(operator, "programme", "check", shop / "programme.toml", "--data", shop)
    assert code == 2
    assert "exclusions.families names 'DIARY'" in said


def test_a_programme_is_checked_against_a_shop(shop: Path) -> None:
    init(shop)
    code, said = run(operator, "programme", "check", shop / "programme.toml")
    assert (code, said.startswith("Of which shop?")) == (2, True)
