"""Whatever lies in the files: a load ends in a load, or in one sentence; never in a traceback."""

import contextlib
import gzip
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.ground.errors import AbonementError
from models.ground.exit_codes import BAD_INPUT, exit_code_of
from models.sources import load, open_data
from models.sources.loading.load_check import check
from models.sources.reading.declaration import check_declaration
from tests.models.sources.small import DECLARATION, GOOD, HEADER, PRODUCTS, write_small_shop

FEW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
# What breaks readers: quotes, separators, line ends, nulls, marks, extreme numbers and times.
NASTY = st.sampled_from(
    ["", '"', '""', "'", ",", ";", "\t", "\r", "\n", "\0", "\ufeff", "\u2028", "é", "🥛", "-", "NULL", "\\N", "nan", "inf",
     "-inf", "1e400", "9" * 40, "-0", "0x10", "1_000", "infinity", "epoch", "2024-02-30", "0000-00-00", "290000-01-01",
     "2024-03-01T25:00:00Z", "24:00", "true", "{}", "[]", "' OR 1=1 --", "milk", "anna", "1", "1.5", "2024-03-01"]
)  # fmt: skip
CELL = st.one_of(NASTY, st.text(max_size=8), st.text("0123456789.,-+eE ", max_size=8))


def survives(shop: Path, workspace: Path, **options: Any) -> None:
    """Load and check end well or in a sentence, and agree on which."""
    refused: AbonementError | None = None
    try:
        load(shop, workspace, **options)
    except AbonementError as error:
        refused = error
    if refused is not None:
        assert "\n" not in str(refused)
        assert exit_code_of(refused) == BAD_INPUT
        # For whoever mends them, the bad rows; for whoever comes next, the lock.
        left = {path.name for path in workspace.rglob("*") if path.is_file()}
        assert left <= {"quarantine-rejected.parquet", ".workers", ".lock"}
    else:
        data = open_data(workspace)
        data.verify()
        assert data.lines > 0
    with contextlib.suppress(AbonementError):
        report = check(shop)
        assert refused is not None or report.lines == open_data(workspace).lines


@FEW
@given(st.binary(max_size=400))
def test_any_bytes_as_purchases(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = write_small_shop(Path(folder) / "shop")
        (shop / "purchases.csv").write_bytes(content)
        survives(shop, Path(folder) / "w")


@pytest.mark.long
@FEW
@given(st.binary(max_size=200), st.integers(0, 400))
def test_any_bytes_in_the_middle_of_good_purchases(content: bytes, at: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = write_small_shop(Path(folder) / "shop", max_bad_share=1.0)
        good = (shop / "purchases.csv").read_bytes()
        (shop / "purchases.csv").write_bytes(good[:at] + content + good[at:])
        survives(shop, Path(folder) / "w")


# What programs put around and into a file: marks, Excel's line, other separators, line ends and encodings.
PIECES = st.sampled_from(
    ["", "\ufeff", "\ufeff\ufeff", "sep=;\n", '"sep=,"\r\n', "\n", "\r", "\r\n", ";", ",", '"', '"a\nb"', "\0", "€ 2", "2-", "(2)",
     "\u00a0", "\x1a", "é", "x" * 200, HEADER + "\n", *(line + "\n" for line in GOOD), *(line + ",\r\n" for line in GOOD)]
)  # fmt: skip


@FEW
@given(
    st.sampled_from(["", "\ufeff\ufeff", "sep=,\n", f"{HEADER}\n", f"\ufeff{HEADER},\r\n"]),
    st.lists(PIECES, max_size=9),
    st.sampled_from(["utf-8", "utf-16", "utf-16-le", "cp1251", "cp1252"]),
    st.sampled_from(["utf-8", "utf-16", "cp1251"]),
    st.sampled_from(["purchases.csv", "purchases.csv.gz"]),
)
def test_any_pieces_of_files_as_people_send_them(
    start: str, pieces: list[str], written_in: str, declared: str, name: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = write_small_shop(Path(folder) / "shop", max_bad_share=1.0, encoding=declared)
        products = (shop / "products.csv").read_text(encoding="utf-8")
        (shop / "products.csv").write_text(products, encoding=declared)
        (shop / "purchases.csv").unlink()
        content = (start + "".join(pieces)).encode(written_in, "replace")
        (shop / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        survives(shop, Path(folder) / "w")


@pytest.mark.long
@FEW
@given(st.lists(st.lists(CELL, min_size=8, max_size=8), min_size=1, max_size=5))
def test_any_cells_in_the_lines_of_purchases(cells: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lines = tuple(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in cells)
        shop = write_small_shop(Path(folder) / "shop", max_bad_share=1.0)
        text = "\n".join((HEADER, *GOOD, *lines)) + "\n"
        (shop / "purchases.csv").write_text(text, encoding="utf-8", newline="")
        survives(shop, Path(folder) / "w")


@FEW
@given(
    st.sampled_from(HEADER.split(",")),
    st.one_of(
        st.lists(st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3),
        st.lists(st.floats(), min_size=3, max_size=3),
        st.lists(st.booleans(), min_size=3, max_size=3),
        st.lists(st.binary(max_size=5), min_size=3, max_size=3),
        st.lists(st.none(), min_size=3, max_size=3),
        st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9), min_size=3, max_size=3),
        st.lists(st.dates(), min_size=3, max_size=3),
        st.lists(st.lists(st.integers(0, 3), max_size=2), min_size=3, max_size=3),
        st.lists(CELL, min_size=3, max_size=3),
    ),
)  # fmt: skip
@pytest.mark.long
def test_any_parquet_type_in_any_column(column: str, values: list[object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = write_small_shop(Path(folder) / "shop", max_bad_share=1.0)
        frame = pd.read_csv(shop / "purchases.csv")
        frame[column] = pd.Series(values, dtype=object)
        (shop / "purchases.csv").unlink()
        frame.to_parquet(shop / "purchases.parquet", index=False)
        survives(shop, Path(folder) / "w")


@FEW
@given(st.integers(0, 3000), st.integers(0, 255))
@pytest.mark.long
def test_a_byte_of_a_parquet_file_changed(at: int, value: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = write_small_shop(Path(folder) / "shop", max_bad_share=1.0)
        pd.read_csv(shop / "purchases.csv").to_parquet(shop / "purchases.parquet", index=False)
        (shop / "purchases.csv").unlink()
        content = bytearray((shop / "purchases.parquet").read_bytes())
        content[at % len(content)] = value
        (shop / "purchases.parquet").write_bytes(content)
        survives(shop, Path(folder) / "w")


@pytest.mark.long
@FEW
@given(st.lists(st.tuples(CELL, CELL, CELL, CELL, CELL), min_size=1, max_size=4))
def test_any_cells_in_products_and_customers(rows: list[tuple[str, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
        shop = write_small_shop(Path(folder) / "shop", max_bad_share=1.0)
        (shop / "products.csv").write_text(PRODUCTS + "\n".join(lines), encoding="utf-8", newline="")
        header = "customer_id,joined_on,birth_date,consent,merged_into\n"
        (shop / "customers.csv").write_text(header + "\n".join(lines), encoding="utf-8", newline="")
        survives(shop, Path(folder) / "w")


WORDS = st.one_of(
    CELL, st.integers(), st.booleans(), st.floats(), st.none(), st.lists(st.integers(), max_size=2)
)


@FEW
@given(
    st.dictionaries(
        st.sampled_from([*DECLARATION, "times", "times_zone", "time_format", "date_format", "decimal_mark", "thousands_mark",
                         "encoding", "ids", "max_erased_share", "purchases", "units", "flags", "booleans", "nonsense"]),
        st.one_of(WORDS, st.dictionaries(st.sampled_from(["files", "columns", "table", "ST"]), st.one_of(WORDS, st.dictionaries(st.just("paid"), WORDS)))),
        max_size=3,
    )
)  # fmt: skip
def test_any_declaration(keys: dict[str, Any]) -> None:
    with contextlib.suppress(AbonementError):
        check_declaration({**DECLARATION, **keys})


@FEW
@given(
    time_format=st.sampled_from(["", "%d.%m.%Y", "%H", "%Q", "%", "%%", "%Y-%m-%d %H:%M:%S", "%s", "%Z"]),
    decimal_mark=st.sampled_from([".", ","]),
    thousands_mark=st.sampled_from(["", "'", " "]),
    ids=st.sampled_from(["text", "numbers"]),
    times=st.sampled_from(["local", "zoned"]),
    timezone=st.sampled_from(
        ["UTC", "Europe/Berlin", "Pacific/Kiritimati", "Africa/Casablanca", "Asia/Kathmandu"]
    ),
    cell=CELL,
)
@pytest.mark.long
def test_any_vocabulary_reads_any_cell(cell: str, **keys: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        quoted = '"' + cell.replace('"', '""') + '"'
        lines = (*GOOD, *(f"anna,z{n},1,{quoted},milk,{quoted},{quoted},{quoted}" for n in range(2)))
        given_keys = {key: value for key, value in keys.items() if value}
        shop = write_small_shop(Path(folder) / "shop", max_bad_share=1.0, **given_keys)
        text = "\n".join((HEADER, *lines)) + "\n"
        (shop / "purchases.csv").write_text(text, encoding="utf-8", newline="")
        survives(shop, Path(folder) / "w")
