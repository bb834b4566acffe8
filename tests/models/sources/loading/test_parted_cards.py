"""A card that gets another owner takes no history along, and the load says so."""

from pathlib import Path

import pytest

from models.sources import load, open_data
from tests.models.sources.small import GOOD, rows, write_small_shop

LATE = ("anna,b9,1,2024-03-05 10:00:00,milk,1,1.19,0",)


def shop_with(folder: Path, customers: str, lines: tuple[str, ...] = GOOD) -> Path:
    shop = write_small_shop(folder, lines=lines)
    (shop / "customers.csv").write_text(f"customer_id,merged_into\n{customers}\n")
    return shop


@pytest.mark.parametrize(("owner", "now"), [("cleo", "'cleo'"), ("", "nobody else")])
def test_a_card_that_leaves_its_owner_leaves_its_purchases_behind_and_is_named(
    tmp_path: Path, owner: str, now: str
) -> None:
    load(shop_with(tmp_path / "first", "anna,ben\nben,"), tmp_path / "w")
    again = load(shop_with(tmp_path / "next", f"anna,{owner}", LATE), tmp_path / "w", append=True)
    assert again.findings == (
        (
            f"1 merged card has another owner than before: 'anna' belonged to 'ben' and now belongs to {now}. What was loaded under it until now"
            " stays with the owner before; load everything anew, without --append, if it is to go over."
        ),
    )
    data = open_data(tmp_path / "w")
    assert sum(len(rows(data.purchases(bucket), "1")) for bucket in range(data.buckets)) == 4


def test_a_card_whose_owner_is_merged_in_turn_is_not_parted(tmp_path: Path) -> None:
    load(shop_with(tmp_path / "first", "anna,ben\nben,"), tmp_path / "w")
    again = load(shop_with(tmp_path / "next", "ben,cleo\ncleo,", LATE), tmp_path / "w", append=True)
    assert again.findings == ()
    assert rows(open_data(tmp_path / "w").customers(0), "customer_id") == [("cleo",)]
