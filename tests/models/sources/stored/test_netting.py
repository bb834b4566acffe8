"""What of purchases stands after returns: written-out lines, and laws that hold for any of them."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import duckdb
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from models.sources.stored.netting import make_standing, netted

MONDAY = datetime(2024, 3, 4, 10, tzinfo=UTC)
# (hours after Monday, basket_id, store_id, pieces, paid_minor)
Line = tuple[int, str, str | None, int, int]


@cache
def connection() -> duckdb.DuckDBPyConnection:
    """One for all examples of the laws."""
    return duckdb.connect(config={"threads": 1})


def frame(lines: list[Line]) -> pd.DataFrame:
    """Ann's lines of one product, as a bucket stores them."""
    hours, baskets, stores, pieces, paid = zip(*lines, strict=True)
    return pd.DataFrame(
        {
            "customer_no": 0,
            "product_no": 0,
            "basket_id": baskets,
            "purchased_at": [MONDAY + timedelta(hours=hour) for hour in hours],
            "quantity_milli": [1000 * number for number in pieces],
            "unit": "piece",
            "paid_minor": paid,
            "discount_minor": 0,
            "store_id": pd.Series(stores, dtype="str"),
        }
    )


def left(lines: pd.DataFrame) -> list[int]:
    """What is left of each line, in the order given; pieces."""
    con = connection()
    con.register("given", lines.assign(place=range(len(lines))))
    rows = con.execute(f"SELECT left_milli FROM {netted('given')} ORDER BY place").fetchall()
    return [milli // 1000 for (milli,) in rows]


def standing(path: Path, lines: pd.DataFrame, known: str = "true") -> list[tuple[int, int]]:
    """Pieces and money of every purchase of which something stands."""
    lines.to_parquet(path / "purchases.parquet", index=False)
    with duckdb.connect(config={"threads": 1}) as con:
        make_standing(con, path / "purchases.parquet", known)
        return con.execute("SELECT quantity_milli // 1000, paid_minor FROM standing").fetchall()


def test_a_cancellation_takes_the_order_back() -> None:
    assert left(frame([(0, "536370", None, 12, 2550), (1, "C536379", None, -12, -2550)])) == [0, 0]


def test_a_return_takes_back_the_receipt_that_it_names_though_a_later_one_is_there() -> None:
    lines = [(0, "b1", "s", 2, 200), (24, "b2", "s", 2, 220), (48, "b1", "s", -1, -100)]
    assert left(frame(lines)) == [1, 2, 0]


def test_a_number_that_another_store_uses_names_nothing() -> None:
    lines = [(0, "b1", "north", 2, 200), (24, "b2", "south", 2, 220), (48, "b1", "south", -1, -110)]
    assert left(frame(lines)) == [2, 1, 0]


def test_what_the_named_receipt_does_not_hold_is_taken_from_the_latest_purchases() -> None:
    lines = [
        (0, "b1", "s", 1, 100),
        (24, "b2", "s", 2, 200),
        (48, "b3", "s", 2, 200),
        (72, "b1", "s", -4, -400),
    ]
    assert left(frame(lines)) == [0, 1, 0, 0]


def test_a_return_before_any_purchase_is_unmatched() -> None:
    assert left(frame([(0, "b1", None, -1, -100), (1, "b2", None, 1, 100)])) == [-1, 1]


def test_a_purchase_after_the_return_stands_whole() -> None:
    lines = [(0, "b1", None, 1, 100), (1, "r", None, -3, -300), (2, "b2", None, 1, 100)]
    assert left(frame(lines)) == [0, -2, 1]


def test_a_line_voided_at_the_till_within_one_receipt_is_gone() -> None:
    assert left(frame([(0, "b1", "s", -1, -699), (0, "b1", "s", 1, 699)])) == [0, 0]


def test_a_name_that_comes_later_puts_an_earlier_guess_right() -> None:
    lines = [(0, "b1", "s", 1, 100), (1, "b2", "s", 1, 100), (2, "r", "s", -1, -100)]
    assert left(frame(lines)) == [1, 0, 0]
    assert left(frame([*lines, (3, "b2", "s", -1, -100)])) == [0, 0, 0, 0]


def test_kilograms_do_not_take_pieces_back() -> None:
    lines = frame([(0, "b1", "s", 1, 100), (1, "b1", "s", -1, -100)])
    assert left(lines.assign(unit=["piece", "kg"])) == [1, -1]


def test_what_stands_has_the_money_of_its_units_and_not_what_was_refunded(tmp_path: Path) -> None:
    lines = frame([(0, "b1", "s", 3, 200), (1, "b1", "s", -1, -50), (2, "b2", "s", 1, 70)])
    assert standing(tmp_path, lines) == [(2, 133), (1, 70)]


def test_a_return_that_is_not_known_yet_takes_nothing_back(tmp_path: Path) -> None:
    lines = frame([(0, "b1", "s", 1, 100), (24, "b1", "s", -1, -100)])
    assert standing(tmp_path, lines, "purchased_at < TIMESTAMPTZ '2024-03-05T10:00:00+00:00'") == [(1, 100)]
    assert standing(tmp_path, lines, "purchased_at < TIMESTAMPTZ '2024-03-05T10:00:01+00:00'") == []


some_lines = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(["b1", "b2", "b3"]),
        st.sampled_from(["s", None]),
        st.integers(-4, 4).filter(bool),
        st.integers(0, 1000),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=80, deadline=None)
@given(some_lines)
def test_nothing_is_lost_and_nothing_is_below_zero(lines: list[Line]) -> None:
    found = left(frame(lines))
    assert sum(found) == sum(line[3] for line in lines)
    for line, rest in zip(lines, found, strict=True):
        assert min(line[3], 0) <= rest <= max(line[3], 0)


@settings(max_examples=80, deadline=None)
@given(some_lines)
def test_a_return_is_unmatched_only_where_no_purchase_up_to_it_is_left(lines: list[Line]) -> None:
    found = left(frame(lines))
    for line, rest in zip(lines, found, strict=True):
        if rest < 0:
            assert all(
                there == 0
                for other, there in zip(lines, found, strict=True)
                if other[3] > 0 and other[0] <= line[0]
            )


@settings(max_examples=80, deadline=None)
@given(some_lines, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(lines: list[Line], random: Random) -> None:
    shuffled = random.sample(lines, len(lines))
    in_order = sorted(zip(lines, left(frame(lines)), strict=True), key=repr)
    assert sorted(zip(shuffled, left(frame(shuffled)), strict=True), key=repr) == in_order


@settings(max_examples=80, deadline=None)
@given(some_lines, st.data())
def test_a_return_in_two_parts_takes_back_what_it_took_back_whole(
    lines: list[Line], data: st.DataObject
) -> None:
    large = [place for place, line in enumerate(lines) if line[3] <= -2]
    if not large:
        return
    place = data.draw(st.sampled_from(large))
    hour, basket, store, pieces, paid = lines[place]
    part = data.draw(st.integers(pieces + 1, -1))
    parts = [(hour, basket, store, part, paid), (hour, basket, store, pieces - part, paid)]
    whole, split = left(frame(lines)), left(frame([*lines[:place], *parts, *lines[place + 1 :]]))
    second = split.pop(place + 1)
    assert sum(split) + second == sum(whole)
    for line, before, after in zip(lines, whole, split, strict=True):
        assert line[3] < 0 or before == after


@settings(max_examples=60, deadline=None)
@given(some_lines, some_lines)
def test_other_products_and_customers_change_nothing(lines: list[Line], others: list[Line]) -> None:
    mixed = pd.concat([frame(lines), frame(others).assign(product_no=1), frame(others).assign(customer_no=1)])
    assert left(mixed)[: len(lines)] == left(frame(lines))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 9), st.integers(0, 100_000), st.data())
def test_money_follows_the_units_to_the_last_minor_unit(pieces: int, paid: int, data: st.DataObject) -> None:
    back = data.draw(st.integers(0, pieces))
    returns = [(hour, "b1", "s", -1, 0) for hour in range(1, back + 1)]
    with TemporaryDirectory() as folder:
        found = standing(Path(folder), frame([(0, "b1", "s", pieces, paid), *returns]))
    rest = pieces - back
    assert found == ([(rest, (2 * paid * rest + pieces) // (2 * pieces))] if rest else [])
