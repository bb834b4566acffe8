from datetime import date
from pathlib import Path

from engine.domain.console_users import Role
from engine.settings import store_url_in
from engine.store import open_store
from tests.engine.console.conftest import OpenDesk
from tests.engine.shop import publish_shop, rules


def test_the_rules_in_force_are_told_in_words_and_by_key_with_their_origin(
    desk: OpenDesk, tmp_path: Path
) -> None:
    someone = desk(Role.VIEWER)
    store = open_store(store_url_in(tmp_path))
    publish_shop(store, ["anna"])
    store.close()
    said = someone.reads("/console/programme")
    assert "the night 2017-12-04.1" in said
    assert "Bundles may cost 6,000.00 USD a week in expected discounts" in said
    found = someone.reads("/console/programme?q=budget.amount_minor")
    assert "budget.amount_minor 600000 the night's file:" in found
    answer = someone.get("/console/programme?as=csv&q=budget.period")
    assert answer.text.splitlines()[1].startswith('budget.period,"""week""",')


def test_changes_of_the_rules_are_listed_with_how_they_differ_from_todays(
    desk: OpenDesk, tmp_path: Path
) -> None:
    someone = desk(Role.VIEWER)
    store = open_store(store_url_in(tmp_path))
    before = rules(max_units="3")
    publish_shop(store, ["anna"], programme=before, manifest={"programme": "aa"})
    publish_shop(store, ["anna"], night=date(2017, 12, 5), manifest={"programme": "bb"})
    publish_shop(store, ["anna"], night=date(2017, 12, 6), manifest={"programme": "bb"})
    store.close()
    for run, text in (("2017-12-04.1", before), ("2017-12-05.1", rules())):
        folder = tmp_path / "runs" / run
        folder.mkdir(parents=True)
        (folder / "programme.toml").write_text(text, encoding="utf-8")
    said = someone.reads("/console/programme")
    assert "5 December 2017 2 nights" in said
    assert "4 December 2017 1 night" in said
    then = someone.reads("/console/programme/2017-12-04.1")
    assert "bundle.max_units 3 4" in then
    assert "up to 3 units of each" in then
    assert "The rules are the same" in someone.reads("/console/programme/2017-12-05.1")
    assert someone.get("/console/programme/2017-12-06.1").status_code == 404


def test_before_the_first_night_the_page_says_what_to_do(desk: OpenDesk) -> None:
    assert "No night has been published" in desk(Role.VIEWER).reads("/console/programme")
