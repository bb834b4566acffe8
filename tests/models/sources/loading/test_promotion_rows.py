from pathlib import Path

import pytest

from models.ground.errors import BadInput
from models.sources import load, open_data
from models.sources.loading.load_check import check
from tests.models.sources.small import GOOD, HEADER, PRODUCTS, rows, write_small_shop

COLUMNS = "product_id,store_id,starts_on,ends_on,price,discount,mailer,display"
PLAN = (
    "milk,s1,2024-02-26,2024-03-03,0.99,,true,false",
    "bread,,2024-03-04,2024-03-10,,0.50,false,true",
)
IN_S1 = tuple(f"{line},s1" for line in GOOD)
READ = (
    "product_no, store_id, starts_on::VARCHAR, ends_on::VARCHAR, price_minor, discount_minor, mailer, display"
)


def shop_with(folder: Path, plan: tuple[str, ...] = PLAN, columns: str = COLUMNS, **more: object) -> Path:
    shop = write_small_shop(folder, lines=IN_S1, header=f"{HEADER},store_id", **more)  # type: ignore[arg-type]
    (shop / "promotions.csv").write_text("\n".join((columns, *plan)) + "\n")
    return shop


def stored(workspace: Path) -> list[tuple[object, ...]]:
    path = open_data(workspace).promotions
    assert path is not None
    return rows(path, READ)


def test_promotions_past_and_planned_are_kept_beside_the_purchases(tmp_path: Path) -> None:
    summary = load(shop_with(tmp_path / "shop"), tmp_path)
    assert stored(tmp_path) == [
        (1, "s1", "2024-02-26", "2024-03-03", 99, None, True, False),
        (0, None, "2024-03-04", "2024-03-10", None, 50, False, True),
    ]
    (said,) = (one for one in summary.findings if one.startswith("Promotions"))
    assert said == (
        "Promotions: 2 of 2 products in 1 store, 1 of them in every store, 2024-02-26 to 2024-03-10; "
        "1 begins after the last purchase."
    )
    open_data(tmp_path).verify()


def test_a_shop_without_promotions_is_the_same_load_as_ever(tmp_path: Path) -> None:
    load(write_small_shop(tmp_path / "shop"), tmp_path)
    assert open_data(tmp_path).promotions is None
    assert not [path for path in open_data(tmp_path).folder.rglob("*") if "promotion" in path.name]


BAD = {
    ",s1,2024-03-04,2024-03-10,1,,,": ("null_id", "product_id is empty"),
    "milk,s1,soon,2024-03-10,1,,,": ("unparsable_date", "starts_on or ends_on is empty or no date"),
    "milk,s1,2024-03-04,,1,,,": ("unparsable_date", "starts_on or ends_on is empty or no date"),
    "milk,s1,2024-03-10,2024-03-04,1,,,": ("ends_before_it_starts", "ends_on is before starts_on"),
    "milk,s1,2024-03-04,2024-03-10,cheap,,,": ("bad_number", "price or discount is no number"),
    "milk,s1,2024-03-04,2024-03-10,,-1,,": ("negative_price", "price or discount is below zero"),
    "milk,s1,2024-03-04,2024-03-10,1,,perhaps,": (
        "bad_boolean",
        "mailer or display is neither true nor false",
    ),
    "milk,s1,2024-03-04,2024-03-10,,,false,": ("empty_promotion", "neither price nor discount is given"),
    "caviar,s1,2024-03-04,2024-03-10,1,,,": ("unknown_product", "not in the products table"),
}


def test_each_kind_of_bad_promotion_is_set_aside_and_said_in_a_sentence(tmp_path: Path) -> None:
    summary = load(shop_with(tmp_path / "shop", (*PLAN, *BAD)), tmp_path)
    reasons = [reason for reason, _ in BAD.values()]
    assert summary.tables["promotions"].quarantined == {reason: reasons.count(reason) for reason in reasons}
    assert len(stored(tmp_path)) == len(PLAN)
    said = "\n".join(one for one in summary.bad_rows if " promotions: " in one)
    assert [sentence for _, sentence in BAD.values() if sentence not in said] == []


def test_too_many_bad_promotions_stop_the_load_and_one_is_shown(tmp_path: Path) -> None:
    shop = shop_with(tmp_path / "shop", (*PLAN, "milk,s1,2024-03-10,2024-03-04,1,,,"), max_bad_share=0.1)
    with pytest.raises(
        BadInput, match=r"promotions.csv: 1 of 3 rows are bad .* line 4: ends_on is '2024-03-04'"
    ):
        load(shop, tmp_path)


def test_a_check_tells_of_the_plan_and_of_stores_that_no_purchase_names(tmp_path: Path) -> None:
    plan = ("milk,S-1,2024-02-26,2024-03-01,0.99,,,", "bread,S-1,2024-02-26,2024-03-01,0.99,,,")
    report = check(shop_with(tmp_path / "shop", plan))
    assert any("a night after that knows no plan" in remark for remark in report.remarks)
    assert any("2 of 2 promotions are in stores that no purchase" in remark for remark in report.remarks)


def test_a_delivery_replaces_the_days_on_which_promotions_begin(tmp_path: Path) -> None:
    load(shop_with(tmp_path / "shop", (*PLAN, "milk,s1,2024-03-04,2024-03-10,0.89,,,")), tmp_path, buckets=2)
    goods = PRODUCTS + "apple,Apple,FRUIT,0.30,\n"
    delivery = shop_with(tmp_path / "more", ("apple,s1,2024-03-04,2024-03-10,0.20,,,",), products=goods)
    load(delivery, tmp_path, append=True)
    assert stored(tmp_path) == [
        (
            2,
            "s1",
            "2024-02-26",
            "2024-03-03",
            99,
            None,
            True,
            False,
        ),  # milk, which apples gave another number
        (0, "s1", "2024-03-04", "2024-03-10", 20, None, False, False),
    ]


def test_a_delivery_without_promotions_keeps_them(tmp_path: Path) -> None:
    load(shop_with(tmp_path / "shop"), tmp_path, buckets=2)
    before = stored(tmp_path)
    summary = load(
        write_small_shop(tmp_path / "more", lines=IN_S1, header=f"{HEADER},store_id"), tmp_path, append=True
    )
    assert stored(tmp_path) == before
    assert summary.tables["promotions"].kept == len(PLAN)


def test_a_delivery_that_is_declared_complete_is_all_there_is(tmp_path: Path) -> None:
    load(shop_with(tmp_path / "shop"), tmp_path, buckets=2)
    delivery = shop_with(tmp_path / "more", ("milk,s1,2024-04-01,2024-04-07,0.99,,,",))
    with (delivery / "tables.toml").open("a") as declaration:
        declaration.write("\n[promotions]\ncomplete = true\n")
    load(delivery, tmp_path, append=True)
    assert [row[2] for row in stored(tmp_path)] == ["2024-04-01"]


def test_a_delivery_that_lacks_the_store_is_refused(tmp_path: Path) -> None:
    load(shop_with(tmp_path / "shop"), tmp_path, buckets=2)
    delivery = shop_with(
        tmp_path / "more", ("milk,2024-04-01,2024-04-07,1,,true,",), COLUMNS.replace("store_id,", "")
    )
    with pytest.raises(BadInput, match=r"promotions.csv lacks the column store_id"):
        load(delivery, tmp_path, append=True)


def test_a_plan_may_be_brought_without_purchases(tmp_path: Path) -> None:
    load(shop_with(tmp_path / "shop"), tmp_path, buckets=2)
    delivery = shop_with(tmp_path / "more", ("milk,s1,2024-04-01,2024-04-07,0.99,,,",))
    (delivery / "purchases.csv").unlink()
    (delivery / "products.csv").unlink()
    load(delivery, tmp_path, append=True, without_purchases=True)
    assert [row[2] for row in stored(tmp_path)] == ["2024-02-26", "2024-03-04", "2024-04-01"]
