"""The closed loop end to end, small: 120 households, two nights, the engine's own night and till."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from engine.nightly.run_differences import NotReproduced
from engine.nightly.verify import verify
from engine.store import open_store
from engine.store.log.exported_log import redeemed_lines
from models.ground.durable import discard
from models.ground.errors import BadInput
from models.tables import REDEMPTION_LOG
from models.versions.response_versions import response_folder, response_manifest, response_versions
from tests.training.simulator.conftest import SMALL, changed
from training.cli import app
from training.simulator.loop.learner import with_memory
from training.simulator.loop.simulation_start import SimulationPlan
from training.simulator.loop.weeks import AFTER_WEEKS, RunOutcome, learner_of_week, simulate
from training.simulator.oracle.oracle import Oracle
from training.simulator.scores.lived import Lived
from training.simulator.world.world import World
from training.simulator.world.world_files import load_world

pytestmark = pytest.mark.long

WEEKS = 2


def plan(out: Path, policy: str) -> SimulationPlan:
    """A run in a calibrated world of few families."""
    parameters = changed(load_world("calibrated"), SMALL)
    return SimulationPlan(parameters, policy, WEEKS, customers=120, seed=3, out=out, jobs=1)


def silent(_what: str, _done: int, _total: int) -> None:
    pass


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("simulated")


@pytest.fixture(scope="module")
def shipped(out: Path) -> RunOutcome:
    return simulate(plan(out, "shipped"), silent)


def test_weeks_with_nights_are_followed_by_weeks_without(shipped: RunOutcome) -> None:
    assert shipped.lived.weeks == shipped.without.weeks == WEEKS + AFTER_WEEKS
    assert sorted(shipped.lived.offers["first_day"].unique()) == [0, 7]


def test_till_and_world_take_the_same_off_every_line(shipped: RunOutcome) -> None:
    assert shipped.lived.lines["personal_minor"].sum() > 0
    assert shipped.facts["disagreements"] == 0


def test_what_the_world_lived_is_what_the_store_has_booked(out: Path, shipped: RunOutcome) -> None:
    store = open_store(f"sqlite:///{plan(out, 'shipped').folder / 'workspace' / 'store.db'}", must_exist=True)
    try:
        discount = REDEMPTION_LOG.names.index("discount_minor")
        booked = sum(line[discount] for line in redeemed_lines(store))
    finally:
        store.close()
    assert booked == shipped.lived.lines["personal_minor"].sum()


def test_before_its_first_offer_a_household_lives_as_it_does_without_any(shipped: RunOutcome) -> None:
    first = shipped.lived.offers.groupby("household")["first_day"].min()

    def before(run: Lived) -> np.ndarray:
        until = run.lines["household"].map(first).fillna(run.weeks * 7)
        early = run.lines[run.lines["day"] < until]
        return early[["household", "day", "product", "units", "margin_minor"]].to_numpy()

    assert len(before(shipped.lived)) > 0
    assert np.array_equal(before(shipped.lived), before(shipped.without))


def test_an_offer_is_used_once(shipped: RunOutcome) -> None:
    used = shipped.lived.lines[shipped.lived.lines["personal_minor"] > 0]
    assert not used["offer_no"].duplicated().any()


def test_a_run_that_was_stopped_goes_on_after_its_last_whole_week(out: Path, shipped: RunOutcome) -> None:
    stopped = plan(out, "top_affinities")

    def stop(what: str, done: int, _total: int) -> None:
        if (what, done) == (stopped.policy, 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(stopped, stop)
    resumed = simulate(stopped, silent).lived
    discard(stopped.folder)
    whole = simulate(stopped, silent).lived
    assert shipped.lived.households == resumed.households
    assert resumed.lines.equals(whole.lines)
    assert resumed.offers.equals(whole.offers)


def test_another_world_of_the_same_name_is_not_taken_for_this_one(out: Path, shipped: RunOutcome) -> None:
    other = plan(out, "shipped")
    other = replace(other, parameters=other.parameters.model_copy(update={"unidentified": "nothing"}))
    assert shipped.facts["world"] == other.parameters.name
    with pytest.raises(BadInput, match="another world that is called calibrated"):
        simulate(other, silent)


def test_the_command_takes_a_world_as_a_file_and_answers_with_its_ranking(
    out: Path, shipped: RunOutcome
) -> None:
    file = out / "mine.toml"
    unidentified = json.dumps(plan(out, "shipped").parameters.unidentified)
    file.write_text(
        f'like = "calibrated"\nname = "calibrated"\nunidentified = {unidentified}\n'
        "[assortment]\nfamilies = 12\nproducts_per_family = 5.0\n"
    )
    arguments = [
        "--world",
        str(file),
        "--policy",
        "shipped",
        "--weeks",
        "2",
        "--customers",
        "120",
        "--seed",
        "3",
    ]
    result = CliRunner().invoke(
        app, ["simulate", *arguments, "--out", str(out), "--json"], catch_exceptions=False
    )
    answered = json.loads(result.stdout)
    assert answered["policies"]["shipped"]["run"] == shipped.facts
    assert "calibrated" in (out / "index.html").read_text()


def test_a_run_by_an_own_policy_is_not_taken_up_by_another_version_of_it(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    half = "import numpy as np\nfrom engine.nightly.choosing.policy import Valuation\ndef half(options, *, share=0.5):\n"
    half += "    worth = np.tile(share * options.p_buy[:, None], (1, len(options.depths_bp)))\n"
    half += "    return Valuation(worth, np.ones_like(worth))\n"
    module = tmp_path / "acme_halves.py"
    module.write_text(half)
    mine = plan(out, "acme_halves:half")
    lived = simulate(mine, silent)
    assert (lived.facts["policy"], len(lived.lived.offers) > 0) == ("acme_halves:half", True)
    module.write_text(half + "# changed\n")
    with pytest.raises(BadInput, match="begun by policy acme_halves:half in another version, "):
        simulate(mine, silent)


LEARNER = "tests.training.simulator.loop.taught:Counting"


@pytest.fixture(scope="module")
def stopped_learner(out: Path) -> SimulationPlan:
    """A run by a policy that learns, stopped after its first week."""
    stopped = plan(out, LEARNER)

    def stop(what: str, done: int, _total: int) -> None:
        if (what, done) == (LEARNER, 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(stopped, stop)
    return stopped


def test_a_policy_that_learns_goes_on_from_what_it_remembered(stopped_learner: SimulationPlan) -> None:
    first = stopped_learner.folder / "weeks" / "00"
    facts, kept = first / "memory" / "facts.json", json.loads((first / "week.json").read_text())
    true = facts.read_text()
    facts.write_text(true.replace('"weeks": 1', '"weeks": 2'))
    with pytest.raises(BadInput, match="it was changed since"):
        simulate(stopped_learner, silent)
    facts.write_text(true)
    resumed = simulate(stopped_learner, silent).lived
    remembered = learner_of_week(stopped_learner, WEEKS)
    assert remembered is not None
    assert kept["memory"] == json.loads(true)["digest"]
    assert remembered.memory().facts == {"weeks": WEEKS}
    assert remembered.memory().arrays["uses"].sum() == (resumed.lines["personal_minor"] > 0).sum()
    discard(stopped_learner.folder)
    whole = simulate(stopped_learner, silent).lived
    assert resumed.lines.equals(whole.lines)
    assert resumed.offers.equals(whole.offers)


def test_a_night_by_a_policy_that_learns_is_proved_with_what_it_remembered_then(
    stopped_learner: SimulationPlan, world: World
) -> None:
    simulate(stopped_learner, silent)
    workspace = stopped_learner.folder / "workspace"
    (run_id,) = [
        run.name for run in (workspace / "runs").iterdir() if "0109" in run.name or "01-09" in run.name
    ]
    then, later = (learner_of_week(stopped_learner, week) for week in (1, WEEKS))
    assert then is not None
    assert later is not None
    with stopped_learner.premises(workspace).open_store() as store:
        oracle = Oracle(world, 0)
        policy = with_memory(then(1, oracle), then.memory())
        proof = verify(workspace, run_id, store, jobs=1, progress=silent, policy=policy)
        assert proof.bundles > 0
        assert proof.notes == ()
        with pytest.raises(NotReproduced):
            verify(
                workspace,
                run_id,
                store,
                jobs=1,
                progress=silent,
                policy=with_memory(later(1, oracle), later.memory()),
            )


def test_what_learns_and_cannot_be_asked_for_its_memory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="with learn, memory and recall, found "):
        simulate(plan(tmp_path, "tests.training.simulator.loop.taught:Forgetful"), silent)


@pytest.mark.parametrize("name", ["without", "../shipped", "acme/flat", ""])
def test_a_policy_whose_run_would_lie_in_anothers_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="There can be no run by a policy called "):
        simulate(plan(tmp_path, name), silent)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_policy_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"There is no policy 'best'.* simulator's own are no_offers, "):
        simulate(plan(tmp_path, "best"), silent)


def test_value_fits_its_response_before_each_night_and_goes_on_learning_where_it_was_stopped(
    out: Path,
) -> None:
    learning = plan(out, "value")

    def stop(what: str, done: int, _total: int) -> None:
        if (what, done) == (learning.policy, 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(learning, stop)
    lived = simulate(learning, silent).lived

    workspace = learning.folder / "workspace"
    folder = response_folder(workspace)
    versions = [response_manifest(folder, version) for version in response_versions(folder)]
    assert [version["data"]["lot_nights"] for version in versions] == [0, 1]
    first, second = (
        json.loads(file.read_text(encoding="utf-8"))
        for file in sorted((workspace / "runs").glob("*/manifest.json"))
    )
    assert (first["learning"]["spent_minor"], first["response"]) == (0.0, versions[0]["version"])
    # reckoned again by what is believed now, and counted where that is worse than what was booked
    assert second["learning"]["spent_minor"] >= first["learning"]["cost_minor"] > 0
    assert second["response"] == versions[1]["version"]
    assert lived.offers["household"].nunique() == first["learning"]["exposed"] + second["learning"]["exposed"]
    store = open_store(f"sqlite:///{workspace / 'store.db'}", must_exist=True)
    try:
        proof = verify(workspace, second["run_id"], store, jobs=1, progress=silent)
    finally:
        store.close()
    assert proof.stored == proof.bundles
