import json
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from engine.cli import app, main
from models.ground.errors import BadInput
from models.sources import load, open_data
from models.sources.loading.load_check import check
from models.sources.loading.suspicious_days import Jump
from models.sources.stored.day_ranges import in_words
from tests.models.sources.small import GOOD, PRODUCTS, rows, write_small_shop

BAD = ("anna,b9,1,2024-03-05,caviar,1,1,0", GOOD[0])


def test_the_report_counts_what_a_load_would_keep_and_set_aside(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", lines=(*GOOD, *BAD), products=PRODUCTS + "egg,Egg,DAIRY,0,\n")
    report = check(shop)
    summary = load(shop, tmp_path / "w")
    assert report.tables == summary.tables
    assert report.days == summary.days
    assert (report.lines, report.customers, report.products) == (3, 2, 4)
    assert report.products_without_price == 1
    assert report.families == {"family_1": 3}
    assert (report.first_day, report.last_day, report.missing_days) == ("2024-03-01", "2024-03-02", [])
    assert report.refused is None


def test_a_check_writes_nothing_into_the_workspace(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    load(shop, tmp_path / "w")
    before = sorted((str(path), path.stat().st_mtime_ns) for path in (tmp_path / "w").rglob("*"))
    report = check(write_small_shop(tmp_path / "next", lines=GOOD[2:]), tmp_path / "w", append=True)
    assert report.replaced_days == ["2024-03-02"]
    assert sorted((str(path), path.stat().st_mtime_ns) for path in (tmp_path / "w").rglob("*")) == before


def test_too_many_bad_rows_are_reported_and_leave_with_exit_code_2(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", lines=(*GOOD, *BAD), max_bad_share=0.1)
    result = CliRunner().invoke(app, ["load", "--check", "--data", str(shop)])
    assert isinstance(result.exception, BadInput)
    assert "unknown_product" in result.stdout
    assert (
        "2 of 5 purchases are bad, more than max_bad_share = 0.1; purchases.csv, line 5: product_id is"
        in str(result.exception)
    )


def test_the_report_is_a_table_for_people_and_json_for_machines(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", lines=(*GOOD, "anna,b9,1,2024-03-05,milk,1,1,0"))
    table = CliRunner().invoke(app, ["load", "--check", "--data", str(shop)]).stdout
    assert "days missing            2024-03-03 to 2024-03-04" in table
    as_json = CliRunner().invoke(app, ["load", "--check", "--json", "--data", str(shop)]).stdout
    assert json.loads(as_json)["missing_days"] == ["2024-03-03", "2024-03-04"]


def test_a_day_unlike_its_weekday_is_suspicious(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    with duckdb.connect() as con:
        con.execute(f"""COPY (
            SELECT 'c' || n AS customer_id, day || '-' || n AS basket_id, day AS purchased_at, 'milk' AS product_id,
                1 AS quantity, CASE WHEN day = DATE '2024-03-20' THEN 11.9 ELSE 1.19 END AS paid
            FROM range(40) AS t(n), (SELECT unnest(generate_series(DATE '2024-02-01', DATE '2024-04-30',
                INTERVAL 1 DAY))::DATE AS day) WHERE day <> DATE '2024-03-15' OR n < 10
        ) TO '{shop}/purchases.parquet'""")
    (shop / "purchases.csv").unlink()
    assert check(shop).jumps == [
        Jump("2024-03-15", "customers", 10.0, 40.0),
        Jump("2024-03-15", "lines", 10.0, 40.0),
        Jump("2024-03-20", "paid a line", 1190.0, 119.0),
    ]


def test_ids_with_leading_zeros_in_one_table_only_are_hinted_at(tmp_path: Path) -> None:
    lines = ("anna,b1,1,2024-03-01,0042,1,1,0", *GOOD)
    shop = write_small_shop(tmp_path / "shop", lines=lines, products=PRODUCTS + "42,Egg,DAIRY,1,\n")
    assert check(shop).hints == [
        '1 lines of unknown products would find theirs with ids = "numbers": leading zeros differ.'
    ]


def test_cents_declared_as_euros_are_hinted_at(tmp_path: Path) -> None:
    lines = tuple(f"anna,b{n},1,2024-03-01,milk,1,119,0" for n in range(4))
    (hint,) = check(write_small_shop(tmp_path / "shop", lines=lines)).hints
    assert hint.startswith("What is paid for a unit is typically 100 times the products table's price")


def test_a_load_without_a_workspace_asks_for_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["load", "--data", str(write_small_shop(tmp_path / "shop"))])
    assert "--workspace" in str(result.exception)


def test_the_workspace_says_which_days_it_has(tmp_path: Path) -> None:
    lines = (*GOOD, "anna,b9,1,2024-03-05,milk,1,1,0")
    arguments = ["--workspace", str(tmp_path / "w")]
    load(write_small_shop(tmp_path / "shop", lines=lines), tmp_path / "w")
    said = CliRunner().invoke(app, ["days", *arguments]).stdout
    assert (
        said
        == "3 days with 4 lines: 2024-03-01 to 2024-03-02, 2024-03-05.\nMissing: 2024-03-03 to 2024-03-04.\n"
    )
    found = json.loads(CliRunner().invoke(app, ["days", "--json", *arguments]).stdout)
    assert found["days"] == {"2024-03-01": 2, "2024-03-02": 1, "2024-03-05": 1}


def test_an_append_says_what_it_did_with_which_days(tmp_path: Path) -> None:
    load(write_small_shop(tmp_path / "shop"), tmp_path / "w")
    later = ("ben,b7,1,2024-03-01 08:00:00,milk,1,1.19,0", "ben,b8,1,2024-03-04,milk,1,1.19,0")
    shop = write_small_shop(tmp_path / "later", lines=later)
    arguments = ["load", "--append", "--add", "--data", str(shop), "--workspace", str(tmp_path / "w")]
    said = CliRunner().invoke(app, arguments).stdout
    assert "new days 2024-03-04; replaced days none; late lines for 2024-03-01." in said
    assert "Days without any purchase: 2024-03-03." in said
    assert open_data(tmp_path / "w").lines == 5


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([], "none"),
        (["2024-03-01"], "2024-03-01"),
        (["2024-03-02", "2024-03-01", "2024-03-04"], "2024-03-01 to 2024-03-02, 2024-03-04"),
        ([f"2024-01-{n:02d}" for n in range(1, 31, 2)], ", ".join(f"2024-01-{n:02d}" for n in range(1, 17, 2)) + ", and 7 more days"),
    ],
)  # fmt: skip
def test_days_in_words_are_spans(days: list[str], words: str) -> None:
    assert in_words(days) == words


def appending(tmp_path: Path, *lines: str) -> list[str]:
    """The command that appends `lines` to a workspace that holds the good ones."""
    load(write_small_shop(tmp_path / "shop"), tmp_path / "w")
    shop = write_small_shop(tmp_path / "later", lines=lines)
    return ["load", "--append", "--data", str(shop), "--workspace", str(tmp_path / "w")]


def test_an_append_that_lacks_receipts_ends_with_2_and_one_sentence_and_check_says_so_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = appending(tmp_path, "ben,b7,1,2024-03-01 08:00:00,milk,1,1.19,0")
    for more in ([], ["--check"]):
        monkeypatch.setattr("sys.argv", ["abonement", *command, *more])
        with pytest.raises(SystemExit) as leaving:
            main()
        assert leaving.value.code == 2
        said = capsys.readouterr().err
        assert "2 stored lines would go: 2024-03-01 lacks b1. Say --replace" in said
        assert said.count("\n") == 1
    assert open_data(tmp_path / "w").lines == 3


def test_what_is_replaced_is_counted_and_its_file_named_and_check_counts_it_before(tmp_path: Path) -> None:
    command = [*appending(tmp_path, "ben,b7,1,2024-03-01 08:00:00,milk,1,1.19,0"), "--replace"]
    checked = CliRunner().invoke(app, [*command, "--check", "--json"])
    assert checked.exit_code == 0
    report = json.loads(checked.stdout)
    assert (report["replaced_days"], report["replaced_lines"], report["refused"]) == (["2024-03-01"], 2, None)
    said = CliRunner().invoke(app, command).stdout
    assert "replaced days 2024-03-01" in said
    file = tmp_path / "w" / "data" / "loads" / "0002" / "replaced.parquet"
    assert f"Replaced 2 stored lines; as they were they stand in {file}." in said
    assert rows(file, "basket_id, line_no, product_id") == [("b1", 1, "milk"), ("b1", 2, "bread")]


def test_replace_and_add_are_not_said_together(tmp_path: Path) -> None:
    command = appending(tmp_path, "ben,b7,1,2024-03-01 08:00:00,milk,1,1.19,0")
    result = CliRunner().invoke(app, [*command, "--replace", "--add"])
    assert "say one of them" in str(result.exception)
