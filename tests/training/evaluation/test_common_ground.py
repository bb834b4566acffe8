"""Easy candidates that nobody buys must make no version look better, nor the one beside it worse."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.items.candidates import CandidateLimits
from models.sources import load
from tests.training.evaluation.test_evaluate import CRIPPLED, good_version, publish, run
from tests.training.examples import SMALL
from training.evaluation import outcomes
from training.evaluation.common_ground import on_common_ground
from training.evaluation.outcomes import Scored
from training.fitting.fit import Fitted

pytestmark = pytest.mark.long

LEAN = replace(SMALL, limits=CandidateLimits(own_history=20, family=2, popular=5, rising=0))
PADDED = CandidateLimits(own_history=60, family=60, family_items=60, popular=200, rising=60)


def scored(method: str, rows: list[tuple[int, int, float, bool]], customers: list[int]) -> Scored:
    """Rows are customer, item, chance, whether bought; customer 1 bought items 10 and 99 in all, customer 2 item 10."""
    table = pd.DataFrame(rows, columns=["customer_no", "item_no", "p", "bought"])
    table = table.assign(kind="new", family="DAIRY", sources=1)
    truth = pd.DataFrame({"customer_no": [1, 1, 2], "item_no": [10, 99, 10], "kind": "new"})
    return Scored(method, outcomes.ranked(table), truth, np.array(customers), np.array([1, 2]))


LEAN_ROWS = [(1, 10, 0.5, True), (1, 11, 0.2, False)]


def test_log_loss_is_over_the_pairs_that_everybody_proposed() -> None:
    easy = [(1, item, 0.001, False) for item in range(20, 60)]
    lean, padded = (
        outcomes.measures(each).query("kind == 'all'").set_index("customer_no")
        for each in on_common_ground(
            [scored("lean", LEAN_ROWS, [1]), scored("padded", LEAN_ROWS + easy, [1])]
        )
    )
    assert lean.loc[1, "rows"] == padded.loc[1, "rows"] == 2
    assert lean.loc[1, "loss"] == padded.loc[1, "loss"] == pytest.approx(-np.log(0.5 * 0.8))


def test_gains_bins_and_the_best_tenth_are_of_the_same_pairs() -> None:
    easy = [(1, item, 0.001, False) for item in range(20, 60)]
    ground = [scored("lean", LEAN_ROWS, [1]), scored("padded", LEAN_ROWS + easy, [1])]
    for method in on_common_ground(ground):
        assert outcomes.gains(method)["rows"].sum() == 2
        assert outcomes.gains(method)["wanted"].unique().tolist() == [2]
        assert outcomes.bins(method)["rows"].sum() == 2
        assert not outcomes.slots(method)["top_decile"].any()  # a tenth of two pairs is none


def test_what_a_method_did_not_propose_is_missed() -> None:
    wide = [*LEAN_ROWS, (1, 99, 0.1, True), (2, 10, 0.3, True)]
    lean, wider = (
        outcomes.measures(each).query("kind == 'all'").set_index("customer_no")
        for each in on_common_ground([scored("lean", LEAN_ROWS, [1]), scored("wide", wide, [1, 2])])
    )
    assert lean["missed"].tolist() == [1, 1]  # customer 2 had no candidates at all, and came
    assert wider["missed"].tolist() == [0, 0]
    assert lean["shopper"].tolist() == wider["shopper"].tolist() == [1, 1]
    assert lean["items"].tolist() == [1, 0]


def published(workspace: Path, one: Fitted, limits: CandidateLimits) -> str:
    manifest = replace(one.manifest, limits=limits, parameters=asdict(replace(LEAN, limits=limits)))
    return publish(workspace, replace(one, manifest=manifest))


@pytest.fixture(scope="module")
def lean_and_padded(grocer: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str, str]:
    """The workspace; a good version, its twin with easy candidates, and a crippled one with easy candidates."""
    folder = tmp_path_factory.mktemp("padded")
    load(grocer, folder, buckets=2)
    good = good_version(folder, LEAN)
    lean, twin = published(folder, good, LEAN.limits), published(folder, good, PADDED)
    crippled = published(folder, replace(good, affinity=CRIPPLED), PADDED)
    return folder, lean, twin, crippled


def test_a_version_padded_with_easy_candidates_is_no_better_and_its_twin_no_worse(
    lean_and_padded: tuple[Path, str, str, str], tmp_path: Path
) -> None:
    folder, lean, twin, _ = lean_and_padded
    for judged, against in ((twin, lean), (lean, twin)):
        said = json.loads(run(folder, tmp_path, "--version", judged, "--against", against, "--json"))
        loss = next(each for each in said["deciding"] if each["measure"] == "log loss")
        assert (loss["value"], loss["worse"]) == (0, False)
    measures = said["measures"]
    assert measures[twin]["purchases missed"]["value"] < measures[lean]["purchases missed"]["value"]
    assert measures[twin]["log loss"] == measures[lean]["log loss"]


def test_easy_candidates_do_not_hide_that_a_version_is_worse(
    lean_and_padded: tuple[Path, str, str, str], tmp_path: Path
) -> None:
    folder, lean, _, crippled = lean_and_padded
    said = json.loads(run(folder, tmp_path, "--version", crippled, "--against", lean, "--json"))
    assert said["verdict"] == "worse"
    loss = next(each for each in said["deciding"] if each["measure"] == "log loss")
    assert (loss["value"] > 0, loss["worse"]) == (True, True)
