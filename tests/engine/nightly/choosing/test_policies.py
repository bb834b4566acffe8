"""A policy of somebody else's: chosen in the programme, found, run, verified, and told from another of its name."""

import shutil
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.domain.offer_errors import BadProgramme
from engine.nightly.choosing.offer_options import Options
from engine.nightly.choosing.policies import chosen_policy, named_policy, policy_of
from engine.nightly.choosing.policy import Policy, Valuation, depth_rule
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.run_differences import NotReproduced
from engine.nightly.verify import Proof, verify
from engine.programme import parse_programme, programme_text
from engine.settings import store_url_in
from engine.store import open_store
from models.ground.errors import BadInput
from tests.engine.nightly.distributions import FLAT, install
from tests.engine.nightly.shop_nights import FIRST_NIGHT, night, silent, stop_at

RUN = f"{FIRST_NIGHT}.1"
FLAT_CHOSEN = '\n[policy]\nname = "flat"\n[policy.parameters]\ndepth_bp = 1500\n'


def value(options: Options, *, depth_bp: int) -> Valuation:
    worth = np.where(options.depths_bp == depth_bp, options.p_buy[:, None], -np.inf)
    return Valuation(worth, np.ones_like(worth))


def flat(depth_bp: int) -> Policy:
    return Policy("flat", value, frozenset({"depths_bp", "p_buy"}), {"depth_bp": depth_bp})


@pytest.fixture
def workspace(opened_shop: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(opened_shop, tmp_path / "workspace"))


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from which distributions are found."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def proof(workspace: Path, policy: Policy | None = None) -> Proof:
    with closing(open_store(store_url_in(workspace))) as store:
        return verify(workspace, RUN, store, jobs=1, progress=silent, policy=policy)


def published_depths(workspace: Path) -> set[int]:
    files = RunFolder.of(workspace, RUN).slot_files()
    return {depth for file in files for depth in pd.read_parquet(file)["discount_bp"].tolist()}


@pytest.mark.long
def test_a_night_planned_by_one_policy_is_not_published_by_another_of_its_name(workspace: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        night(workspace, FIRST_NIGHT, policy=flat(1000), progress=stop_at("settling"))
    done = night(workspace, FIRST_NIGHT, policy=flat(2000))
    assert (done.resumed_buckets, published_depths(workspace)) == (0, {2000})
    assert done.manifest["policy"] == "flat"
    assert proof(workspace, flat(2000)).bundles == done.manifest["result"]["bundles"]
    with pytest.raises(
        NotReproduced, match=r"The run was made by policy flat in another version, [0-9a-f]{12}, this is "
    ):
        proof(workspace, flat(1000))


def test_a_policy_by_its_name_alone_is_not_taken_for_the_runs_own(workspace: Path) -> None:
    night(workspace, FIRST_NIGHT, policy=flat(1000))
    with pytest.raises(NotReproduced, match=r"The run was made by policy flat, this is depth_rule\.$"):
        proof(workspace, depth_rule)


def test_a_policy_of_an_installed_distribution_is_chosen_run_and_verified(
    workspace: Path, installed: Path
) -> None:
    install(installed)
    done = night(workspace, FIRST_NIGHT, rules=FLAT_CHOSEN)
    assert (done.manifest["policy"], published_depths(workspace)) == ("flat", {1500})
    assert proof(workspace).notes == ()


@pytest.mark.long
def test_a_distribution_that_was_updated_plans_anew_and_is_named_by_verify(
    workspace: Path, installed: Path
) -> None:
    install(installed)
    with pytest.raises(KeyboardInterrupt):
        night(workspace, FIRST_NIGHT, rules=FLAT_CHOSEN, progress=stop_at("settling"))
    install(installed, source=FLAT.replace("options.p_buy[:, None]", "1 - options.p_buy[:, None]"))
    done = night(workspace, FIRST_NIGHT, rules=FLAT_CHOSEN)
    assert done.resumed_buckets == 0
    install(installed)
    with pytest.raises(NotReproduced, match="The run was made by policy flat in another version, "):
        proof(workspace)


def test_a_new_version_that_gives_the_same_is_a_note(workspace: Path, installed: Path) -> None:
    install(installed)
    night(workspace, FIRST_NIGHT, rules=FLAT_CHOSEN)
    install(installed, source=FLAT + "# a comment\n")
    (note,) = proof(workspace).notes
    assert note.startswith("the run was made by policy flat in another version, ")


def test_a_run_whose_policy_is_not_installed_any_more_says_what_to_do(
    workspace: Path, installed: Path
) -> None:
    package = install(installed)
    night(workspace, FIRST_NIGHT, rules=FLAT_CHOSEN)
    shutil.rmtree(package)
    shutil.rmtree(installed / "acme_offers-1.0.dist-info")
    with pytest.raises(
        BadInput, match=r"made by policy flat, which is not to be had here\. .* install the distrib"
    ):
        proof(workspace)


def test_a_shipped_policy_takes_its_parameters_from_the_programme() -> None:
    rules = '\n[policy]\nname = "depth_rule"\n[policy.parameters]\nhigh_churn = 1\n'
    chosen = policy_of(parse_programme(programme_text() + rules, "x"))
    assert chosen.parameters == {"high_churn": 1.0, "uncertain_below": 0.05, "shallow_loss": 0.2}


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (
            FLAT_CHOSEN.replace('"flat"', '"flet"'),
            r"There is no policy 'flet': shipped are depth_rule, no_offers, pull, value, installed distributions give flat, odd\. ",
        ),
        (
            FLAT_CHOSEN.replace("depth_bp", "deep"),
            r"policy.parameters.deep is not a parameter of the policy 'flat'",
        ),
        ('\n[policy]\nname = "odd"\n', r"policy 'odd' needs 'weather', which a night does not know"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_before_the_night_begins(
    workspace: Path, installed: Path, rules: str, message: str
) -> None:
    odd = '\nodd = Policy("odd", _flat, frozenset({"weather"}))\n'
    install(installed, entries="flat = {name}:flat\nodd = {name}:odd", source=FLAT + odd)
    with pytest.raises((BadProgramme, BadInput), match=message):
        night(workspace, FIRST_NIGHT, rules=rules)
    assert not (workspace / "runs").exists()


@pytest.mark.parametrize("name", ["flat", "_flat"])
def test_a_policy_or_its_function_is_pointed_at_and_the_run_verified(
    workspace: Path, installed: Path, name: str
) -> None:
    (installed / "acme_loose.py").write_text(FLAT.replace("*, depth_bp)", "*, depth_bp=1000)"))
    rules = FLAT_CHOSEN.replace('"flat"', f'"acme_loose:{name}"')
    done = night(workspace, FIRST_NIGHT, rules=rules)
    assert (done.manifest["policy"], published_depths(workspace)) == (f"acme_loose:{name}", {1500})
    assert proof(workspace).notes == ()
    sys.modules.pop("acme_loose")


def test_a_policy_asked_for_by_name_takes_the_place_of_the_programmes(installed: Path) -> None:
    install(installed)
    programme = parse_programme(programme_text() + FLAT_CHOSEN, "x")
    assert chosen_policy(programme, None).parameters == {"depth_bp": 1500}
    assert chosen_policy(programme, "flat").parameters == {"depth_bp": 1500}
    assert chosen_policy(programme, "acme_offers:flat").parameters == {"depth_bp": 1000}
    assert chosen_policy(programme, "no_offers").name == "no_offers"


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("acme_nowhere:flat", r"'acme_nowhere:flat' cannot be loaded \(ModuleNotFoundError: .* PYTHONPATH"),
        ("acme_offers:gone", r"'acme_offers:gone' cannot be loaded \(AttributeError: "),
        ("acme_offers:np", r"Expected a policy, or the function of one, at acme_offers:np, found a module"),
        ("acme_offers:_flat", r"whose other arguments have defaults, at .*found \(options, \*, depth_bp\)"),
    ],
)
def test_what_is_pointed_at_and_is_no_policy_is_refused(
    installed: Path, reference: str, message: str
) -> None:
    install(installed)
    with pytest.raises(BadProgramme, match=message):
        named_policy(reference)


def test_a_name_that_two_distributions_give_is_refused(installed: Path) -> None:
    install(installed, "acme_one")
    install(installed, "acme_two")
    with pytest.raises(
        BadProgramme, match=r"'flat' is given by acme_one 1\.0 and acme_two 1\.0; keep one of them"
    ):
        named_policy("flat")


def test_a_distribution_cannot_take_the_name_of_a_shipped_policy(installed: Path) -> None:
    install(installed, entries="depth_rule = {name}:flat")
    with pytest.raises(
        BadProgramme, match=r"'depth_rule' is given by this version itself and acme_offers 1\.0"
    ):
        named_policy("depth_rule")


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (
            "flat = {name}:gone",
            r"policy 'flat' of acme_offers 1\.0 cannot be loaded \(AttributeError: .*gone",
        ),
        (
            "flat = {name}:_flat",
            r"Expected a policy called 'flat' at acme_offers:_flat .*, found a function; correct",
        ),
        (
            "even = {name}:flat",
            r"Expected a policy called 'even' at acme_offers:flat .*, found the policy 'flat'",
        ),
    ],
)
def test_an_entry_point_that_gives_no_policy_is_refused(installed: Path, entries: str, message: str) -> None:
    install(installed, entries=entries)
    with pytest.raises(BadProgramme, match=message):
        named_policy(entries.partition(" ")[0])


def test_a_distribution_is_not_loaded_unless_it_is_named(installed: Path) -> None:
    install(installed, source="raise RuntimeError")
    assert named_policy("depth_rule") is depth_rule
