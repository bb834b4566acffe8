import csv
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from models.ground.errors import BadInput
from models.tables.table_files import as_meant, write_frame

FRAME = pd.DataFrame({"customer_id": ["1", "ä"], "p_buy": [0.25, None]})


def test_the_ending_chooses_the_format(tmp_path: Path) -> None:
    for ending in ("parquet", "csv", "jsonl"):
        write_frame(FRAME, tmp_path / f"out.{ending}")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out.parquet"), FRAME)
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "customer_id,p_buy\n1,0.25\nä,\n"
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines() == [
        '{"customer_id":"1","p_buy":0.25}',
        '{"customer_id":"ä","p_buy":null}',
    ]


FORMULAS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\n=1",
    "\uff1d1",
    "-",
    "--5",
    "+49 170",
]
NO_FORMULAS = ["-5", "+5", "-1,250.00", "-1e-3", "c1", "'c1", " =1", "1-2", ""]


def read_back(out: Path) -> list[str]:
    with out.open(encoding="utf-8", newline="") as file:
        return [row[0] for row in csv.reader(file)][1:]


@pytest.mark.parametrize("dtype", ["object", "str", "category"])
def test_a_spreadsheet_runs_no_text_of_a_csv_file(tmp_path: Path, dtype: str) -> None:
    write_frame(pd.DataFrame({"name": pd.Series(FORMULAS, dtype=dtype), "n": 1}), tmp_path / "out.csv")
    assert read_back(tmp_path / "out.csv") == [f"'{text}" for text in FORMULAS]
    assert [as_meant(cell) for cell in read_back(tmp_path / "out.csv")] == FORMULAS


def test_numbers_and_other_texts_are_written_as_they_are(tmp_path: Path) -> None:
    write_frame(pd.DataFrame({"name": NO_FORMULAS, "n": -1}), tmp_path / "out.csv")
    assert read_back(tmp_path / "out.csv") == NO_FORMULAS
    assert [as_meant(cell) for cell in NO_FORMULAS] == NO_FORMULAS
    write_frame(pd.DataFrame({"minus": [-5, -7], "loss": [-0.25, None]}), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "minus,loss\n-5,-0.25\n-7,\n"


def test_a_carriage_return_begins_no_row_of_its_own(tmp_path: Path) -> None:
    write_frame(pd.DataFrame({"name": ["\r=1", "milk\r=1+1", "two\r\nlines"]}), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == b'name\n"\'\n=1"\n"milk\n=1+1"\n"two\nlines"\n'


def test_a_formula_behind_a_semicolon_is_no_cell_of_its_own(tmp_path: Path) -> None:
    write_frame(pd.DataFrame({"name": ["milk;=1+1"]}), tmp_path / "out.csv")
    assert read_back(tmp_path / "out.csv") == ["milk;'=1+1"]


def test_other_formats_keep_the_text(tmp_path: Path) -> None:
    write_frame(pd.DataFrame({"name": FORMULAS}), tmp_path / "out.parquet")
    assert pd.read_parquet(tmp_path / "out.parquet")["name"].tolist() == FORMULAS
    write_frame(pd.DataFrame({"name": FORMULAS}), tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["name"] for line in lines] == FORMULAS


def test_every_csv_file_of_the_product_is_written_here() -> None:
    root = Path(__file__).parents[3]
    writing = re.compile(
        r"\.to_csv\(|csv\.writer|DictWriter|savetxt|to_excel|TO .*\(FORMAT csv", re.IGNORECASE
    )
    files = [file for room in ("engine", "models", "training") for file in (root / room).rglob("*.py")]
    found = {file.name: writing.findall(file.read_text(encoding="utf-8")) for file in files}
    # PostgreSQL's COPY streams a shop's table to us, the console's listing answers a browser: neither writes a file.
    writers = ["listing.py", "postgres_copy.py", "table_files.py"]
    assert [name for name in sorted(found) if found[name]] == writers
    assert found["table_files.py"] == [".to_csv("]


def test_another_ending_is_refused_and_nothing_written(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"--out to end in \.parquet, \.csv, \.jsonl, got 'out.xlsx'"):
        write_frame(FRAME, tmp_path / "out.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_leaves_the_former_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.csv"
    write_frame(FRAME, out)

    def disk_full(_frame: pd.DataFrame, path: Path, **_options: object) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", disk_full)
    with pytest.raises(OSError, match="No space left"):
        write_frame(FRAME.head(1), out)
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert out.read_text(encoding="utf-8").startswith("customer_id,p_buy\n1,0.25\n")


def test_a_folder_or_a_missing_one_is_refused_and_nothing_made(tmp_path: Path) -> None:
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(BadInput, match=r"a file to write, got the folder .*/out\.csv; add a file's name"):
        write_frame(FRAME, tmp_path / "out.csv")
    with pytest.raises(BadInput, match=r"Cannot write .*/nodir/o\.csv: there is no folder .*/nodir; make it"):
        write_frame(FRAME, tmp_path / "nodir" / "o.csv")
    assert [path.name for path in tmp_path.rglob("*")] == ["out.csv"]


def test_a_link_that_somebody_laid_out_is_not_written_through(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text("precious", encoding="utf-8")
    (tmp_path / ".out.csv.incoming").symlink_to(theirs)
    (tmp_path / "out.csv").symlink_to(theirs)
    write_frame(FRAME, tmp_path / "out.csv")
    assert (theirs.read_text(encoding="utf-8"), (tmp_path / "out.csv").is_symlink()) == ("precious", False)
