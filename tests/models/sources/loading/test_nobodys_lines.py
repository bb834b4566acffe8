"""What is sold without a card, or under an id that many people share, is counted and is nobody's."""

from pathlib import Path

import pytest

from models.ground.errors import BadInput
from models.sources import load, open_data
from models.sources.loading.delivery_plan import Lacking
from models.sources.loading.load_check import check
from tests.models.sources.small import GOOD, HEADER, rows, write_small_shop

PEOPLE = ("anna", "ben", "carl", "dora", "emil", "fritz")


def visits(customer: str, days: range, a_day: int = 1, month: str = "2024-03") -> tuple[str, ...]:
    return tuple(
        f"{customer},{customer}-{day}-{number},1,{month}-{day:02d} {9 + number}:00:00,milk,1,1.19,0"
        for day in days
        for number in range(a_day)
    )


EVERYBODY = tuple(line for name in PEOPLE for line in visits(name, range(1, 5)))


def customers(workspace: Path) -> list[object]:
    data = open_data(workspace)
    return sorted(
        str(name) for b in range(data.buckets) for (name,) in rows(data.customers(b), "customer_id")
    )


def test_a_line_without_a_customer_is_a_sale_without_a_card_and_no_bad_row(tmp_path: Path) -> None:
    cardless = (",b9,1,2024-03-01 09:00:00,milk,1,1.19,0", "  ,b9,2,2024-03-01 09:00:00,bread,1,2.49,0")
    summary = load(write_small_shop(tmp_path / "shop", lines=(*GOOD, *cardless), max_bad_share=0), tmp_path)
    assert summary.without_card == 2
    assert (summary.lines, summary.tables["purchases"].rows) == (3, 3)
    assert summary.tables["purchases"].quarantined == {}
    told = (
        "2 of 5 lines of purchases (40.0%) name no customer: sales without a card. They are nobody's history and no bad"
        " rows."
    )
    assert summary.findings == (told,)
    assert customers(tmp_path) == ["anna", "ben"]


def test_a_sale_without_a_card_that_is_wrong_otherwise_is_a_bad_row(tmp_path: Path) -> None:
    cardless = (",b9,1,2024-03-01 09:00:00,caviar,1,1.19,0",)
    summary = load(write_small_shop(tmp_path / "shop", lines=(*GOOD, *cardless)), tmp_path)
    assert (summary.without_card, summary.tables["purchases"].quarantined) == (0, {"unknown_product": 1})


def test_purchases_of_which_no_line_names_a_customer_are_refused(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", lines=(",b9,1,2024-03-01 09:00:00,milk,1,1.19,0",))
    with pytest.raises(
        BadInput, match=r"column customer_id is empty in every line .* \(1\); name the column"
    ):
        load(shop, tmp_path)


@pytest.mark.parametrize("shared", ["-1", "0", "ZZ000000000000", "TILL7"])
def test_an_id_with_far_more_receipts_a_day_than_a_person_is_named_and_is_no_customer(
    tmp_path: Path, shared: str
) -> None:
    shop = write_small_shop(tmp_path / "shop", lines=(*EVERYBODY, *visits(shared, range(1, 11), 4)))
    told = (
        f"This id is no customer: {shared!r} (40 lines, 62.5%; 40 receipts on 10 days). What is sold under it is counted"
        " here, is nobody's history, and nobody gets offers for it."
    )
    assert told in check(shop).hints
    summary = load(shop, tmp_path)
    assert told in summary.findings
    assert (summary.lines, summary.tables["purchases"].rows) == (24, 24)
    assert summary.no_customers == (shared,)
    assert customers(tmp_path) == list(PEOPLE)


def test_somebody_who_comes_every_day_is_a_customer(tmp_path: Path) -> None:
    lines = (*EVERYBODY, *visits("zoe", range(1, 32)), *visits("zoe", range(1, 31), month="2024-04"))
    load(write_small_shop(tmp_path / "shop", lines=lines), tmp_path)
    assert "zoe" in customers(tmp_path)


@pytest.mark.parametrize(("others", "kept"), [(120, True), (30, False)])
def test_three_receipts_a_day_are_a_large_households_unless_they_are_much_of_the_shop(
    tmp_path: Path, others: int, *, kept: bool
) -> None:
    lines = tuple(line for number in range(others) for line in visits(f"c{number}", range(1, 11)))
    summary = load(
        write_small_shop(tmp_path / "shop", lines=(*lines, *visits("zoe", range(1, 21), 3))), tmp_path
    )
    assert summary.no_customers == (() if kept else ("zoe",))


def test_where_everybody_has_many_receipts_a_day_nobody_is_taken_for_many(tmp_path: Path) -> None:
    lines = tuple(line for name in PEOPLE for line in visits(name, range(1, 11), 4))
    load(write_small_shop(tmp_path / "shop", lines=lines), tmp_path)
    assert customers(tmp_path) == list(PEOPLE)


def test_the_shop_may_say_that_an_id_is_a_customer(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", lines=(*EVERYBODY, *visits("zoe", range(1, 11), 4)))
    _declare(shop, 'real_customers = ["zoe"]')
    assert load(shop, tmp_path).findings == ()
    assert "zoe" in customers(tmp_path)


@pytest.mark.parametrize(
    ("ids", "declared"), [("text", '["anna"]'), ("numbers", '["007"]'), ("numbers", "[7]")]
)
def test_the_shop_may_say_that_an_id_is_no_customer(tmp_path: Path, ids: str, declared: str) -> None:
    name = "anna" if ids == "text" else "07"
    lines = tuple(line.replace("anna", name) for line in GOOD)
    shop = write_small_shop(tmp_path / "shop", lines=lines, ids=ids)
    _declare(shop, f"no_customers = {declared}")
    summary = load(shop, tmp_path)
    assert (summary.lines, customers(tmp_path)) == (1, ["ben"])
    assert summary.no_customers == ("anna" if ids == "text" else "7",)


def test_an_id_that_proves_to_be_shared_in_a_delivery_goes_with_its_stored_lines_and_stays_away(
    tmp_path: Path,
) -> None:
    first = write_small_shop(tmp_path / "first", lines=(*EVERYBODY, *visits("-1", range(1, 8), 4)))
    second = write_small_shop(
        tmp_path / "second", lines=visits("-1", range(8, 11), 4) + visits("ben", range(8, 9))
    )
    third = write_small_shop(
        tmp_path / "third", lines=visits("-1", range(12, 13)) + visits("ben", range(12, 13))
    )
    whole = write_small_shop(
        tmp_path / "whole",
        lines=(
            *EVERYBODY,
            *visits("-1", range(1, 11), 4),
            *visits("-1", range(12, 13)),
            *visits("ben", range(8, 9)),
            *visits("ben", range(12, 13)),
        ),
    )
    load(first, tmp_path / "parts")
    assert "-1" in customers(tmp_path / "parts")
    load(second, tmp_path / "parts", append=True)
    assert customers(tmp_path / "parts") == list(PEOPLE)
    last = load(third, tmp_path / "parts", append=True)
    assert last.fingerprint == load(whole, tmp_path / "once").fingerprint
    assert last.no_customers == ("-1",)


def _declare(shop: Path, line: str) -> None:
    with (shop / "tables.toml").open("a") as file:
        file.write(f"\n{line}\n")


def test_a_day_that_now_holds_sales_without_a_card_only_stops_where_receipts_are_lacking(
    tmp_path: Path,
) -> None:
    header = "customer_id,basket_id,line_no,purchased_at,product_id,quantity,paid,store_id"
    north, south = (
        "{},r1,1,2024-03-0{} 10:00:00,milk,1,1.19,north",
        "{},r2,1,2024-03-0{} 10:00:00,milk,1,1.19,south",
    )
    first = (north.format("anna", 1), south.format("ben", 1))
    load(write_small_shop(tmp_path / "first", lines=first, header=header), tmp_path / "w")
    again = write_small_shop(
        tmp_path / "again", lines=(north.format("", 1), south.format("ben", 2)), header=header
    )
    with pytest.raises(BadInput, match="2024-03-01 in store north lacks r1"):
        load(again, tmp_path / "w", append=True)
    load(again, tmp_path / "w", append=True, lacking=Lacking.REPLACE)
    assert customers(tmp_path / "w") == ["ben"]


def test_what_is_stored_beside_sales_without_a_card_is_what_is_stored_without_them(tmp_path: Path) -> None:
    cardless = (*GOOD, ",b9,1,2024-03-01 09:00:00,milk,1,1.19,0")
    beside = load(write_small_shop(tmp_path / "beside", lines=cardless), tmp_path / "w", buckets=1)
    alone = load(write_small_shop(tmp_path / "alone", lines=GOOD), tmp_path / "w-alone", buckets=1)
    assert beside.fingerprint == alone.fingerprint


def handed_round(stores: int) -> tuple[str, ...]:
    """One card on 20 days, twice a day, in so many stores a day, besides people of one store."""
    people = tuple(f"{line},north" for line in EVERYBODY)
    return (
        *people,
        *(f"{line},{place % stores}" for place, line in enumerate(visits("courier", range(1, 21), 2))),
    )


@pytest.mark.parametrize(("stores", "kept"), [(2, False), (1, True)])
def test_a_card_that_is_in_two_stores_every_day_is_handed_round(
    tmp_path: Path, stores: int, *, kept: bool
) -> None:
    # with enough others that the card's purchases are no twentieth of the shop
    others = tuple(f"{line},north" for number in range(120) for line in visits(f"c{number}", range(1, 11)))
    shop = write_small_shop(
        tmp_path / "shop", lines=(*handed_round(stores), *others), header=f"{HEADER},store_id"
    )
    summary = load(shop, tmp_path)
    assert summary.no_customers == (() if kept else ("courier",))
    assert ("courier" in customers(tmp_path)) is kept
