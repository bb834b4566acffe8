import errno
import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli import app, main
from models import sources
from tests.models.sources.small import GOOD, write_small_shop
from tests.shop import write_shop


def run_main(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    monkeypatch.setattr("sys.argv", ["abonement", *arguments])
    with pytest.raises(SystemExit) as leaving:
        main()
    return leaving.value.code


def test_load_says_what_it_loaded_and_what_it_set_aside(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", lines=(*GOOD, "anna,b9,1,2024-03-01,caviar,1,1,0"))
    result = CliRunner().invoke(app, ["load", "--data", str(shop), "--workspace", str(tmp_path)])
    assert result.exit_code == 0
    assert result.stdout.splitlines()[:2] == [
        "Loaded 3 lines of 2 customers and 3 products, 2024-03-01 to 2024-03-02 (Europe/Berlin), in 1 bucket.",
        "Quarantined 1 of 4 purchases: unknown_product (the product is not in the products table).",
    ]


def test_load_tells_of_returns_and_lists_those_that_took_back_nothing(tmp_path: Path) -> None:
    back = ("anna,b1,1,2024-03-04 10:00:00,milk,1,-1.19,0", "ben,r7,1,2024-03-04 11:00:00,bread,-3,-6.87,0")
    shop = write_small_shop(tmp_path / "shop", lines=(*GOOD, *back))
    result = CliRunner().invoke(app, ["load", "--data", str(shop), "--workspace", str(tmp_path)])
    assert result.stdout.splitlines()[1:3] == [
        (
            f"Read 1 line with positive quantity and negative paid, or the reverse, as returns: purchases.csv, line"
            f" {len(GOOD) + 2}: quantity 1, paid -1.19. No purchase is counted for them; if they are none, correct a sign and"
            " load again."
        ),
        (
            "1 of 2 returned lines takes back more than the customer bought before it; it stands in"
            f" {tmp_path}/data/loads/0001/unmatched-returns.parquet."
        ),
    ]


def test_load_prints_json_for_machines(tmp_path: Path) -> None:
    write_shop(tmp_path / "shop", customers=5, products=12, days=30, seed=1, last_day=date(2024, 5, 1))
    arguments = [
        "load",
        "--data",
        str(tmp_path / "shop"),
        "--workspace",
        str(tmp_path),
        "--buckets",
        "2",
        "--json",
    ]
    result = CliRunner().invoke(app, arguments)
    summary = json.loads(result.stdout)
    assert (summary["customers"], summary["buckets"], summary["tables"]["purchases"]["quarantined"]) == (
        5,
        2,
        {},
    )


def test_bad_input_is_one_sentence_on_stderr_and_exit_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(monkeypatch, "load", "--data", str(tmp_path), "--workspace", str(tmp_path / "w")) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "tables.toml is missing" in captured.err
    assert captured.err.count("\n") == 1
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize(
    ("failure", "code", "sentence"),
    [
        (KeyboardInterrupt(), 130, "Interrupted"),
        (OSError(errno.ENOSPC, "full", "x.parquet"), 73, "Cannot write x.parquet: No space left on device."),
        (OSError(errno.EROFS, "read-only"), 73, "Cannot write: Read-only file system."),
    ],
)
def test_what_the_machine_refuses_has_its_own_exit_code(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    failure: BaseException,
    code: int,
    sentence: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(sources, "load", fail)
    assert run_main(monkeypatch, "load", "--data", str(tmp_path), "--workspace", str(tmp_path)) == code
    assert sentence in capsys.readouterr().err


def test_a_missing_option_is_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_main(monkeypatch, "load") == 2
