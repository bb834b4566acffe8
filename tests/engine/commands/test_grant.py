"""`abonement grant` at the terminal."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli import app
from engine.domain.offer_errors import OfferError
from engine.settings import store_url_in
from engine.store import Store
from engine.store.access.audit import records
from models.ground.exit_codes import exit_code_of
from tests.engine.shop import GRANTS, publish_shop, rules


@pytest.fixture(autouse=True)
def _a_day(monkeypatch: pytest.MonkeyPatch, embedded_store: Store) -> None:
    monkeypatch.setenv("ABONEMENT_CLOCK", "fixed:2017-12-05T12:00:00Z")
    publish_shop(embedded_store, ["anna"], programme=rules(share="0.0") + GRANTS)


def ask(workspace: Path, *arguments: object) -> tuple[int, str]:
    assert store_url_in(workspace)
    result = CliRunner().invoke(app, ["grant", *map(str, arguments), "--workspace", str(workspace)])
    if result.exception is None or isinstance(result.exception, SystemExit):
        return result.exit_code, result.output
    return exit_code_of(result.exception, (OfferError,)), str(result.exception)


def test_a_grant_is_given_listed_and_taken_back(tmp_path: Path, embedded_store: Store) -> None:
    give = (
        "give",
        "anna",
        "--kind",
        "compensation",
        "--amount",
        500,
        "--reason",
        "Sour milk.",
        "--key",
        "c-17",
    )
    code, said = ask(tmp_path, *give)
    assert code == 0
    assert said.startswith("Customer anna has grant g_")
    assert (
        ": compensation of 5.00 USD (open; 5.00 USD left; until 2017-12-12T00:00+00:00). No night has seen"
        in said
    )
    assert "nothing was given again" in ask(tmp_path, *give)[1]
    code, said = ask(tmp_path, "list", "anna", "--json")
    (one,) = json.loads(said)["grants"]
    assert (one["key"], one["left_minor"], one["reason"]) == ("c-17", 500, "Sour milk.")
    assert ask(tmp_path, "cancel", one["id"], "--reason", "wrong card")[0] == 0
    assert "(cancelled; 0.00 USD left;" in ask(tmp_path, "list", "anna")[1]
    told = [(act.action, act.actor, act.subject) for act in records(embedded_store)]
    assert told[-2:] == [
        ("grant_given", "abonement grant give", one["id"]),
        ("grant_cancelled", "abonement grant cancel", one["id"]),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("give", "anna", "--kind", "compensation", "--amount", 9000, "--reason", "a"), "2000 at most"),
        (("give", "anna", "--kind", "points", "--amount", 1, "--reason", "a"), "points"),
        (("cancel", "g_0", "--reason", "a"), "There is no grant with this id"),
    ],
)
def test_what_is_refused_is_one_sentence(tmp_path: Path, arguments: tuple[object, ...], said: str) -> None:
    code, told = ask(tmp_path, *arguments)
    assert code != 0
    assert said in told


def test_who_was_given_nothing_is_told_so(tmp_path: Path) -> None:
    assert ask(tmp_path, "list", "zoe") == (0, "Customer zoe was given nothing.\n")
