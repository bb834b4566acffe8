import json
from pathlib import Path

from engine.domain.console_users import Role
from engine.settings import store_url_in
from engine.store import open_store
from tests.engine.bundles import NIGHT
from tests.engine.console.conftest import OpenDesk
from tests.engine.shop import publish_shop

PASSED = {"ok": True, "accepted": False, "value": 0.1, "limit": {"at_most": 1.0}, "says": "as usual"}
MANIFEST = {
    "result": {"customers": 4},
    "model": "2017-12-03-81d78b30",
    "budget": {"period": "week", "amount_minor": 100_000, "committed_milli": 0, "planned_milli": 2_500_000},
    "guard": {"data_age": PASSED, "price_level": PASSED | {"ok": False, "accepted": True}},
}


def lived(workspace: Path, **changes: object) -> None:
    store = open_store(store_url_in(workspace))
    publish_shop(store, ["anna", "bert"], manifest=MANIFEST | changes)
    store.close()


def test_before_the_first_night_the_page_says_what_to_do(desk: OpenDesk) -> None:
    said = desk(Role.VIEWER).reads("/console")
    assert "No night has been published" in said
    assert "abonement nightly --workspace W --as-of DAY" in said


def test_the_last_night_is_said_in_a_sentence_with_its_budget_and_lights(
    desk: OpenDesk, tmp_path: Path
) -> None:
    someone = desk(Role.VIEWER)
    lived(tmp_path)
    said = someone.reads("/console")
    assert (
        "The night of 4 December 2017 gave 2 of 4 customers seen a new bundle, 10 offers in all, expected to cost 25.00 USD."
        in said
    )
    assert "1,000.00 USD for this week" in said
    assert "Expected by the period's end 25.00 USD (2 %)" in said
    assert "Age of the data passed" in said
    assert "Level of prices accepted" in said
    assert "published with a finding accepted by hand" in said


def test_a_night_that_the_guard_kept_back_waits_for_a_person(desk: OpenDesk, tmp_path: Path) -> None:
    someone = desk(Role.VIEWER)
    lived(tmp_path)
    sight = tmp_path / "runs" / "2017-12-05.1" / "sight"
    sight.mkdir(parents=True)
    about = {
        "as_of": "2017-12-05T00:00:00+00:00",
        "timezone": "UTC",
        "guard": {"price_level": PASSED | {"ok": False}},
    }
    (sight / "night.json").write_text(json.dumps(about), encoding="utf-8")
    said = someone.reads("/console")
    assert "The night of 5 December 2017 was kept back by the guard" in said
    assert "Look at it Level of prices" in said
    assert str(NIGHT) == "2017-12-04"


def test_an_old_night_and_an_old_model_are_told(desk: OpenDesk, tmp_path: Path) -> None:
    someone = desk(Role.VIEWER, clock="fixed:2018-05-01T09:00:00Z")
    lived(tmp_path)
    said = someone.reads("/console")
    assert "The last published night is 148 days old" in said
    assert "The model in use has learnt nothing for 149 days" in said
