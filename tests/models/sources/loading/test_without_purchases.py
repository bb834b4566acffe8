"""A delivery in which nobody bought anything: a consent that was withdrawn waits for no purchase."""

from pathlib import Path

import pytest

from models.ground.errors import BadInput
from models.sources import load, open_data
from models.sources.loading.load_check import check
from tests.models.sources.small import HEADER, rows, write_small_shop

CUSTOMERS = "customer_id,consent\nanna,true\nben,true\n"
WITHDRAWN = "customer_id,consent\nanna,false\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    shop = write_small_shop(tmp_path / "shop")
    (shop / "customers.csv").write_text(CUSTOMERS)
    load(shop, tmp_path / "w", buckets=2)
    return tmp_path / "w"


def delivery(folder: Path, **tables: str) -> Path:
    """A delivery without purchases.csv and products.csv, with these tables."""
    shop = write_small_shop(folder)
    (shop / "purchases.csv").unlink()
    (shop / "products.csv").unlink()
    for name, content in tables.items():
        (shop / f"{name}.csv").write_text(content)
    return shop


def stored(workspace: Path) -> list[list[tuple[object, ...]]]:
    data = open_data(workspace)
    return [
        rows(data.purchases(bucket), "* EXCLUDE (purchased_at), epoch_us(purchased_at)")
        for bucket in range(data.buckets)
    ]


def consents(workspace: Path) -> dict[object, object]:
    data = open_data(workspace)
    every = [rows(data.customers(bucket), "customer_id, consent") for bucket in range(data.buckets)]
    return dict(row for some in every for row in some)  # type: ignore[misc]


def test_a_withdrawn_consent_alone_is_known_and_every_line_stays(tmp_path: Path, workspace: Path) -> None:
    lines = stored(workspace)
    brought = delivery(tmp_path / "d", customers=WITHDRAWN)
    summary = load(brought, workspace, append=True, without_purchases=True)
    assert consents(workspace) == {"anna": False, "ben": True}
    assert stored(workspace) == lines
    assert summary.appended is not None
    assert summary.appended.delivered == 0
    assert summary.lines == 3


def test_it_is_what_one_load_of_everything_would_have_made(tmp_path: Path, workspace: Path) -> None:
    load(delivery(tmp_path / "d", customers=WITHDRAWN), workspace, append=True, without_purchases=True)
    whole = write_small_shop(tmp_path / "whole")
    (whole / "customers.csv").write_text("customer_id,consent\nanna,false\nben,true\n")
    load(whole, tmp_path / "o", buckets=2)
    assert stored(workspace) == stored(tmp_path / "o")
    assert consents(workspace) == consents(tmp_path / "o")


def test_new_products_alone_are_loaded_too(tmp_path: Path, workspace: Path) -> None:
    tea = "product_id,name,family_1,price,flags\ntea,Tea,DRINKS,3.00,\n"
    load(delivery(tmp_path / "d", products=tea), workspace, append=True, without_purchases=True)
    assert ("tea",) in rows(open_data(workspace).products, "product_id")


def test_check_says_the_same_and_writes_nothing(tmp_path: Path, workspace: Path) -> None:
    brought = delivery(tmp_path / "d", customers=WITHDRAWN)
    report = check(brought, workspace, append=True, without_purchases=True)
    assert report.refused is None
    assert consents(workspace) == {"anna": True, "ben": True}


def test_purchases_that_are_missing_stop_a_load_that_does_not_say_so(tmp_path: Path, workspace: Path) -> None:
    brought = delivery(tmp_path / "d", customers=WITHDRAWN)
    with pytest.raises(BadInput, match=r"purchases.* one is needed; .* --append --without-purchases"):
        load(brought, workspace, append=True)
    with pytest.raises(BadInput, match="belongs to --append"):
        load(brought, workspace, without_purchases=True)
    with pytest.raises(BadInput, match="neither products nor customers nor answers"):
        load(delivery(tmp_path / "nothing"), workspace, append=True, without_purchases=True)
    assert consents(workspace) == {"anna": True, "ben": True}


def test_a_day_in_which_nobody_showed_a_card_is_loaded_as_what_it_is(tmp_path: Path, workspace: Path) -> None:
    day = write_small_shop(tmp_path / "d", lines=(",b9,1,2024-03-04 10:00:00,milk,1,1.19,0",))
    summary = load(day, workspace, append=True)
    assert summary.without_card == 1
    assert summary.lines == 3


def test_a_large_delivery_without_any_customer_has_lost_the_column(tmp_path: Path, workspace: Path) -> None:
    lines = tuple(f",b{n},1,2024-03-04 10:00:00,milk,1,1.19,0" for n in range(1_001))
    day = write_small_shop(tmp_path / "d", header=HEADER, lines=lines)
    with pytest.raises(BadInput, match="column customer_id is empty in every line"):
        load(day, workspace, append=True)
