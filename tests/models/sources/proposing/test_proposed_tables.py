from pathlib import Path

import pytest

from models.ground.errors import BadInput
from models.sources import load, read_declaration
from models.sources.proposing.proposed_tables import propose_tables

LINES = "customer_id,basket_id,purchased_at,product_id,quantity,paid\n"
ANNA = "anna,b1,2024-03-01 10:00:00,milk,2,2.38\n"
GOODS = "product_id,name\nmilk,Milk 1 l\n"


def write(folder: Path, files: dict[str, str], encoding: str = "utf-8") -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding=encoding)
    return folder


def propose(folder: Path, timezone: str = "Europe/Berlin", currency: str | None = None) -> str:
    text = propose_tables(folder, timezone=timezone, currency=currency).text
    (folder / "tables.toml").write_text(text, encoding="utf-8")
    return text


def test_a_russian_till_export_is_loaded_without_a_hand(tmp_path: Path) -> None:
    sales = (
        "Дата;Номер чека;Карта клиента;Код товара;Количество;Сумма\n"
        "01.03.2024 10:00:00;1;2900001;00042;2,000;159,80\n"
        "13.03.2024 11:30:00;2;2900002;00043;0,500;1 245,00\n"
    )
    goods = "Код товара;Наименование;Цена;Категория\n42;Молоко 1 л;79,90;МОЛОЧНОЕ\n43;Сыр;2490,00;МОЛОЧНОЕ\n"
    folder = write(tmp_path / "till", {"sales 2024-03.csv": sales, "goods.csv": goods}, "cp1251")
    propose(folder.rename(tmp_path / "shop"), "Europe/Moscow")
    declared = read_declaration(tmp_path / "shop")
    assert (declared.currency, declared.encoding, declared.ids) == ("RUB", "cp1251", "numbers")
    assert (declared.decimal_mark, declared.thousands_mark) == (",", " ")
    assert declared.time_format == "%d.%m.%Y %H:%M:%S"
    summary = load(tmp_path / "shop", tmp_path / "workspace")
    assert (summary.lines, summary.customers, summary.products) == (2, 2, 2)


def test_tills_that_number_their_receipts_alike_are_part_of_the_receipts_number(tmp_path: Path) -> None:
    sales = (
        "Магазин;Касса;Номер чека;Дата чека;Карта;Артикул;Кол-во;Сумма\n"
        "М1;1;1;01.03.2024 10:00:00;2900001;00042;2,000;159,80\n"
        "М1;2;1;01.03.2024 10:05:00;2900001;00042;1,000;79,90\n"
    )
    goods = "Артикул;Наименование;Цена\n00042;Молоко 1 л;79,90\n"
    folder = write(tmp_path / "shop", {"чеки.csv": sales, "товары.csv": goods}, "cp1251")
    assert 'basket_id = ["Касса", "Номер чека"]' in propose(folder, "Europe/Moscow")
    assert load(folder, tmp_path / "workspace").lines == 2


def test_a_till_that_parts_no_receipts_is_left_out(tmp_path: Path) -> None:
    lines = LINES.replace("\n", ",till\n") + ANNA.replace("\n", ",1\n")
    folder = write(tmp_path / "shop", {"purchases.csv": lines, "products.csv": GOODS})
    assert "basket_id" not in propose(folder)


def test_our_own_names_need_no_section(tmp_path: Path) -> None:
    folder = write(tmp_path / "shop", {"purchases.csv": LINES + ANNA, "products.csv": GOODS})
    keys = [line for line in propose(folder).splitlines() if not line.startswith("#")]
    assert "[" not in "".join(keys)
    assert load(folder, tmp_path / "workspace").lines == 1


def test_files_of_several_months_are_one_table(tmp_path: Path) -> None:
    ben = ANNA.replace("anna,b1", "ben,b2")
    files = {"sales-01.csv": LINES + ANNA, "sales-02.csv": LINES + ben, "products.csv": GOODS}
    folder = write(tmp_path / "shop", files)
    assert 'files = "sales-0*.csv"' in propose(folder)
    assert load(folder, tmp_path / "workspace").lines == 2


def test_a_date_that_two_formats_read_is_for_the_owner_to_confirm(tmp_path: Path) -> None:
    lines = LINES + ANNA.replace("2024-03-01 10:00:00", "03/04/2024")
    folder = write(tmp_path / "shop", {"purchases.csv": lines, "products.csv": GOODS})
    proposed = propose_tables(folder, timezone="UTC", currency="EUR")
    assert any(
        line.startswith('time_format = "%d/%m/%Y"; as purchased_at is written; %m/%d/%Y would read it too')
        for line in proposed.to_confirm
    )


def test_two_currencies_are_refused_and_named(tmp_path: Path) -> None:
    lines = LINES.replace("\n", ",currency\n") + ANNA.replace("\n", ",CZK\n") + ANNA.replace("\n", ",EUR\n")
    folder = write(tmp_path / "shop", {"purchases.csv": lines, "products.csv": GOODS})
    with pytest.raises(BadInput, match=r"purchases.csv has amounts in 2 currencies \(CZK, EUR\)"):
        propose(folder)


def test_consent_in_the_words_of_the_house_is_declared(tmp_path: Path) -> None:
    customers = "customer_id,consent\nanna,ja\nben,nein\ncara,opt-out\n"
    folder = write(
        tmp_path / "shop", {"purchases.csv": LINES + ANNA, "products.csv": GOODS, "customers.csv": customers}
    )
    propose(folder)
    assert read_declaration(folder).vocabulary.booleans == {"ja": True, "nein": False, "opt-out": False}


def test_what_lacks_a_needed_column_is_refused_with_the_columns_that_it_has(tmp_path: Path) -> None:
    history = "customer_id,basket_no,product_id\n1,1,0\n"
    folder = write(tmp_path / "shop", {"history.csv": history, "products.csv": GOODS})
    sentence = (
        r"history.csv could be purchased_at or quantity or paid, .*it has customer_id, basket_no, product_id\. Name the "
        r"column that is meant in a tables.toml beside it"
    )
    with pytest.raises(BadInput, match=sentence):
        propose(folder)


def test_a_folder_without_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    with pytest.raises(BadInput, match=r"holds no file for purchases; expected purchases\.csv"):
        propose(tmp_path / "shop")


def test_a_plan_of_promotions_is_found_by_its_columns_and_loaded(tmp_path: Path) -> None:
    plan = "Artikelnummer;Filiale;Gueltig ab;Gueltig bis;Aktionspreis;Handzettel\nmilk;7;04.03.2024;10.03.2024;0,99;ja\n"
    lines = LINES.replace(",", ";") + ANNA.replace(",", ";").replace("2.38", "2,38")
    files = {"purchases.csv": lines, "products.csv": GOODS.replace(",", ";"), "aktionen.csv": plan}
    said = propose(write(tmp_path / "shop", files))
    assert 'files = "aktionen.csv"' in said
    assert 'starts_on = "Gueltig ab"' in said
    assert load(tmp_path / "shop", tmp_path / "w").tables["promotions"].kept == 1


def test_vat_is_asked_for_and_no_rate_is_made_up(tmp_path: Path) -> None:
    folder = write(tmp_path / "shop", {"purchases.csv": LINES + ANNA, "products.csv": GOODS})
    assert '# cost = "excluded"' in propose(folder)
    assert read_declaration(folder).vat is None
    asked = propose_tables(folder, timezone="Europe/Berlin", currency=None).to_confirm
    assert asked[-1] == "[vat] stands there as a comment; without it margins count no tax"


@pytest.mark.parametrize(("rate", "declared"), [("700", True), ("7", False), ("", False)])
def test_a_column_of_rates_declares_vat_where_every_rate_can_be_one(
    tmp_path: Path, rate: str, declared: bool
) -> None:
    goods = f"product_id,name,vat_bp\nmilk,Milk 1 l,{rate}\nrum,Rum,1900\n"
    folder = write(tmp_path / "shop", {"purchases.csv": LINES + ANNA, "products.csv": goods})
    propose(folder)
    assert (read_declaration(folder).vat is not None) is declared


def test_what_suppliers_pay_is_found_by_its_columns_and_loaded(tmp_path: Path) -> None:
    paid = "Lieferant,Vereinbarung,Artikelnummer,Start,Ende,funded_bp,budget\nMeierei,A-7,milk,2024-03-01,2024-03-31,5000,250\n"
    files = {"purchases.csv": LINES + ANNA, "products.csv": GOODS, "zuschuss.csv": paid}
    said = propose(write(tmp_path / "shop", files))
    assert 'files = "zuschuss.csv"' in said
    assert 'funder = "Lieferant"' in said
    assert load(tmp_path / "shop", tmp_path / "w").tables["fundings"].kept == 1
