"""`abonement programme show` and `diff`: what counts, where it comes from, and how two programmes differ."""

import json
import tomllib
from pathlib import Path

import pytest

from engine.cli import main
from engine.programme import parse_programme
from engine.programme.rules_in_words import rules_in_words
from engine.store import open_store
from tests.engine.day.shops import open_shop
from tests.engine.programme.test_presets import OF_THE_FIRST_RELEASE, OWN

MINE = OWN + '\n[depths]\nbp = [500]\n\n[assumed_margin_bp.families]\n"FRESH MEAT" = 2000\n'


def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str]:
    monkeypatch.setattr("sys.argv", ["abonement", "programme", *words])
    with pytest.raises(SystemExit) as leaving:
        main()
    out, err = capsys.readouterr()
    return int(leaving.value.code or 0), out + err


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(MINE, encoding="utf-8")
    Path("old.toml").write_text(OF_THE_FIRST_RELEASE, encoding="utf-8")
    return "mine.toml"


def test_what_show_prints_is_the_whole_programme_with_the_origin_of_every_rule(
    mine: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, printed = told(capsys, monkeypatch, "show", mine)

    assert code == 0
    assert parse_programme(printed, "printed") == parse_programme(MINE, mine)
    assert "like" not in tomllib.loads(printed)
    beside = {
        line.partition(" = ")[0]: line.partition("# ")[2] for line in printed.splitlines() if " = " in line
    }
    assert beside["seed"] == "mine.toml:5"
    assert beside["bp"] == "mine.toml:20"
    assert beside['"FRESH MEAT"'] == "mine.toml:23"
    assert beside["max_units"] == "preset classic-subscription"
    assert beside["from_tills"] == "built in"


@pytest.mark.usefixtures("mine")
def test_an_old_file_shows_what_it_is_too_old_to_say(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, printed = told(capsys, monkeypatch, "show", "old.toml", "--json")

    found = {one["key"]: (one["value"], one["from"]) for one in json.loads(printed)["rules"]}
    assert code == 0
    assert found["favourite.offered"] == (False, "of a file that is older than this key")
    assert found["bundle.max_items"] == (5, "old.toml:16")
    assert found["eligibility.legal_age.tobacco"] == (18, "built in")


def test_diff_says_in_words_and_keys_what_is_otherwise(
    mine: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("other.toml").write_text(MINE.replace("[500]", "[500, 1000]"), encoding="utf-8")

    code, printed = told(capsys, monkeypatch, "diff", mine, "other.toml")

    assert code == 0
    assert printed == (
        "- mine.toml\n+ other.toml\n\nFor the customer:\n"
        "  - 5 to 6 items at 5 % off, up to 4 units of each, for 4 to 7 days by their own rhythm; the next bundle comes when the "
        "last one has ended.\n"
        "  + 5 to 6 items at 5 or 10 % off, up to 4 units of each, for 4 to 7 days by their own rhythm; the next bundle comes when "
        "the last one has ended.\n\nKeys:\n  depths.bp: [500] -> [500, 1000]\n"
    )


def test_current_is_the_programme_of_the_last_published_night(
    mine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    open_shop(store, ("share = 0.0 ", "share = 0.10 "))
    store.close()

    code, printed = told(capsys, monkeypatch, "diff", "current", mine, "--workspace", str(tmp_path))

    assert code == 0
    assert printed.startswith("- run 2017-12-04.1\n+ mine.toml\n")
    assert "  depths.bp: [1000, 1500, 2000] -> [500]\n" in printed


def test_current_of_no_workspace_is_asked_for(
    mine: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(capsys, monkeypatch, "diff", "current", mine) == (
        2,
        "Whose night is `current`? Name its workspace with --workspace.\n",
    )


def test_words_tell_what_rests_what_is_on_the_shelf_who_is_old_enough_and_whose_law_it_is() -> None:
    rules = parse_programme(
        MINE
        + '[exclusions]\nflags = ["tobacco"]\n[law]\ncountry = "DE"\n[shelf]\nunsold_days = 56\n'
        + "[rotation]\nitem_bundles = 1\nitem_days = 14\nstaple_gap_days = 10.0\nfamilies = 2\nstaples_share = 0.3\n",
        "mine.toml",
    )

    told = {one.topic: one.sentence for one in rules_in_words(rules, "EUR")}

    assert told["rotation"] == (
        "At most 3 items of the last bundle return; an item rests for 1 bundle and 14 days after it was offered, what the "
        "customer buys at least every 10 days not at all; a bundle holds items of at least 2 families."
    )
    assert told["staples_share"] == "One item stands in at most 30 % of a night's bundles."
    assert told["household"] == "One bundle a household, where it is known: the member who shops most has it."
    assert (
        told["legal_age.alcohol"] == "Offered alcohol: only who is 18 or older; an unknown age is too young."
    )
    assert told["shelf"] == (
        "What is sold out is not offered, and where stock is less than is sold in 7 days an item is offered to some by lot; "
        "nothing that has been sold nowhere for 56 days, against its habit."
    )
    assert told["law"].startswith(
        "By the law of DE an item is offered only below its lowest price of the last 30 days"
    )


def test_words_say_nothing_of_sections_that_an_old_file_does_not_have() -> None:
    told = {one.topic for one in rules_in_words(parse_programme(OF_THE_FIRST_RELEASE, "old.toml"))}

    assert not told & {"rotation", "shelf", "household", "staples_share"}


def test_a_byte_order_mark_is_no_part_of_a_programme(
    mine: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("marked.toml").write_text(MINE, encoding="utf-8-sig")

    assert told(capsys, monkeypatch, "diff", mine, "marked.toml") == (
        0,
        "mine.toml and marked.toml mean the same.\n",
    )
