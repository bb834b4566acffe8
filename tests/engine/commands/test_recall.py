"""`abonement recall` at the terminal."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from engine.cli import app
from engine.domain.offer_errors import OfferError
from engine.store import Store
from engine.store.access.audit import records
from engine.store.nights.run_records import current_run
from engine.store.schema import offers
from models.ground.exit_codes import exit_code_of
from tests.engine.nightly.shop_nights import change

WHY = "Please bring it back."


@pytest.fixture(autouse=True)
def _the_day_after(monkeypatch: pytest.MonkeyPatch, its_store: Store) -> None:
    monkeypatch.setenv("ABONEMENT_CLOCK", f"fixed:{_night(its_store).isoformat()}T09:00:00Z")


def _night(store: Store) -> date:
    run = current_run(store)
    assert run is not None
    return run.night


def ask(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    if result.exception is None or isinstance(result.exception, SystemExit):
        return result.exit_code, result.output
    return exit_code_of(result.exception, (OfferError,)), str(result.exception)


def commonest(store: Store) -> str:
    with store.reading() as connection:
        return str(Counter(connection.execute(select(offers.c.item_id)).scalars()).most_common(1)[0][0])


def test_a_recall_is_told_kept_in_the_audit_trail_and_lifted(lived_shop: Path, its_store: Store) -> None:
    product = commonest(its_store)
    code, said = ask("recall", product, "--workspace", lived_shop, "--reason", WHY)
    assert (code, said.startswith(f"Product {product} is withdrawn from all offers; ")) == (0, True)
    assert f"{product}  since " in ask("recall", "--workspace", lived_shop)[1]
    code, said = ask("recall", product, "--workspace", lived_shop, "--lift", "--json")
    assert (code, json.loads(said)["changed"]) == (0, True)
    assert ask("recall", "--workspace", lived_shop)[1].strip() == "No product is recalled."
    told = [(act.action, act.subject) for act in records(its_store) if act.actor == "abonement recall"]
    assert told == [("recalled", product), ("recall_lifted", product)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("4711", "--reason", WHY), "There is no product 4711"),
        (("4711",), "A recall needs --reason"),
        (("--lift",), "name it, by the shop's id"),
        (("4711", "--lift", "--reason", WHY), "leave --reason"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(
    lived_shop: Path, arguments: tuple[str, ...], said: str
) -> None:
    code, told = ask("recall", *arguments, "--workspace", lived_shop)
    assert (code, said in told) == (2, True)


@pytest.mark.long
def test_no_night_is_published_while_all_offers_are_stopped(lived_shop: Path, its_store: Store) -> None:
    here = ("--workspace", lived_shop)
    assert ask("stop", *here, "--reason", "All prices are wrong.")[0] == 0
    code, said = ask("nightly", *here, "--as-of", _night(its_store), "--jobs", 1)
    assert (code, "All personal offers are stopped since" in said) == (3, True)


def test_what_was_recalled_and_stopped_after_a_backup_stays_so_when_it_is_restored(
    lived_shop: Path, its_store: Store, tmp_path: Path
) -> None:
    here, product, copy = ("--workspace", lived_shop), commonest(its_store), tmp_path / "copy.db"
    assert ask("backup", *here, "--out", copy)[0] == 0
    ask("recall", product, *here, "--reason", WHY)
    ask("stop", *here, "--reason", "All prices are wrong.")
    code, said = ask("restore", copy, *here)
    assert (code, "1 product that you recalled" in said, "stay stopped" in said) == (0, True, True)
    (left,) = json.loads(ask("recall", *here, "--json")[1])["recalls"]
    assert (left["product_id"], left["reason"], left["is_rendered"]) == (product, WHY, False)
    assert json.loads(ask("resume", *here, "--json")[1])["changed"]


def test_a_product_that_no_night_has_offered_yet_is_recalled_beforehand(
    lived_shop: Path, its_store: Store
) -> None:
    new = "p_new"
    change(
        lived_shop,
        "products",
        lambda products: pd.concat([products, products.iloc[[0]].assign(product_id=new)]),
    )
    here = ("--workspace", lived_shop, "--reason", WHY)
    assert ask("recall", new, *here)[0] == 0
    code, said = ask("recall", "p_typo", *here)
    assert (
        code != 0,
        "p_typo in the nights published last; check the id, or say that you withdraw it beforehand" in said,
    ) == (
        True,
        True,
    )
    assert ask("recall", "p_typo", "--beforehand", *here)[0] == 0
    assert {act.subject for act in records(its_store) if act.action == "recalled"} == {new, "p_typo"}
