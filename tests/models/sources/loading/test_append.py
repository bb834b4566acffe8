import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from models.ground.errors import BadInput
from models.sources import load, open_data
from models.sources.loading import load as loading
from models.sources.loading.delivery_plan import Lacking
from tests.models.sources.small import GOOD, PRODUCTS, rows, write_small_shop

DAY_3 = ("anna,b3,1,2024-03-03 09:00:00,milk,3,3.57,0", "cleo,b4,1,2024-03-03 10:00:00,bread,1,2.49,0")


def delivered(folder: Path, lines: tuple[str, ...], **more: object) -> Path:
    return write_small_shop(folder / "delivery", lines=lines, **more)  # type: ignore[arg-type]


def loaded(tmp_path: Path, lines: tuple[str, ...] = GOOD, **more: object) -> Path:
    load(write_small_shop(tmp_path / "shop", lines=lines, **more), tmp_path / "w", buckets=3)  # type: ignore[arg-type]
    return tmp_path / "w"


def whole(tmp_path: Path, lines: tuple[str, ...], **more: object) -> str:
    """The fingerprint of everything loaded at once."""
    shop = write_small_shop(tmp_path / "whole", lines=lines, **more)  # type: ignore[arg-type]
    return load(shop, tmp_path / "w-whole", buckets=3).fingerprint


def lines_of(workspace: Path) -> list[tuple[object, ...]]:
    data = open_data(workspace)
    select = "basket_id, line_no, quantity_milli, paid_minor, local_day::VARCHAR"
    return sorted(
        (line for bucket in range(data.buckets) for line in rows(data.purchases(bucket), select)), key=str
    )


def replaced(workspace: Path) -> list[tuple[object, ...]]:
    path = open_data(workspace).folder / "replaced.parquet"
    return rows(path, "load_id, customer_id, basket_id, line_no, quantity_milli")


def test_a_new_day_makes_the_same_load_as_everything_at_once(tmp_path: Path) -> None:
    workspace = loaded(tmp_path)
    summary = load(delivered(tmp_path, DAY_3), workspace, append=True)
    assert summary.fingerprint == whole(tmp_path, (*GOOD, *DAY_3))
    assert summary.appended
    assert (summary.appended.new_days, summary.appended.replaced_days) == ({"2024-03-03": 2}, {})
    open_data(workspace).verify()


def test_a_day_loaded_twice_changes_nothing(tmp_path: Path) -> None:
    workspace = loaded(tmp_path)
    delivery = delivered(tmp_path, (*DAY_3, "anna,b9,1,2024-03-03,caviar,1,1,0", DAY_3[0]))
    first = load(delivery, workspace, append=True)
    again = load(delivery, workspace, append=True)
    assert again.fingerprint == first.fingerprint
    assert again.tables == first.tables
    assert again.tables["purchases"].quarantined == {"duplicate_line": 1, "unknown_product": 1}


def test_a_day_is_replaced_whole(tmp_path: Path) -> None:
    workspace = loaded(tmp_path, (*GOOD, *DAY_3))
    corrected = ("anna,b3,1,2024-03-03 09:00:00,milk,2,2.38,0", DAY_3[1])
    summary = load(delivered(tmp_path, corrected), workspace, append=True)
    assert summary.fingerprint == whole(tmp_path, (*GOOD, *corrected))
    assert summary.appended
    assert summary.appended.replaced_days == {"2024-03-03": 2}
    assert replaced(workspace) == [("0002", "anna", "b3", 1, 3000)]


def test_a_day_that_lacks_stored_receipts_stops_and_names_them(tmp_path: Path) -> None:
    workspace = loaded(tmp_path, (*GOOD, *DAY_3))
    before = open_data(workspace)
    delivery = delivered(tmp_path, DAY_3[:1])
    with pytest.raises(
        BadInput, match=r"and 1 stored line would go: 2024-03-03 lacks b4\. Say --replace .* or --add"
    ):
        load(delivery, workspace, append=True)
    assert open_data(workspace) == before
    assert load(delivery, workspace, append=True, lacking=Lacking.ADD).lines == 5
    summary = load(delivery, workspace, append=True, lacking=Lacking.REPLACE)
    assert summary.lines == 4
    assert replaced(workspace) == [("0003", "cleo", "b4", 1, 1000)]


def test_replaced_lines_are_kept_from_load_to_load(tmp_path: Path) -> None:
    workspace = loaded(tmp_path, (*GOOD, *DAY_3))
    for pieces in (4, 5):
        corrected = (f"anna,b3,1,2024-03-03 09:00:00,milk,{pieces},3.57,0", DAY_3[1])
        load(delivered(tmp_path, corrected), workspace, append=True)
    load(delivered(tmp_path, ("anna,b9,1,2024-03-09,milk,1,1,0",)), workspace, append=True)
    assert replaced(workspace) == [("0002", "anna", "b3", 1, 3000), ("0003", "anna", "b3", 1, 4000)]


def test_a_sale_stays_where_only_its_return_is_delivered_under_the_same_receipt(tmp_path: Path) -> None:
    workspace = loaded(tmp_path)
    back = delivered(tmp_path, ("ben,b2,1,2024-03-02 23:40:00,milk,-1,-1.19,0",))
    with pytest.raises(BadInput, match="2024-03-02 lacks b2"):
        load(back, workspace, append=True)
    assert load(back, workspace, append=True, lacking=Lacking.ADD).lines == 4
    both = [line for line in lines_of(workspace) if line[0] == "b2"]
    assert [line[2] for line in both] == [-1000, 1000]


def test_late_lines_of_an_older_day_are_added_and_twice_is_once(tmp_path: Path) -> None:
    workspace = loaded(tmp_path)
    late = "ben,b7,1,2024-03-01 08:00:00,milk,1,1.19,0"
    delivery = delivered(tmp_path, (*DAY_3, late))
    summary = load(delivery, workspace, append=True, lacking=Lacking.ADD)
    assert summary.fingerprint == whole(tmp_path, (*GOOD, *DAY_3, late))
    assert summary.appended
    assert summary.appended.late_days == {"2024-03-01": 1}
    again = load(delivery, workspace, append=True, lacking=Lacking.ADD)
    assert again.fingerprint == summary.fingerprint


def test_a_correction_takes_the_place_of_its_line_on_whatever_day(tmp_path: Path) -> None:
    workspace = loaded(tmp_path)
    correction = "anna,b1,2,2024-03-01 10:00:00,bread,2,4.58,0.40"
    summary = load(delivered(tmp_path, (*DAY_3, correction)), workspace, append=True, lacking=Lacking.ADD)
    assert summary.fingerprint == whole(tmp_path, (GOOD[0], GOOD[2], *DAY_3, correction))
    assert summary.tables["purchases"].quarantined == {}
    assert replaced(workspace) == [("0002", "anna", "b1", 2, 1000)]


def test_a_return_of_a_later_day_is_a_line_of_its_own(tmp_path: Path) -> None:
    workspace = loaded(tmp_path)
    load(delivered(tmp_path, ("anna,r1,1,2024-03-04 09:00:00,milk,-1,-1.19,0",)), workspace, append=True)
    assert ("r1", 1, -1000, -119, "2024-03-04") in lines_of(workspace)
    assert len(lines_of(workspace)) == 4


def test_only_late_lines_are_not_taken_for_a_whole_day(tmp_path: Path) -> None:
    lines = tuple(f"anna,q{n},1,2024-03-05 10:00:00,milk,1,1,0" for n in range(7))
    workspace = loaded(tmp_path, (*GOOD, *lines))
    delivery = delivered(tmp_path, ("ben,b7,1,2024-03-05 08:00:00,milk,1,1.19,0",))
    with pytest.raises(
        BadInput, match=r"7 stored lines would go: 2024-03-05 lacks q0, q1, q2, q3, q4 and 2 more\. Say"
    ):
        load(delivery, workspace, append=True)
    assert load(delivery, workspace, append=True, days="none").lines == 11
    summary = load(delivery, workspace, append=True, days="2024-03-05", lacking=Lacking.REPLACE)
    assert summary.lines == 4


def test_named_days_are_replaced_even_by_nothing_where_that_is_said(tmp_path: Path) -> None:
    workspace = loaded(tmp_path)
    delivery = delivered(tmp_path, DAY_3)
    with pytest.raises(BadInput, match="2024-03-02 lacks b2"):
        load(delivery, workspace, append=True, days="2024-03-02..2024-03-03")
    summary = load(delivery, workspace, append=True, days="2024-03-02..2024-03-03", lacking=Lacking.REPLACE)
    assert list(summary.days) == ["2024-03-01", "2024-03-03"]
    assert summary.missing_days == [date(2024, 3, 2)]
    assert summary.customers == 2  # ben's only line is gone


@pytest.mark.parametrize("text", ["yesterday", "2024-03-02..2024-03-01", "..", ""])
def test_days_that_are_none_are_refused(tmp_path: Path, text: str) -> None:
    workspace = loaded(tmp_path)
    with pytest.raises(BadInput, match=r"expected a day, FIRST\.\.LAST"):
        load(delivered(tmp_path, DAY_3), workspace, append=True, days=text)


def test_a_data_set_of_partitions_replaces_their_days(tmp_path: Path) -> None:
    workspace = loaded(tmp_path, (*GOOD, *DAY_3))
    delivery = delivered(tmp_path, (GOOD[0], *DAY_3))
    (delivery / "purchases").mkdir()
    with duckdb.connect() as con:
        con.execute(
            f"COPY (SELECT *, strftime(purchased_at, '%Y-%m-%d') AS day FROM '{delivery}/purchases.csv')"
            f" TO '{delivery}/purchases' (FORMAT parquet, PARTITION_BY (day), OVERWRITE_OR_IGNORE)"
        )
    (delivery / "purchases.csv").unlink()
    summary = load(delivery, workspace, append=True)
    assert summary.appended
    assert summary.appended.replaced_days == {"2024-03-01": 1, "2024-03-03": 2}
    assert summary.fingerprint == whole(tmp_path, (GOOD[0], GOOD[2], *DAY_3))


def test_new_products_and_changed_ones_come_with_a_delivery_or_not_at_all(tmp_path: Path) -> None:
    workspace = loaded(tmp_path)
    more = PRODUCTS.replace("1.19", "1.29") + "apple,Apple,FRUIT,0.40,\n"
    lines = ("anna,b5,1,2024-03-04 09:00:00,apple,1,0.40,0",)
    load(delivered(tmp_path, lines, products=more), workspace, append=True)
    assert rows(open_data(workspace).products, "product_id, price_minor") == [
        ("apple", 40), ("bread", 249), ("milk", 129), ("petrol", 180),
    ]  # fmt: skip
    assert open_data(workspace).fingerprint == whole(tmp_path, (*GOOD, *lines), products=more)
    next_day = delivered(tmp_path, ("anna,b6,1,2024-03-05 09:00:00,apple,1,0.40,0",))
    (next_day / "products.csv").unlink()
    assert load(next_day, workspace, append=True).products == 4


def test_a_product_gone_from_a_complete_table_is_delisted_until_it_comes_back(tmp_path: Path) -> None:
    workspace = loaded(tmp_path)
    fewer = "product_id,name,family_1,price,flags\nmilk,Milk 1 l,DAIRY,1.19,\n"
    delivery = delivered(tmp_path, DAY_3[:1], products=fewer)
    with (delivery / "tables.toml").open("a") as file:
        file.write("\n[products]\ncomplete = true\n")
    load(delivery, workspace, append=True)
    assert rows(open_data(workspace).products, "product_id, flags, merchandise") == [
        ("bread", "own_brand;delisted", True), ("milk", "", True), ("petrol", "fuel;not_offered;delisted", False),
    ]  # fmt: skip
    load(delivered(tmp_path, DAY_3), workspace, append=True)
    assert rows(open_data(workspace).products, "flags") == [("own_brand",), ("",), ("fuel;not_offered",)]


def test_a_bucket_to_which_nothing_happens_is_not_written_again(tmp_path: Path) -> None:
    workspace = loaded(tmp_path)
    before = {b: open_data(workspace).purchases(b).stat().st_ino for b in range(3)}
    load(delivered(tmp_path, ("anna,b9,1,2024-03-09,milk,1,1,0",)), workspace, append=True)
    data = open_data(workspace)
    changed = [b for b in range(3) if data.purchases(b).stat().st_ino != before[b]]
    assert len(changed) == 1
    assert ("anna",) in rows(data.customers(changed[0]), "customer_id")


def test_cards_merged_later_move_their_history_and_stay_merged(tmp_path: Path) -> None:
    workspace = loaded(tmp_path)
    delivery = delivered(tmp_path, DAY_3)
    (delivery / "customers.csv").write_text("customer_id,merged_into\nanna,ben\nben,\n")
    load(delivery, workspace, append=True)
    assert open_data(workspace).customers_total == 2
    load(delivered(tmp_path / "next", ("anna,b9,1,2024-03-05,milk,1,1,0",)), workspace, append=True)
    data = open_data(workspace)
    owners = {c for b in range(3) for (c,) in rows(data.customers(b), "customer_id")}
    assert (owners, data.lines) == ({"ben", "cleo"}, 6)


def test_answers_are_added_once(tmp_path: Path) -> None:
    workspace = loaded(tmp_path)
    delivery = delivered(tmp_path, DAY_3)
    (delivery / "answers.csv").write_text("customer_id,answered_at,kind,score\nanna,2024-03-03,nps,9\n")
    for _ in range(2):
        assert load(delivery, workspace, append=True).tables["answers"].kept == 1
    load(delivered(tmp_path / "next", DAY_3), workspace, append=True)
    assert open_data(workspace).answers


def test_answers_by_parameter_join_those_that_a_load_without_parameters_has(tmp_path: Path) -> None:
    workspace = loaded(tmp_path)
    first = delivered(tmp_path, DAY_3)
    (first / "answers.csv").write_text("customer_id,answered_at,kind,score\nanna,2024-03-03,csi,4\n")
    load(first, workspace, append=True)
    second = delivered(tmp_path / "next", DAY_3)
    (second / "answers.csv").write_text(
        "customer_id,answered_at,kind,score,parameter\nben,2024-03-03,csi,2, staff \nben,2024-03-03,nps,9,staff\n"
    )
    assert load(second, workspace, append=True).tables["answers"].quarantined == {"nps_with_parameter": 1}
    answers = open_data(workspace).answers
    assert answers is not None
    assert rows(answers, "customer_id, score, parameter") == [("anna", 4, None), ("ben", 2, "staff")]


def test_a_delivery_with_too_many_bad_rows_is_refused_by_its_own_share(tmp_path: Path) -> None:
    workspace = loaded(tmp_path)
    before = open_data(workspace)
    bad = delivered(tmp_path, (DAY_3[0], "anna,b9,1,2024-03-03,caviar,1,1,0"), max_bad_share=0.3)
    with pytest.raises(BadInput, match="1 of 2 rows are bad"):
        load(bad, workspace, append=True)
    assert open_data(workspace) == before


@pytest.mark.parametrize("step", ["gather_lines", "plan_delivery", "write_bucket", "carry_over", "publish"])
def test_a_killed_append_leaves_the_former_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    workspace = loaded(tmp_path)
    before = open_data(workspace)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(loading, step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        load(delivered(tmp_path, DAY_3), workspace, append=True)
    assert open_data(workspace) == before
    before.verify()


def test_an_append_to_nothing_or_to_another_shop_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no data yet"):
        load(delivered(tmp_path, DAY_3), tmp_path / "empty", append=True)
    workspace = loaded(tmp_path)
    with pytest.raises(BadInput, match="the delivery is declared in Europe/Paris"):
        load(delivered(tmp_path, DAY_3, timezone="Europe/Paris"), workspace, append=True)
    with pytest.raises(BadInput, match="customers keep their bucket"):
        load(delivered(tmp_path, DAY_3), workspace, append=True, buckets=7)
    with pytest.raises(BadInput, match="--days belongs to --append"):
        load(delivered(tmp_path, DAY_3), workspace, days="2024-03-03")
    with pytest.raises(BadInput, match="--add belongs to --append"):
        load(delivered(tmp_path, DAY_3), workspace, lacking=Lacking.ADD)
    with pytest.raises(BadInput, match="the delivery are declared to start at 04:00"):
        load(delivered(tmp_path, DAY_3, day_starts_at="04:00"), workspace, append=True)


@pytest.mark.parametrize(("days", "lacking"), [("none", Lacking.REPLACE), ("2024-03-03", Lacking.ADD)])
def test_days_and_what_contradicts_them_are_refused(tmp_path: Path, days: str, lacking: Lacking) -> None:
    workspace = loaded(tmp_path)
    with pytest.raises(BadInput, match="say one of them"):
        load(delivered(tmp_path, DAY_3), workspace, append=True, days=days, lacking=lacking)


def test_a_load_of_an_earlier_version_is_read_and_not_added_to(tmp_path: Path) -> None:
    workspace = loaded(tmp_path)
    about = open_data(workspace).folder / "load.json"
    told = json.loads(about.read_text(encoding="utf-8"))
    del told["day_starts_at"]
    about.write_text(json.dumps(told), encoding="utf-8")
    assert open_data(workspace).lines == 3
    with pytest.raises(
        BadInput, match=r"earlier version.*; load everything once more: abonement load --data DIR"
    ):
        load(delivered(tmp_path, DAY_3), workspace, append=True)


def test_bad_rows_and_stores_of_other_buckets_do_not_change_the_bytes_of_a_bucket(tmp_path: Path) -> None:
    header = "customer_id,store_id,basket_id,line_no,purchased_at,product_id,quantity,paid"
    good = (
        "anna,,1,,2024-03-01 10:00:00,milk,1,1",
        "ben,north,2,1,2024-03-01 10:00:00,milk,1,1",
        "ben,north,3,1,2024-03-02 23:58:00,milk,1,1",
        "cleo,north,4,1,2024-03-03 10:00:00,milk,1,1",
    )
    bad = "ben,north,9,1,2024-03-02 00:01:00,caviar,1,1"
    load(write_small_shop(tmp_path / "shop", lines=good[:2], header=header), tmp_path / "w", buckets=3)
    for part in ((good[2], bad), good[3:]):
        load(write_small_shop(tmp_path / "next", lines=part, header=header), tmp_path / "w", append=True)
    together = write_small_shop(tmp_path / "whole", lines=(*good, bad), header=header)
    whole_load = load(together, tmp_path / "w-whole", buckets=3)
    assert open_data(tmp_path / "w").fingerprint == whole_load.fingerprint


def test_a_delivery_whose_ids_are_read_otherwise_is_refused(tmp_path: Path) -> None:
    workspace = loaded(tmp_path, ids="numbers")
    with pytest.raises(BadInput, match=r'ids = "numbers", those of the delivery are declared ids = "text"'):
        load(delivered(tmp_path, DAY_3), workspace, append=True)


def assortment(folder: Path, number: int, day: int, **declared: object) -> Path:
    """A delivery of one day whose complete products table has so many products."""
    products = "product_id,name\nmilk,Milk\n" + "".join(f"p{n},P {n}\n" for n in range(1, number))
    line = (f"anna,b{day},1,2024-03-{day:02d} 09:00:00,milk,1,1.19,0",)
    shop = write_small_shop(folder, lines=line, products=products, **declared)  # type: ignore[arg-type]
    with (shop / "tables.toml").open("a") as file:
        file.write("\n[products]\ncomplete = true\n")
    return shop


def test_a_complete_products_table_that_was_cut_off_delists_nothing(tmp_path: Path) -> None:
    load(assortment(tmp_path / "first", 60, 1), tmp_path / "w")
    told = r"complete and lacks 13 of the 60 products on sale \(21\.7%\).*raise max_delisted_share = 0\.2"
    with pytest.raises(BadInput, match=told):
        load(assortment(tmp_path / "cut", 47, 2), tmp_path / "w", append=True)
    load(assortment(tmp_path / "meant", 47, 2, max_delisted_share=0.3), tmp_path / "w", append=True)
    with pytest.raises(BadInput, match="lacks 37 of the 47 products on sale"):
        load(assortment(tmp_path / "again", 10, 3), tmp_path / "w", append=True)


def test_a_small_assortment_may_change_whole(tmp_path: Path) -> None:
    load(assortment(tmp_path / "first", 11, 1), tmp_path / "w")
    load(assortment(tmp_path / "next", 1, 2), tmp_path / "w", append=True)
    flags = rows(open_data(tmp_path / "w").products, "product_id, flags")
    assert flags[:2] == [("milk", ""), ("p1", "delisted")]
