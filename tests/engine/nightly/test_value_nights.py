"""Nights by the policy `value`, from a response that was fitted to one that has learnt from them."""

import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from engine.cli import app
from engine.commands.night_summary import learning_cost, learning_line, night_summary
from engine.domain.offer_errors import BadProgramme
from engine.measurement.begun_experiments import start_experiment
from engine.nightly.choosing.policies import named_policy
from engine.nightly.folder.bundle_in_money import bundle_in_money
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.run_differences import NotReproduced
from engine.nightly.verify import verify
from engine.programme import programme_text
from engine.programme.experiment_file import load_experiment
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.schema import bundles
from engine.watch.run_findings import find
from engine.watch.run_page import report
from models.ground.errors import BadInput
from models.ground.moment import parse_moment
from models.response.exposed_weeks import LotSums
from models.response.exposure import LearningState
from models.response.learnt_response import LearntResponse
from models.sources import open_data
from models.versions.response_versions import promote_response, publish_response, response_folder
from tests.engine.nightly.shop_nights import FIRST_NIGHT, SECOND_NIGHT, night, silent, stop_at
from tests.engine.programme.test_experiment_file import PLAN
from training.fitting.response.workspace_response import fit_response

pytestmark = pytest.mark.long

VALUE = (
    programme_text()
    + '\n[policy]\nname = "value"\n[explore]\nfirst_share = 0.5\namount_minor = 2_000_000\nsalt = "first"\n'
)
THIRD_NIGHT = "2024-04-14"
ACCEPTED = ("empty_bundles", "expected_cost", "mean_depth")


def respond(workspace: Path, day: str, jobs: int = 1) -> LearntResponse:
    manifest, learnt = fit_response(workspace, open_data(workspace), parse_moment(day, "UTC"), jobs, silent)
    folder = response_folder(workspace)
    promote_response(folder, publish_response(folder, manifest, learnt))
    return learnt


@pytest.fixture(scope="module")
def workspace(opened_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Path(shutil.copytree(opened_shop, tmp_path_factory.mktemp("value") / "workspace"))
    respond(made, FIRST_NIGHT)
    night(made, FIRST_NIGHT, programme=VALUE, accepted=ACCEPTED)
    respond(made, SECOND_NIGHT)
    night(made, SECOND_NIGHT, programme=VALUE, accepted=ACCEPTED)
    return made


def manifest(workspace: Path, day: str) -> dict[str, Any]:
    return RunFolder.of(workspace, f"{day}.1").manifest()


def test_without_a_response_a_sentence_says_what_to_do_and_nothing_is_written(
    opened_shop: Path, tmp_path: Path
) -> None:
    made = Path(shutil.copytree(opened_shop, tmp_path / "workspace"))

    with pytest.raises(BadInput, match=r"no response is in use: `abonement-train fit --response"):
        night(made, FIRST_NIGHT, programme=VALUE)
    assert not list(made.glob("runs/*"))


def test_a_programme_that_says_no_price_for_learning_is_not_run_by_value(opened_shop: Path) -> None:
    with pytest.raises(BadProgramme, match=r"does not say what that may cost: write policy.name"):
        night(opened_shop, FIRST_NIGHT, policy=named_policy("value"))


def test_a_night_says_where_learning_stands_and_what_tonight_may_lose(workspace: Path) -> None:
    first, second = (manifest(workspace, day)["learning"] for day in (FIRST_NIGHT, SECOND_NIGHT))

    assert (first["state"], first["share"], first["spent_minor"]) == ("exploring", 0.5, 0.0)
    assert 0 < first["by_lot"] <= first["exposed"] < first["asked"]
    assert first["cost_minor"] > 0
    assert first["at_most_minor"] > 0
    assert (first["paying"], first["paying_at_most_minor"]) == (0, 0.0)
    assert second["spent_minor"] == pytest.approx(first["cost_minor"])
    said = f"{first['exposed']} of {first['asked']} asked are exposed (at most 50.0%)"
    assert said in learning_line(first, "EUR")
    assert "0.00 of 20,000.00 EUR for learning is spent, 20,000.00 left" in learning_line(first, "EUR")
    assert "what these may cost, of 20,000.00" in report(find(workspace, f"{FIRST_NIGHT}.1"))


def test_what_tonight_may_lose_is_told_before_anything_is_published(
    opened_shop: Path, tmp_path: Path
) -> None:
    made = Path(shutil.copytree(opened_shop, tmp_path / "workspace"))
    respond(made, FIRST_NIGHT)
    told: list[dict[str, Any]] = []

    with pytest.raises(KeyboardInterrupt):
        night(
            made,
            FIRST_NIGHT,
            programme=VALUE,
            accepted=ACCEPTED,
            progress=stop_at("publishing"),
            tell_learning=told.append,
        )

    assert [(one["sum_minor"], one["spent_minor"]) for one in told] == [(2_000_000.0, 0.0)]
    assert told[0]["cost_minor"] > 0


def test_a_sum_that_tonight_may_exceed_is_said_to_be_too_small() -> None:
    learning = {"cost_minor": 900.0, "spent_minor": 9_500.0, "sum_minor": 10_000}

    assert learning_cost(learning, "EUR") == (
        "tonight's lots may cost 9.00 EUR; 95.00 of 100.00 EUR for learning is spent, 5.00 left, less than tonight "
        "may cost"
    )


def test_what_bundles_that_surely_pay_may_lose_is_told_beside_the_sum() -> None:
    learning = {
        "cost_minor": 900.0,
        "spent_minor": 0.0,
        "sum_minor": 10_000,
        "paying_at_most_minor": 12_340.0,
    }

    assert learning_cost(learning, "EUR") == (
        "tonight's lots may cost 9.00 EUR; 0.00 of 100.00 EUR for learning is spent, 100.00 left; beside it, bundles that "
        "surely pay by what is believed lose 123.40 EUR should they bring nobody"
    )


def test_a_night_by_value_is_proved_by_the_response_that_it_was_told_of(workspace: Path) -> None:
    with closing(open_store(store_url_in(workspace))) as store:
        proof = verify(workspace, f"{FIRST_NIGHT}.1", store, jobs=1, progress=silent)
    assert proof.stored == proof.bundles > 0

    version = manifest(workspace, FIRST_NIGHT)["response"]
    file = response_folder(workspace) / "versions" / version / "response.json"
    kept = file.read_text(encoding="utf-8")
    file.write_text(kept.replace("0.3", "0.2"), encoding="utf-8")
    try:
        with (
            closing(open_store(store_url_in(workspace))) as store,
            pytest.raises(NotReproduced, match=r"does not match the checksum"),
        ):
            verify(workspace, f"{FIRST_NIGHT}.1", store, jobs=1, progress=silent)
    finally:
        file.write_text(kept, encoding="utf-8")


def test_a_response_learns_from_the_nights_before_it_and_from_nothing_else(workspace: Path) -> None:
    data, at = open_data(workspace), parse_moment(SECOND_NIGHT, "UTC")
    about, learnt = fit_response(workspace, data, at, 1, silent)
    before, prior = fit_response(workspace, data, parse_moment(FIRST_NIGHT, "UTC"), 1, silent)

    assert prior.sums == LotSums.nothing()
    assert (before.data["lot_nights"], prior.exposure) == (0, None)
    assert about.data["lot_nights"] == 1
    assert learnt.sums.expected > 10
    assert learnt.effects.covariance[0][0] < prior.effects.covariance[0][0]
    assert learnt.exposure is not None
    # what fifty customers could teach is worth less than it may cost
    assert learnt.exposure.state is LearningState.STOPPED
    assert [one["night"] for one in about.data["learning"]] == [f"{FIRST_NIGHT}.1", "next"]
    assert LearntResponse.read(learnt.as_dict()) == learnt


def test_a_response_may_be_asked_for_within_a_day(workspace: Path) -> None:
    data, evening = open_data(workspace), parse_moment("2024-04-06T18:00:00Z", "UTC")

    _, learnt = fit_response(workspace, data, evening, 1, silent)

    assert learnt.sums.expected > 0


def test_a_night_made_again_teaches_what_those_did_who_had_used_their_offers(
    workspace: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(workspace, tmp_path / "workspace"))
    data, at = open_data(copy), parse_moment(SECOND_NIGHT, "UTC")
    _, before = fit_response(copy, data, at, 1, silent)
    with closing(open_store(store_url_in(copy))) as store, store.writing() as connection:
        connection.execute(update(bundles).where(bundles.c.bundle_no % 2 == 0).values(touched_us=1))
    respond(copy, FIRST_NIGHT)
    night(copy, FIRST_NIGHT, programme=VALUE, accepted=ACCEPTED)

    kept = set(pd.read_parquet(copy / "runs" / f"{FIRST_NIGHT}.1" / "kept.parquet")["customer_id"])
    _, after = fit_response(copy, data, at, 1, silent)

    again = pd.concat(pd.read_parquet(file) for file in RunFolder.of(copy, f"{FIRST_NIGHT}.2").slot_files())
    assert kept
    assert kept.isdisjoint(again["customer_id"])
    assert after.sums.expected == pytest.approx(before.sums.expected)


def test_a_night_that_was_rolled_back_teaches_nothing(workspace: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(workspace, tmp_path / "workspace"))
    data, at = open_data(copy), parse_moment(SECOND_NIGHT, "UTC")
    words = ["runs", "rollback", f"{FIRST_NIGHT}.1", "--workspace", str(copy)]
    assert CliRunner().invoke(app, words).exit_code == 0

    about, learnt = fit_response(copy, data, at, 1, silent)

    assert (about.data["lot_nights"], about.data["learning"]) == (0, [])
    assert learnt.sums == LotSums.nothing()


def test_a_budget_that_is_smaller_than_the_lots_gives_as_many_of_them_as_there_is_room_for(
    opened_shop: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(opened_shop, tmp_path / "workspace"))
    respond(copy, FIRST_NIGHT)
    small = VALUE.replace("amount_minor = 600_000", "amount_minor = 200")
    assert small != VALUE

    run = night(copy, FIRST_NIGHT, programme=small, accepted=ACCEPTED)

    budget, learning = run.manifest["budget"], run.manifest["learning"]
    assert 0 < budget["planned_milli"] <= budget["allowance_milli"] < budget["wanted_milli"]
    assert 0 < budget["lots_bp"] < 10_000
    assert run.manifest["result"]["bundles"] > 0
    assert learning["share"] == pytest.approx(0.5 * budget["lots_bp"] / 10_000)
    assert "the budget has room for" in night_summary(run, "EUR", 180)
    with closing(open_store(store_url_in(copy))) as store:
        assert verify(copy, run.run_id, store, jobs=1, progress=silent).stored > 0


def test_an_analyst_is_told_what_a_bundle_is_worth_and_what_those_who_got_none_would_have_had(
    workspace: Path,
) -> None:
    folder = RunFolder.of(workspace, f"{FIRST_NIGHT}.1")
    for shadow, files in ((False, folder.slot_files()), (True, folder.shadow_files())):
        name = pd.concat([pd.read_parquet(file) for file in files])["customer_id"].iloc[0]
        worth = bundle_in_money(workspace, folder, name, shadow=shadow)

        assert worth is not None
        for part in ("own_gain_minor", "visits_minor"):
            assert sum(slot[part] for slot in worth["slots"]) == pytest.approx(worth[part], abs=1e-3)
        assert all(one["gain_changed_minor"] is not None for one in worth["slots"][0]["otherwise"])
        assert all(0 < slot["p_buy"] < slot["p_buy_offer"] < 1 for slot in worth["slots"])


def test_an_arm_by_another_policy_is_compared_with_value_and_teaches_it_nothing(
    workspace: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(workspace, tmp_path / "workspace"))
    file = tmp_path / "plain.toml"
    file.write_text(PLAN + 'programme.policy.name = "depth_rule"\n', encoding="utf-8")
    with closing(open_store(store_url_in(copy))) as store:
        start_experiment(store, load_experiment(file), parse_moment(THIRD_NIGHT, "UTC"))

    run = night(copy, THIRD_NIGHT, programme=VALUE, accepted=[*ACCEPTED, "data_age", "recent_lines"])

    folder = RunFolder.of(copy, run.run_id)
    people = pd.concat([pd.read_parquet(file) for file in folder.outcome_files()])
    cells = pd.concat([pd.read_parquet(folder.arms(bucket)) for bucket in range(2)])
    asked = people[people["p_exposed"].notna() & (people["arm"] == "treated")]
    plain = asked["customer_id"].isin(cells.loc[cells["cell"] == "deeper=quarter", "customer_id"])
    assert 0 < plain.sum() < len(asked)
    assert run.manifest["learning"]["asked"] == (~plain).sum()
    respond(copy, "2024-04-22")
