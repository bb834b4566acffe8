from pathlib import Path

import pytest

from models.ground.errors import BadInput
from models.sources import load, open_data
from tests.models.sources.small import rows, write_small_shop

COLUMNS = "funder,agreement,product_id,family,starts_on,ends_on,funded_bp,budget,unit_cap"
DAIRY = "Meierei,A-7,,DAIRY,2024-03-01,2024-03-31,5000,250.00,0.30"
BREAD = "Mill,2024/1,bread,,2024-03-01,2024-06-30,10000,90.50,"
READ = "funder, agreement, product_id, family, starts_on::VARCHAR, ends_on::VARCHAR, funded_bp, budget_minor, unit_cap_minor"


def shop_with(folder: Path, *fundings: str, columns: str = COLUMNS, **more: object) -> Path:
    shop = write_small_shop(folder, **more)  # type: ignore[arg-type]
    (shop / "fundings.csv").write_text("\n".join((columns, *fundings)) + "\n")
    return shop


def stored(workspace: Path) -> list[tuple[object, ...]]:
    path = open_data(workspace).fundings
    assert path is not None
    return rows(path, READ)


def test_what_suppliers_pay_is_kept_beside_the_purchases(tmp_path: Path) -> None:
    summary = load(shop_with(tmp_path / "shop", DAIRY, BREAD), tmp_path)
    assert stored(tmp_path) == [
        ("Meierei", "A-7", None, "DAIRY", "2024-03-01", "2024-03-31", 5000, 25000, 30),
        ("Mill", "2024/1", "bread", None, "2024-03-01", "2024-06-30", 10000, 9050, None),
    ]
    assert "Fundings: 2 agreements of 2 funders, 2024-03-01 to 2024-06-30." in summary.findings
    open_data(tmp_path).verify()


def test_a_shop_without_fundings_is_the_same_load_as_ever(tmp_path: Path) -> None:
    load(write_small_shop(tmp_path / "shop"), tmp_path)
    assert open_data(tmp_path).fundings is None
    assert not [path for path in open_data(tmp_path).folder.rglob("*") if "funding" in path.name]


BAD = {
    ",A-8,milk,,2024-03-01,2024-03-31,5000,9,": ("null_funder", "funder or agreement is empty"),
    f"Dairy,{'A' * 65},milk,,2024-03-01,2024-03-31,5000,9,": ("long_name", "longer than 64 characters"),
    "Dairy,A-8,,,2024-03-01,2024-03-31,5000,9,": ("product_or_family", "a product or a family is expected"),
    "Dairy,A\x00-9,milk,,2024-03-01,2024-03-31,5000,9,": ("bad_name", "holds a control character"),
    "Dairy,A-9,milk,DAIRY,2024-03-01,2024-03-31,5000,9,": ("product_or_family", "neither or both are given"),
    "Dairy,A-10,milk,,soon,2024-03-31,5000,9,": (
        "unparsable_date",
        "starts_on or ends_on is empty or no date",
    ),
    "Dairy,A-11,milk,,2024-03-31,2024-03-01,5000,9,": (
        "ends_before_it_starts",
        "ends_on is before starts_on",
    ),
    "Dairy,A-12,milk,,2024-03-01,2024-03-31,half,9,": ("bad_number", "only unit_cap may be empty"),
    "Dairy,A-13,milk,,2024-03-01,2024-03-31,5000,,": ("bad_number", "only unit_cap may be empty"),
    "Dairy,A-14,milk,,2024-03-01,2024-03-31,10001,9,": (
        "impossible_share",
        "funded_bp is not from 1 to 10000",
    ),
    "Dairy,A-15,milk,,2024-03-01,2024-03-31,5000,9,0": ("nothing_funded", "is not above zero"),
    "Dairy,A-16,milk,,2024-03-01,2024-03-31,5000,9,": ("two_budgets", "say another budget"),
    "Dairy,A-16,bread,,2024-03-01,2024-03-31,5000,10,": ("two_budgets", "it is one for all of them"),
    "Dairy,A-17,caviar,,2024-03-01,2024-03-31,5000,9,": ("unknown_product", "not in the products table"),
    "Dairy,A-18,,FISH,2024-03-01,2024-03-31,5000,9,": ("unknown_family", "is of the family"),
}


def test_each_kind_of_bad_funding_is_set_aside_and_said_in_a_sentence(tmp_path: Path) -> None:
    summary = load(shop_with(tmp_path / "shop", DAIRY, BREAD, *BAD), tmp_path)
    reasons = [reason for reason, _ in BAD.values()]
    assert summary.tables["fundings"].quarantined == {reason: reasons.count(reason) for reason in reasons}
    assert [row[0] for row in stored(tmp_path)] == ["Meierei", "Mill"]
    said = "\n".join(one for one in summary.bad_rows if " fundings: " in one)
    assert [sentence for _, sentence in BAD.values() if sentence not in said] == []


def test_too_many_bad_fundings_stop_the_load_and_one_is_shown(tmp_path: Path) -> None:
    shop = shop_with(tmp_path / "shop", DAIRY, BREAD.replace("10000", "20000"), max_bad_share=0.1)
    with pytest.raises(BadInput, match=r"fundings.csv: 1 of 2 rows are bad .* line 3: funded_bp is '20000'"):
        load(shop, tmp_path)


def test_a_delivery_replaces_an_agreement_whole_and_leaves_the_others(tmp_path: Path) -> None:
    load(shop_with(tmp_path / "shop", DAIRY, DAIRY.replace("DAIRY", "BAKERY"), BREAD), tmp_path, buckets=2)
    load(shop_with(tmp_path / "more", DAIRY.replace("250.00", "400.00")), tmp_path, append=True)
    assert [(row[0], row[3], row[7]) for row in stored(tmp_path)] == [
        ("Meierei", "DAIRY", 40000),
        ("Mill", None, 9050),
    ]


def test_a_delivery_without_fundings_keeps_them_and_one_declared_complete_is_all_there_is(
    tmp_path: Path,
) -> None:
    load(shop_with(tmp_path / "shop", DAIRY, BREAD), tmp_path, buckets=2)
    before = stored(tmp_path)
    load(write_small_shop(tmp_path / "more"), tmp_path, append=True)
    assert stored(tmp_path) == before
    last = shop_with(tmp_path / "last", BREAD)
    with (last / "tables.toml").open("a") as declaration:
        declaration.write("\n[fundings]\ncomplete = true\n")
    load(last, tmp_path, append=True)
    assert [row[0] for row in stored(tmp_path)] == ["Mill"]


def test_agreements_may_be_brought_without_purchases(tmp_path: Path) -> None:
    load(write_small_shop(tmp_path / "shop"), tmp_path, buckets=2)
    delivery = shop_with(tmp_path / "more", BREAD)
    (delivery / "purchases.csv").unlink()
    (delivery / "products.csv").unlink()
    load(delivery, tmp_path, append=True, without_purchases=True)
    assert [row[0] for row in stored(tmp_path)] == ["Mill"]
