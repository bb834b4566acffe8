from pathlib import Path

import duckdb
import pytest

from models.ground.errors import BadInput
from models.sources import load, open_data
from models.sources.stored.load_erasure import erase_from_load
from tests.models.sources.small import GOOD, rows, write_small_shop

EVERYBODY = "customer_id,consent\nanna,true\nben,true\n"


def shop_of(
    folder: Path,
    customers: str | None,
    lines: tuple[str, ...] = GOOD,
    *,
    complete: bool = True,
    share: float = 1.0,
) -> Path:
    shop = write_small_shop(folder, lines=lines, max_erased_share=share)
    if customers:
        (shop / "customers.csv").write_text(customers)
    if complete:
        with (shop / "tables.toml").open("a") as file:
            file.write("\n[customers]\ncomplete = true\n")
    return shop


def nothing_of(workspace: Path, customer: str) -> bool:
    """No file of any load holds the customer."""
    for path in (workspace / "data").rglob("*.parquet"):
        with duckdb.connect() as con:
            found = con.execute(
                f"SELECT count(*) FROM read_parquet('{path}') AS t WHERE contains(CAST(t AS VARCHAR), ?)",
                [customer],
            ).fetchall()
        if found[0][0]:
            return False
    return True


def test_a_customer_gone_from_a_complete_table_is_gone_here_with_the_next_load(tmp_path: Path) -> None:
    bad = "anna,b9,1,2024-03-02,caviar,1,1,0"
    load(shop_of(tmp_path / "shop", EVERYBODY, (*GOOD, bad)), tmp_path / "w")
    summary = load(
        shop_of(tmp_path / "shop", "customer_id,consent\nben,true\n", (*GOOD, bad)), tmp_path / "w"
    )
    assert (summary.erased, summary.customers, summary.lines) == (1, 1, 1)
    assert summary.tables["purchases"].quarantined == {"unlisted_customer": 3}
    assert nothing_of(tmp_path / "w", "anna")


def test_a_customer_gone_from_a_delivered_complete_table_loses_history_and_bad_rows(tmp_path: Path) -> None:
    bad = ("anna,b9,1,2024-03-02,caviar,1,1,0", "anna,b9")
    load(shop_of(tmp_path / "shop", EVERYBODY, (*GOOD, *bad)), tmp_path / "w")
    (tmp_path / "shop" / "answers.csv").write_text(
        "customer_id,answered_at,kind,score\nanna,2024-03-02,nps,3\n"
    )
    load(tmp_path / "shop", tmp_path / "w")
    later = shop_of(
        tmp_path / "later", "customer_id,consent\nben,true\n", ("ben,b8,1,2024-03-04,milk,1,1.19,0",)
    )
    summary = load(later, tmp_path / "w", append=True)
    assert (summary.erased, summary.customers, summary.lines) == (1, 1, 2)
    assert nothing_of(tmp_path / "w", "anna")
    assert rows(open_data(tmp_path / "w").folder / "answers.parquet", "*") == []


def test_former_loads_of_an_erased_customer_go_even_where_runs_were_made_from_them(tmp_path: Path) -> None:
    load(shop_of(tmp_path / "shop", EVERYBODY), tmp_path / "w")
    run = tmp_path / "w" / "runs" / "2024-03-02.1"
    run.mkdir(parents=True)
    (run / "request.json").write_text('{"load": "0001"}')
    load(shop_of(tmp_path / "shop", EVERYBODY), tmp_path / "w")
    assert sorted(p.name for p in (tmp_path / "w" / "data" / "loads").iterdir()) == ["0001", "0002"]
    load(shop_of(tmp_path / "shop", "customer_id,consent\nben,true\n"), tmp_path / "w")
    assert [p.name for p in (tmp_path / "w" / "data" / "loads").iterdir()] == ["0003"]


def test_a_former_load_that_is_being_read_goes_with_the_next_load(tmp_path: Path) -> None:
    load(shop_of(tmp_path / "shop", EVERYBODY), tmp_path / "w")
    run = tmp_path / "w" / "runs" / "2024-03-02.1"
    run.mkdir(parents=True)
    (run / "request.json").write_text('{"load": "0001"}')
    without = shop_of(tmp_path / "shop", "customer_id,consent\nben,true\n")
    with open_data(tmp_path / "w").held():
        load(without, tmp_path / "w")
        assert not nothing_of(tmp_path / "w", "anna")
    load(without, tmp_path / "w")
    assert nothing_of(tmp_path / "w", "anna")


def test_a_table_that_is_not_declared_complete_erases_nobody(tmp_path: Path) -> None:
    load(shop_of(tmp_path / "shop", EVERYBODY), tmp_path / "w")
    later = shop_of(
        tmp_path / "later",
        "customer_id,consent\nben,\n",
        ("ben,b8,1,2024-03-04,milk,1,1.19,0",),
        complete=False,
    )
    summary = load(later, tmp_path / "w", append=True)
    assert (summary.erased, summary.customers) == (0, 2)


def test_a_delivery_without_the_complete_table_erases_nobody(tmp_path: Path) -> None:
    load(shop_of(tmp_path / "shop", EVERYBODY), tmp_path / "w")
    later = shop_of(tmp_path / "later", None, ("ben,b8,1,2024-03-04,milk,1,1.19,0",))
    assert load(later, tmp_path / "w", append=True).customers == 2


def test_a_table_that_lacks_too_many_is_taken_for_cut_off(tmp_path: Path) -> None:
    load(shop_of(tmp_path / "shop", EVERYBODY), tmp_path / "w")
    before = open_data(tmp_path / "w")
    cut = shop_of(tmp_path / "shop", "customer_id\nben\n", share=0.4)
    with pytest.raises(BadInput, match=r"lacks 1 of the 2 customers .* raise max_erased_share = 0\.4"):
        load(cut, tmp_path / "w")
    assert open_data(tmp_path / "w") == before


def test_who_was_merged_is_not_erased(tmp_path: Path) -> None:
    load(shop_of(tmp_path / "shop", EVERYBODY), tmp_path / "w")
    summary = load(shop_of(tmp_path / "shop", "customer_id,merged_into\nben,\nanna,ben\n"), tmp_path / "w")
    assert (summary.erased, summary.customers, summary.lines) == (0, 1, 3)


def test_a_customer_who_is_erased_is_gone_from_the_lines_that_were_replaced_too(tmp_path: Path) -> None:
    corrected = tuple(line.replace("milk,2", "milk,3").replace("milk,1", "milk,4") for line in GOOD)
    for append in (False, True):
        lines = corrected if append else GOOD
        load(write_small_shop(tmp_path / "shop", lines=lines), tmp_path / "w", append=append)
    replaced = "replaced.parquet"
    names = rows(open_data(tmp_path / "w").folder / replaced, "customer_id")
    assert names == [("anna",), ("ben",)]
    assert erase_from_load(tmp_path / "w", ["anna", "nobody"]) == (1, {"anna"})
    assert rows(open_data(tmp_path / "w").folder / replaced, "customer_id") == [("ben",)]
    assert erase_from_load(tmp_path / "w", ["nobody"]) == (0, frozenset())
    assert rows(open_data(tmp_path / "w").folder / replaced, "customer_id") == [("ben",)]


def test_a_former_load_goes_whose_customer_the_load_in_use_does_not_know_any_more(tmp_path: Path) -> None:
    load(write_small_shop(tmp_path / "shop", lines=GOOD), tmp_path / "w")
    run = tmp_path / "w" / "runs" / "2024-03-02.1"
    run.mkdir(parents=True)
    (run / "request.json").write_text('{"load": "0001"}')
    bens = tuple(line for line in GOOD if "anna" not in line)
    load(write_small_shop(tmp_path / "shop", lines=bens), tmp_path / "w")
    assert not nothing_of(tmp_path / "w", "anna")
    assert erase_from_load(tmp_path / "w", ["nobody"]) == (0, frozenset())
    assert not nothing_of(tmp_path / "w", "anna")
    assert erase_from_load(tmp_path / "w", ["anna"]) == (0, {"anna"})
    assert nothing_of(tmp_path / "w", "anna")
