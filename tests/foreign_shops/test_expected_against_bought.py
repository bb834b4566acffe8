from datetime import date
from pathlib import Path

import pytest

from engine.cli import app as operator
from tests.engine.commands.test_operating import run, say
from tests.foreign_shops.four_nights import FourNights, four_nights
from tests.foreign_shops.grocer_shape import MEMBERS, VISITS_A_MEMBER, write_grocer
from tests.foreign_shops.public_shops import write_cdnow, write_superstore
from tests.foreign_shops.wholesaler_shape import write_wholesaler
from training.cli import app as scientist

pytestmark = pytest.mark.long

PLACE = ("--currency", "USD", "--timezone", "America/New_York")


def check(name: str, came: FourNights) -> None:
    print(came.said(name))
    low, high = came.interval()
    assert low <= came.bought <= high
    # what was bought while it was offered, the till took
    assert came.redeemed == came.bought
    assert "retention" in came.metrics


def test_a_small_shop_sells_as_many_offers_as_it_expects(tmp_path: Path) -> None:
    write_wholesaler(tmp_path / "shop", customers=150, products=150, seed=5)
    came = four_nights(
        tmp_path / "shop", tmp_path / "workspace", date(2011, 6, 6), currency="GBP", timezone="Europe/London"
    )
    check("small, as UCI Online Retail", came)
    assert came.expected > 20


def test_a_shop_without_products_is_told_so_in_one_sentence_each_time(tmp_path: Path) -> None:
    shop, workspace = tmp_path / "shop", tmp_path / "workspace"
    write_cdnow(shop, customers=200)
    orders = (shop / "purchases.csv").read_text(encoding="utf-8")
    (shop / "purchases.csv").write_text(orders.replace("product", "shelf", 1), encoding="utf-8")
    code, said = run(operator, "init", "--data", shop, *PLACE)
    assert code == 2
    assert "could be product_id, which purchases need" in said
    (shop / "purchases.csv").write_text(orders, encoding="utf-8")
    say(operator, "init", "--data", shop, *PLACE)
    say(operator, "load", "--data", shop, "--workspace", workspace)
    say(scientist, "fit", "--workspace", workspace, "--as-of", "1998-01-05", "--jobs", 1)
    night = ("nightly", "--workspace", workspace, "--as-of", "1998-01-05", "--jobs", 1)
    code, said = run(operator, *night, "--programme", shop / "programme.toml")
    assert code == 2
    assert said == (
        "bundle.min_items is 5, but the shop has 1 item to offer, so that nobody could have a bundle: lower it (and what "
        "[bundle] and [novelty] say beside it), or load more products."
    )
    assert not list(workspace.glob("runs/*"))


@pytest.mark.prove
def test_members_who_come_four_times_in_two_years_buy_what_was_expected(tmp_path: Path) -> None:
    write_grocer(tmp_path / "shop", members=MEMBERS, visits_a_member=VISITS_A_MEMBER, seed=1)
    came = four_nights(
        tmp_path / "shop", tmp_path / "workspace", date(2015, 6, 1), currency="EUR", timezone="Europe/Berlin"
    )
    check("as Groceries", came)
    own, constant = came.churn_loss()
    assert own <= constant * 1.02


@pytest.mark.prove
def test_wholesalers_and_consumers_buy_what_was_expected(tmp_path: Path) -> None:
    write_wholesaler(tmp_path / "shop", customers=1_200, products=1_200, seed=2)
    came = four_nights(
        tmp_path / "shop", tmp_path / "workspace", date(2011, 6, 6), currency="GBP", timezone="Europe/London"
    )
    check("as UCI Online Retail", came)


@pytest.mark.prove
def test_superstore_expects_next_to_nothing_and_sells_it(tmp_path: Path) -> None:
    write_superstore(tmp_path / "shop")
    came = four_nights(
        tmp_path / "shop",
        tmp_path / "workspace",
        date(2017, 6, 5),
        currency="USD",
        timezone="America/New_York",
    )
    check("Superstore", came)
