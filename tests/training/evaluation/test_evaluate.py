"""A good and a crippled version of one small shop, judged through the command as a data scientist types it."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from threadpoolctl import threadpool_limits
from typer.testing import CliRunner

from models.ground.moment import local_midnight
from models.items.baselines import RULES, BaselineScorer
from models.sources import load, open_data
from models.versions import registry
from models.versions.comparisons import latest_comparison
from tests.training.examples import SMALL
from training.cli import app, main
from training.evaluation import evaluate as evaluating
from training.evaluation.evaluation_page import page as page_of
from training.evaluation.judged_cut import judge_cut
from training.fitting.fit import Fitted, fit
from training.fitting.fit_profile import FitProfile

pytestmark = pytest.mark.long

# Knows what the shop sells most and nothing of the customer; a fit would not publish it.
CRIPPLED = BaselineScorer("popularity", slope=1.0, base=-3.0)
UNTIL = "2024-05-11"


def good_version(workspace: Path, profile: FitProfile = SMALL) -> Fitted:
    moment = local_midnight(date(2024, 4, 24), "UTC")
    return fit(open_data(workspace), moment, "product", profile, 1, lambda *_: None)


def publish(workspace: Path, fitted: Fitted) -> str:
    folder = registry.registry_folder(workspace)
    return registry.publish(folder, fitted.manifest, fitted.rhythm, fitted.affinity, fitted.churn)


@pytest.fixture(scope="module")
def workspace(grocer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluated")
    load(grocer, folder, buckets=2)
    good = good_version(folder)
    registry.promote(registry.registry_folder(folder), publish(folder, good))
    publish(folder, replace(good, affinity=CRIPPLED))
    return folder


def run(workspace: Path, out: Path, *more: str, as_of: str = UNTIL) -> str:
    at = ("--workspace", str(workspace), "--as-of", as_of, "--out", str(out), "--jobs", "1")
    result = CliRunner().invoke(app, ["evaluate", *at, *more], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


@pytest.fixture(scope="module")
def judged(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("evaluation")
    with threadpool_limits(limits=2, user_api="blas"):
        return out, json.loads(run(workspace, out, "--json"))


def good_and_crippled(workspace: Path) -> tuple[str, str]:
    folder = registry.registry_folder(workspace)
    good = str(registry.current_version(folder))
    (crippled,) = (name for name in registry.versions(folder) if name != good)
    return good, crippled


def test_a_crippled_version_is_found_worse_than_the_current_one(
    workspace: Path, judged: tuple[Path, dict[str, Any]]
) -> None:
    good, crippled = good_and_crippled(workspace)
    _, said = judged
    assert (said["version"], said["against"], said["verdict"]) == (crippled, good, "worse")
    assert (said["how"], said["cuts"]) == ("published", ["2024-05-04", "2024-04-27"])
    measures = said["measures"]
    assert measures[crippled]["items bought of six"]["value"] < measures[good]["items bought of six"]["value"]
    assert set(measures) == {crippled, good, *RULES}
    assert list(measures)[:2] == [crippled, good]


def test_promote_refuses_it_with_one_sentence_and_exit_code_3(
    workspace: Path,
    judged: tuple[Path, dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    good, crippled = good_and_crippled(workspace)
    monkeypatch.setattr("sys.argv", ["abonement-train", "promote", crippled, "--workspace", str(workspace)])
    with pytest.raises(SystemExit) as leaving:
        main()
    assert leaving.value.code == 3
    said = capsys.readouterr().err
    assert said.startswith(
        f"Version {crippled} is significantly worse than {good} by evaluation {judged[1]['evaluation']}"
    )
    assert said.count("\n") == 1
    assert registry.current_version(registry.registry_folder(workspace)) == good


def test_what_was_found_is_recorded_beside_the_registry(
    workspace: Path, judged: tuple[Path, dict[str, Any]]
) -> None:
    good, crippled = good_and_crippled(workspace)
    found = latest_comparison(registry.registry_folder(workspace), crippled, good)
    assert found is not None
    assert found.name == judged[1]["evaluation"]
    assert [each.measure for each in found.differences] == ["items bought of six", "log loss"]


def test_the_page_fetches_nothing_and_says_who_was_judged_and_how(
    workspace: Path, judged: tuple[Path, dict[str, Any]]
) -> None:
    good, crippled = good_and_crippled(workspace)
    page = (judged[0] / "evaluation.html").read_text(encoding="utf-8")
    without_namespaces = re.sub(r'xmlns(:xlink)?="[^"]*"', "", page)
    assert not re.findall(r"<script|https?://|url\((?!#)", without_namespaces)
    assert f"{crippled} is significantly worse than {good}" in page
    assert "Judged as published, on 2 weekly cuts" in page
    assert ">Worse</span>" in page
    for title in ("Gains", "Reliability", "What the candidates hold", "How many candidates it takes", "Habitual, occasional and new items", "Where it wins and loses: customers"):  # fmt: skip
        assert f"<h2>{title}" in page


def test_names_are_never_markup(workspace: Path, judged: tuple[Path, dict[str, Any]]) -> None:
    found = evaluating.evaluate(
        open_data(workspace),
        workspace,
        local_midnight(date(2024, 5, 11), "UTC"),
        judged[0],
        version=None,
        against=None,
        cuts=4,
        seed=20171204,
        jobs=1,
        progress=lambda *_: None,
    )
    hostile = "<script>alert('\"&\"')</script>"
    tables = {name: table.replace("frequency", hostile) for name, table in found.findings.tables.items()}
    methods = tuple(hostile if name == "frequency" else name for name in found.findings.methods)
    html = page_of(
        replace(found.findings, tables=tables, methods=methods),
        found.verdict,
        local_midnight(date(2024, 5, 11), "UTC"),
    )
    assert "<script" not in html
    assert '<td class="meaning">&lt;script&gt;alert(' in html


def test_tables_stand_beside_the_page(judged: tuple[Path, dict[str, Any]]) -> None:
    out, said = judged
    kinds = pd.read_csv(out / "kinds.csv")
    assert set(kinds["kind"]) == {"habitual", "occasional", "new"}
    gains = pd.read_csv(out / "gains.csv").groupby("method").last()
    assert gains["lift"].tolist() == pytest.approx([1.0] * (2 + len(RULES)))
    assert len(set(gains["held"])) == 1  # all of them hold the same pairs of all that was bought
    assert 0 < gains["held"].iloc[0] < 1
    measures = pd.read_csv(out / "measures.csv")
    known = measures[measures["value"].notna()]
    assert (known["low"] <= known["value"] + 1e-9).all()
    assert (known["value"] <= known["high"] + 1e-9).all()
    assert json.loads((out / "evaluation.json").read_text())["evaluation"] == said["evaluation"]


def test_an_interrupted_evaluation_goes_on_at_the_cut_where_it_stopped(
    workspace: Path, tmp_path: Path, judged: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[date] = []

    def one_then_interrupted(*arguments: Any) -> dict[str, pd.DataFrame]:
        if done:
            raise KeyboardInterrupt
        return counted(*arguments)

    def counted(*arguments: Any) -> dict[str, pd.DataFrame]:
        tables = judge_cut(*arguments)
        done.append(arguments[3].day)
        return tables

    def evaluate(judge: Callable[..., dict[str, pd.DataFrame]]) -> str:
        monkeypatch.setattr(evaluating, "judge_cut", judge)
        return run(workspace, tmp_path, "--json")

    result = CliRunner()
    monkeypatch.setattr(evaluating, "judge_cut", one_then_interrupted)
    at = ["--workspace", str(workspace), "--as-of", UNTIL, "--out", str(tmp_path), "--jobs", "1"]
    assert result.invoke(app, ["evaluate", *at]).exit_code == 130
    assert done == [date(2024, 5, 4)]
    assert not (tmp_path / "evaluation.html").exists()

    said = json.loads(evaluate(counted))
    assert done == [date(2024, 5, 4), date(2024, 4, 27)]
    assert said["measures"] == judged[1]["measures"]


def test_another_number_of_threads_finds_the_same(
    workspace: Path, judged: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    with threadpool_limits(limits=1, user_api="blas"):
        alone = json.loads(run(workspace, tmp_path, "--json"))
    assert alone["measures"] == judged[1]["measures"]


def test_a_version_without_unseen_weeks_is_replayed(workspace: Path, tmp_path: Path) -> None:
    good, _ = good_and_crippled(workspace)
    said = run(workspace, tmp_path, "--version", good, "--cuts", "1", as_of="2024-04-24")
    assert f"{good} is judged beside the simple rules only" in said
    assert "Replayed on 1 weekly cut, because no weeks are left" in said
    assert f"before every cut the profile of {good} is fitted again as of that day" in said
