"""A history of baskets as a shop folder: the rule that dates baskets, and what is refused."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from models.ground.errors import BadInput
from models.sources import load
from training.bench.basket_histories import AS_OF, write_shop


def shop_of(tmp_path: Path, name: str = "history.parquet", **columns: Any) -> pd.DataFrame:
    """The purchases that a history of these columns becomes."""
    history = tmp_path / name
    frame = pd.DataFrame(columns)
    frame.to_csv(history, index=False) if name.endswith(".csv") else frame.to_parquet(history, index=False)
    write_shop(history, tmp_path / "shop")
    return pd.read_parquet(tmp_path / "shop" / "purchases.parquet")


def refusal(tmp_path: Path, name: str = "history.parquet", **columns: list[Any]) -> str:
    with pytest.raises(BadInput) as refused:
        shop_of(tmp_path, name, **columns)
    return str(refused.value).replace(str(tmp_path), "HERE")


def dated(lines: pd.DataFrame) -> dict[tuple[str, str], str]:
    days = lines["purchased_at"].dt.tz_convert("UTC").dt.date.astype(str)
    return dict(zip(zip(lines["customer_id"], lines["product_id"], strict=True), days, strict=True))


def real_days(lines: pd.DataFrame) -> dict[str, str]:
    """Each product's real day as the features beside the grid read it."""
    since_midnight = lines["purchased_at"].dt.tz_convert("UTC")
    seconds = (since_midnight - since_midnight.dt.floor("D")).dt.total_seconds()
    told = [str(date(1970, 1, 1) + timedelta(days=int(n) - 1)) if n else "unknown" for n in seconds]
    return dict(zip(lines["product_id"], told, strict=True))


def test_everybodys_last_basket_lies_a_week_before_the_moment_and_each_other_one_a_week_earlier(
    tmp_path: Path,
) -> None:
    lines = shop_of(
        tmp_path,
        customer_id=["ann", "ann", "ann", "bob"],
        basket_no=[2, 7, 9, 1],
        product_id=["tea", "jam", "oil", "rye"],
    )
    assert AS_OF == "2199-01-01"
    assert dated(lines) == {
        ("ann", "oil"): "2198-12-25",
        ("ann", "jam"): "2198-12-18",
        ("ann", "tea"): "2198-12-11",
        ("bob", "rye"): "2198-12-25",
    }


def test_what_is_bought_on_one_day_is_one_basket(tmp_path: Path) -> None:
    lines = shop_of(
        tmp_path,
        customer_id=["ann", "ann", "ann"],
        purchased_at=pd.to_datetime(["2024-03-01 09:00", "2024-03-01 18:00", "2024-05-01 00:00"]),
        product_id=["tea", "jam", "oil"],
    )
    assert dated(lines) == {
        ("ann", "oil"): "2198-12-25",
        ("ann", "jam"): "2198-12-18",
        ("ann", "tea"): "2198-12-18",
    }


def test_a_repeated_line_is_so_many_units(tmp_path: Path) -> None:
    lines = shop_of(tmp_path, customer_id=[1, 1, 1], basket_no=[1, 1, 1], product_id=[5, 5, 6])
    assert dict(zip(lines["product_id"], lines["quantity_milli"], strict=True)) == {5: 2000, 6: 1000}


@pytest.mark.parametrize(
    ("ids", "kind"),
    [([1, 2], "BIGINT"), (["1", "2"], "BIGINT"), (["01", "2"], "VARCHAR"), (["x", "2"], "VARCHAR")],
)
def test_ids_of_a_csv_file_are_numbers_where_nothing_is_lost(
    tmp_path: Path, ids: list[Any], kind: str
) -> None:
    history = tmp_path / "history.csv"
    pd.DataFrame({"customer_id": ids, "basket_no": 1, "product_id": ids}).to_csv(history, index=False)
    baskets = write_shop(history, tmp_path / "shop")
    assert (baskets.customer_type, baskets.product_type) == (kind, kind)


def test_lines_that_no_load_would_take_are_left_to_its_checks(tmp_path: Path) -> None:
    good = 400
    shop_of(
        tmp_path,
        name="history.csv",
        customer_id=["ann"] * good + [None, "bob", "bob"],
        purchased_at=["2024-03-01"] * good + ["2024-03-01", "soon", "2024-03-02"],
        product_id=[f"p{n}" for n in range(good)] + ["tea", "jam", None],
    )
    assert load(tmp_path / "shop", tmp_path / "workspace").bad_rows == [
        "Quarantined 1 of 402 purchases: null_id (customer, basket or product is empty).",
        "Quarantined 1 of 402 purchases: unparsable_time (the time is empty, no time, or not from 1970 to 2199).",
    ]


def test_the_first_basket_of_the_longest_history_is_a_day_that_a_load_takes() -> None:
    from training.bench.basket_histories import MOST_BASKETS, STEP_DAYS

    assert (date.fromisoformat(AS_OF) - date(1970, 1, 1)).days > MOST_BASKETS * STEP_DAYS


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path, customer_id=[1], basket_no=[1]) == (
        "HERE/history.parquet lacks the column product_id; it has customer_id, basket_no."
    )


def test_neither_order_of_baskets_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, customer_id=[1], product_id=[1], day=[1]) == (
        "HERE/history.parquet must have basket_no or purchased_at to order a customer's baskets; it has neither among "
        "customer_id, product_id, day."
    )


def test_the_number_orders_baskets_and_the_time_says_the_real_day_of_the_first_line(tmp_path: Path) -> None:
    lines = shop_of(
        tmp_path,
        customer_id=["ann", "ann", "ann", "ann"],
        basket_no=[1, 2, 2, 3],
        purchased_at=["2024-03-01 09:00", "2024-03-01 23:59", "2024-03-02 00:01", None],
        product_id=["tea", "jam", "oil", "rye"],
    )
    assert dated(lines) == {
        ("ann", "rye"): "2198-12-25",
        ("ann", "jam"): "2198-12-18",
        ("ann", "oil"): "2198-12-18",
        ("ann", "tea"): "2198-12-11",
    }
    assert real_days(lines) == {
        "tea": "2024-03-01",
        "jam": "2024-03-01",
        "oil": "2024-03-01",
        "rye": "unknown",
    }


def test_the_last_day_that_a_load_takes_is_kept(tmp_path: Path) -> None:
    lines = shop_of(
        tmp_path, customer_id=[1, 1], purchased_at=["1970-01-01", "2199-12-31"], product_id=["tea", "oil"]
    )
    assert set(dated(lines).values()) == {"2198-12-25", "2198-12-18"}
    assert real_days(lines) == {"tea": "1970-01-01", "oil": "2199-12-31"}


def test_a_later_basket_of_an_earlier_day_is_refused(tmp_path: Path) -> None:
    said = refusal(
        tmp_path,
        customer_id=["ann", "ann", "bob"],
        basket_no=[1, 2, 1],
        purchased_at=["2024-03-05", "2024-03-01", "2024-01-01"],
        product_id=["tea", "jam", "tea"],
    )
    assert said == (
        "HERE/history.parquet: basket 2 of customer ann is of 2024-03-01, and their basket 1 before it of 2024-03-05; "
        "expected days that rise with basket_no. Correct either, or leave one of the two columns out."
    )


@pytest.mark.parametrize("basket", [1.5, "first"])
def test_a_basket_number_that_is_not_whole_is_refused(tmp_path: Path, basket: object) -> None:
    said = refusal(tmp_path, customer_id=[1], product_id=[1], basket_no=[basket])
    assert said == (
        f"HERE/history.parquet: basket_no '{basket}' is no whole number; expected 1, 2, ... in the order of a"
        " customer's baskets."
    )


@pytest.mark.parametrize("name", ["history.parquet", "history.csv"])
def test_an_empty_history_is_refused(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path, name, customer_id=[], product_id=[], basket_no=[]) == (
        f"HERE/{name} has no rows; expected at least one purchase."
    )


def test_more_baskets_than_there_are_days_are_refused(tmp_path: Path) -> None:
    count = 11_001
    said = refusal(tmp_path, customer_id=[1] * count, product_id=[1] * count, basket_no=list(range(count)))
    assert said == "HERE/history.parquet: customer 1 has 11,001 baskets; at most 11,000 are read."


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"There is no file .*nowhere.parquet; --history names"):
        write_shop(tmp_path / "nowhere.parquet", tmp_path / "shop")


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    history = tmp_path / "history.xlsx"
    history.write_text("no table")
    with pytest.raises(
        BadInput, match=r"Expected --history to end in .parquet, .csv, .csv.gz, got 'history.xlsx'"
    ):
        write_shop(history, tmp_path / "shop")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    history = tmp_path / "history.parquet"
    history.write_text("no table")
    with pytest.raises(BadInput, match=r"history.parquet cannot be read as a history: "):
        write_shop(history, tmp_path / "shop")
