from pathlib import Path

import duckdb
import pytest

from models.ground.errors import BadInput
from models.sources import load, open_data
from training.bench.demo_data import TABLES, package_folder, write_demo_data


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo_data(folder / "data", promotions=False)
    load(folder / "data", folder)
    return folder


def one(query: str) -> tuple[object, ...]:
    with duckdb.connect() as con:
        return tuple(con.execute(query).fetchall()[0])


def test_the_known_bad_lines_are_quarantined_and_nothing_else(demo: Path) -> None:
    found = one(f"""SELECT count(*), count(*) FILTER (reason = 'unknown_product'),
        count(*) FILTER (reason = 'zero_quantity_without_money')
        FROM '{open_data(demo).folder}/quarantine.parquet'""")
    assert found == (8872, 4836, 4036)
    assert open_data(demo).lines == 1_469_307 - 8872


def test_every_household_and_day_of_the_year_is_there(demo: Path) -> None:
    data = open_data(demo)
    assert (data.customers_total, data.buckets, data.timezone, data.currency) == (2469, 2, "UTC", "USD")
    purchases = f"read_parquet('{data.folder}/purchases/*.parquet')"
    assert one(f"SELECT min(local_day)::VARCHAR, max(local_day)::VARCHAR FROM {purchases}") == (
        "2017-01-01",
        "2018-01-01",
    )


def test_a_product_is_named_by_type_and_package_size_where_it_has_one(demo: Path) -> None:
    products = f"'{open_data(demo).products}'"
    columns = "name, family_1, family_2, family_3, price_minor, flags, merchandise"
    assert one(f"SELECT {columns} FROM {products} WHERE product_id = '995242'") == (
        "FLUID MILK WHITE ONLY", "GROCERY", "FLUID MILK PRODUCTS", "FLUID MILK WHITE ONLY", None,
        "own_brand", True,
    )  # fmt: skip
    assert one(f"SELECT name FROM {products} WHERE product_id = '25671'") == ("ICE - CRUSHED/CUBED 22 LB",)
    assert one(f"SELECT count(*) FROM {products} WHERE name IS NULL OR name = ''") == (0,)


def test_fuel_coupons_and_miscellaneous_are_not_merchandise(demo: Path) -> None:
    products = f"'{open_data(demo).products}'"
    query = (
        f"SELECT string_agg(DISTINCT family_1, ',' ORDER BY family_1) FROM {products} WHERE NOT merchandise"
    )
    assert one(query) == ("COUPON,FUEL,MISCELLANEOUS",)


def test_the_shelf_price_is_what_was_paid_and_discounted(demo: Path) -> None:
    data = open_data(demo)
    found = one(f"""SELECT paid_minor, discount_minor, quantity_milli
        FROM read_parquet('{data.folder}/purchases/*.parquet') JOIN '{data.products}' USING (product_no)
        WHERE product_id = '995242' AND discount_minor > 0 ORDER BY purchased_at LIMIT 1""")
    assert found == (100, 99, 1000)  # the other milk of that week left the shelf at 1.99


def test_a_folder_of_something_else_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    with pytest.raises(BadInput, match="is no data folder"):
        write_demo_data(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.long
def test_every_week_of_a_mailer_or_display_is_in_a_promotion_from_monday_to_sunday() -> None:
    promotions = TABLES["promotions"].format(folder=package_folder())
    assert one(f"""SELECT count(*), CAST(sum((ends_on - starts_on + 1) // 7) AS BIGINT),
        count(*) FILTER (dayofweek(starts_on) <> 1 OR dayofweek(ends_on) <> 0), min(starts_on)::VARCHAR, max(ends_on)::VARCHAR
        FROM ({promotions})""") == (14_661_118, 20_927_744, 0, "2016-12-26", "2017-12-31")
