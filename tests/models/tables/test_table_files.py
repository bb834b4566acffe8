from pathlib import Path

import pandas as pd
import pytest

from models.ground.errors import BadInput
from models.tables.table_files import write_frame

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
