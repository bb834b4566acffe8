from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from engine.nightly.choosing.offer_options import Options
from engine.nightly.choosing.policy import Policy, Valuation, depth_rule
from engine.nightly.choosing.policy_fingerprint import fingerprint
from models.ground.errors import BadInput
from tests.engine.nightly.distributions import install


def flat(options: Options, *, depth_bp: int = 1000) -> Valuation:
    worth = np.where(options.depths_bp == depth_bp, 1.0, -np.inf)
    return Valuation(worth, np.ones_like(worth))


def flat_at(depth_bp: int) -> Policy:
    def value(options: Options) -> Valuation:
        return flat(options, depth_bp=depth_bp)

    return Policy("flat", value, frozenset({"depths_bp"}))


def test_a_policy_is_the_same_as_long_as_nothing_of_it_changes() -> None:
    assert fingerprint(depth_rule) == fingerprint(depth_rule.with_parameters({"high_churn": 0.3}))


def test_name_parameters_and_state_each_make_another_policy() -> None:
    policy = Policy("flat", flat, frozenset({"depths_bp"}), {"depth_bp": 1000})
    others = (
        replace(policy, name="even"),
        policy.with_parameters({"depth_bp": 2000}),
        replace(policy, state="model 7"),
    )
    assert len({fingerprint(one) for one in (policy, *others)}) == 4


@pytest.mark.parametrize("edited", ["__init__.py", "weights.json"])
def test_any_file_of_an_installed_policys_package_makes_another_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edited: str
) -> None:
    package = install(tmp_path, "acme_edited")
    (package / "weights.json").write_text("[1, 2]")
    monkeypatch.syspath_prepend(str(tmp_path))
    policy = import_module("acme_edited").flat
    before = fingerprint(policy)
    with (package / edited).open("a") as file:
        file.write("\n")
    assert fingerprint(policy) != before


def test_what_a_function_holds_in_secret_is_refused_unless_its_state_is_told() -> None:
    with pytest.raises(
        BadInput, match=r"policy 'flat' holds depth_bp, which its fingerprint cannot see; make param"
    ):
        fingerprint(flat_at(1000))
    with pytest.raises(BadInput, match=r"holds depth_bp, the arguments of a partial, which"):
        fingerprint(Policy("flat", partial(flat, depth_bp=1000), frozenset()))
    one, other = (replace(flat_at(bp), state=f"{bp} bp") for bp in (1000, 2000))
    assert fingerprint(one) != fingerprint(other)


def test_a_policy_typed_into_a_prompt_is_refused() -> None:
    typed: dict[str, object] = {"__name__": __name__}
    exec(compile("def value(options): ...", "<stdin>", "exec"), typed)  # noqa: S102 - what a prompt does
    with pytest.raises(
        BadInput, match=r"The source of policy 'typed' cannot be read.* write its function into a"
    ):
        fingerprint(Policy("typed", typed["value"], frozenset()))  # type: ignore[arg-type]


def test_a_parameter_that_is_no_plain_value_is_refused() -> None:
    with pytest.raises(BadInput, match=r"parameters of policy 'flat' are no plain values"):
        fingerprint(Policy("flat", flat, frozenset(), {"depth_bp": float("nan")}))
