from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from models.ground.errors import BadInput, Busy
from models.sources import load, open_data
from models.sources.loading import load as loading
from models.sources.stored.current_load import incoming_load
from tests.models.sources.small import GOOD, HEADER, write_small_shop


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def as_parquet(shop: Path, table: str, select: str) -> None:
    with duckdb.connect() as con:
        con.execute(f"COPY (SELECT {select} FROM '{shop}/{table}.csv') TO '{shop}/{table}.parquet'")
    (shop / f"{table}.csv").unlink()


def no_products(shop: Path) -> None:
    (shop / "products.csv").unlink()


def no_declaration(shop: Path) -> None:
    (shop / "tables.toml").unlink()


def both_endings(shop: Path) -> None:
    (shop / "products.parquet").write_bytes(b"")


def no_rows(shop: Path) -> None:
    (shop / "purchases.csv").write_text(HEADER + "\n")


def no_header(shop: Path) -> None:
    (shop / "purchases.csv").write_text("")


def no_column(shop: Path) -> None:
    (shop / "purchases.csv").write_text((shop / "purchases.csv").read_text().replace("paid", "price_paid"))


def column_twice(shop: Path) -> None:
    (shop / "purchases.csv").write_text((shop / "purchases.csv").read_text().replace("discount", "paid"))


def product_twice(shop: Path) -> None:
    (shop / "products.csv").write_text("product_id,name\nmilk,Milk\nmilk,Milch\nbread,Bread\n")


def customer_twice(shop: Path) -> None:
    (shop / "customers.csv").write_text("customer_id\nanna\nanna\n")


def unknown_flag(shop: Path) -> None:
    (shop / "products.csv").write_text("product_id,name,flags\nmilk,Milk,alcool\nbread,Bread,\n")


def no_parquet(shop: Path) -> None:
    no_products(shop)
    (shop / "products.parquet").write_bytes(b"no Parquet at all, but long enough to look at")


def list_column(shop: Path) -> None:
    as_parquet(shop, "purchases", "* REPLACE ([paid] AS paid)")


def time_as_number(shop: Path) -> None:
    as_parquet(shop, "purchases", "* REPLACE (epoch(purchased_at) AS purchased_at)")


def naive_where_zoned(shop: Path) -> None:
    as_parquet(shop, "purchases", "*")
    text = (shop / "tables.toml").read_text()
    (shop / "tables.toml").write_text(text + '\ntimes = "zoned"\n')


REFUSALS = [
    (no_products, "neither products.parquet nor products.csv"),
    (no_declaration, "tables.toml is missing"),
    (both_endings, "both products.parquet and products.csv"),
    (no_rows, "has no rows"),
    (no_header, "has no header"),
    (no_column, "lacks the column paid; it has .*price_paid"),
    (column_twice, "names a column twice: 'paid'"),
    (product_twice, "product_id must be unique, but 'milk'"),
    (customer_twice, "customer_id must be unique, but 'anna'"),
    (unknown_flag, "product 'milk' has the flag 'alcool'; expected only alcohol"),
    (no_parquet, "cannot be read as Parquet"),
    (list_column, r"column paid has type .*\[\]; expected numbers"),
    (time_as_number, "column purchased_at has type DOUBLE; expected timestamps"),
    (naive_where_zoned, "times without zone"),
]


@pytest.mark.parametrize(("break_shop", "sentence"), REFUSALS)
def test_a_broken_shop_is_refused_in_one_sentence_and_the_former_load_stays(
    tmp_path: Path, break_shop: Callable[[Path], None], sentence: str
) -> None:
    load(write_small_shop(tmp_path / "shop"), tmp_path)
    before = open_data(tmp_path)
    shop = write_small_shop(tmp_path / "broken")
    break_shop(shop)
    with pytest.raises(BadInput, match=sentence) as refusal:
        load(shop, tmp_path)
    assert "\n" not in str(refusal.value)
    assert open_data(tmp_path) == before
    assert names(tmp_path / "data" / "loads") == [before.load_id]


def test_a_first_load_that_is_refused_leaves_no_data_folder(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "broken")
    customer_twice(shop)
    with pytest.raises(BadInput, match="customer_id must be unique"):
        load(shop, tmp_path / "workspace")
    assert not (tmp_path / "workspace" / "data").exists()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nowhere"):
        load(tmp_path / "nowhere", tmp_path)


def test_no_buckets_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="buckets = 0 is not allowed"):
        load(write_small_shop(tmp_path / "shop"), tmp_path, buckets=0)


def test_a_memory_limit_that_is_no_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="memory = 'plenty' is not allowed"):
        load(write_small_shop(tmp_path / "shop"), tmp_path, memory="plenty")


def test_two_loads_into_one_workspace_do_not_run_at_once(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    with incoming_load(tmp_path), pytest.raises(Busy, match="is held by a load"):
        load(shop, tmp_path)


@pytest.mark.parametrize("step", ["gather_lines", "write_bucket", "describe", "publish"])
def test_a_load_that_breaks_off_leaves_the_former_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    load(write_small_shop(tmp_path / "shop"), tmp_path)
    before = open_data(tmp_path)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(loading, step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        load(write_small_shop(tmp_path / "shop", lines=GOOD[:1]), tmp_path)
    assert open_data(tmp_path) == before
    before.verify()
    assert names(tmp_path / "data" / "loads") == [before.load_id]


def test_what_a_killed_load_left_behind_is_removed_by_the_next(tmp_path: Path) -> None:
    left_over = tmp_path / "data" / "loads" / ".incoming-0001"
    left_over.mkdir(parents=True)
    (left_over / "half.parquet").write_bytes(b"half")
    orphan = tmp_path / "data" / "loads" / "0004"  # renamed, but the pointer never moved
    orphan.mkdir()
    summary = load(write_small_shop(tmp_path / "shop"), tmp_path)
    assert summary.load_id == "0005"
    assert names(tmp_path / "data" / "loads") == ["0005"]
