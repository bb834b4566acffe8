"""`abonement off-policy`: what another policy or programme would have brought on published nights."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.commands.options import AsJson, StoreUrl, Workspace, existing_store
from models.running.terminal import answer, number_of, progress_bar

if TYPE_CHECKING:
    from engine.nightly.off_policy import OffPolicyAnswer
    from models.effects.estimate import Estimate

_LEVEL = 0.95
_WORDS = {
    "uses_by_slot": "offers used a bundle, slot by slot",
    "uses": "offers used a bundle, whole bundles",
    "uses_doubly_robust": "the same, doubly robust",
    "visits": "visits a window, whole bundles",
}


def off_policy(
    workspace: Workspace,
    policy: Annotated[
        str | None,
        typer.Option(help="A policy's name, or module:function, under each night's own programme."),
    ] = None,
    programme: Annotated[
        Path | None,
        typer.Option(help="A programme's rules, in place of each night's own; its policy without --policy."),
    ] = None,
    nights: Annotated[int, typer.Option(min=1, help="The last so many published nights.")] = 8,
    store_url: StoreUrl = None,
    jobs: Annotated[int, typer.Option(min=1, help="Buckets worked on side by side.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Value a policy on logged nights; exit code 2 and one sentence where they cannot tell what it would bring."""
    from engine.nightly.choosing.policies import chosen_policy
    from engine.nightly.off_policy import off_policy as value_on_nights
    from engine.nightly.off_policy import target_of
    from engine.programme import load_programme, programme_text
    from engine.store.nights.run_records import all_runs
    from engine.store.schema import PUBLISHED
    from models.ground.errors import BadInput
    from models.sources import open_data

    text = None if programme is None else programme_text(programme)
    rules = load_programme(programme)
    asked = None if policy is None else chosen_policy(rules, policy)
    target = target_of(asked, text)
    target.policy.require_inputs()
    data = open_data(workspace)
    with (
        existing_store(workspace, store_url) as store,
        data.held(),
        data.blamed_if_damaged(),
        progress_bar() as progress,
    ):
        latest = {
            run.night: run
            for run in sorted(all_runs(store), key=lambda run: run.attempt)
            if run.state == PUBLISHED
        }
        runs = [latest[night] for night in sorted(latest)][-nights:]
        if not runs:
            raise BadInput(f"Nothing was published in {workspace} yet; run `abonement nightly` first.")
        found = value_on_nights(workspace, runs, store, data, target, jobs=jobs, progress=progress)
    answer("\n".join(_lines(target.policy.name, found)), _facts(target.policy.name, found), as_json)


def _lines(name: str, found: "OffPolicyAnswer") -> list[str]:
    nights = f"{number_of(found.nights, 'night')} of {', '.join(found.logging)}"
    lines = [
        f"Policy {name} on {nights}, {found.rows:,} customers and nights; a lot decided in {found.explored:.1%} of them."
    ]
    for estimator, value in found.found.items():
        worth = ", ".join(f"{one:,.0f}" for one in value.effective_customers)
        lines.append(
            f"  {_WORDS[estimator]:<38} {_written(value.value)}, as given {_written(value.logged)}, difference "
            f"{_written(value.difference)}; worth {worth} customers"
        )
    return [*lines, *(f"  {_WORDS[name]:<38} not told: {why}" for name, why in found.refused.items())]


def _written(found: "Estimate") -> str:
    low, high = found.interval(_LEVEL)
    return f"{found.value:.4f} [{low:.4f}, {high:.4f}]"


def _facts(name: str, found: "OffPolicyAnswer") -> dict[str, Any]:
    def told(one: "Estimate") -> dict[str, float]:
        low, high = one.interval(_LEVEL)
        return {"value": one.value, "low": low, "high": high, "standard_error": one.standard_error}

    return {
        "policy": name,
        "logging_policies": list(found.logging),
        "nights": found.nights,
        "rows": found.rows,
        "explored_share": found.explored,
        "estimates": {
            estimator: {
                "value": told(value.value),
                "logged": told(value.logged),
                "difference": told(value.difference),
                "effective_customers": value.effective_customers.tolist(),
            }
            for estimator, value in found.found.items()
        },
        "refused": dict(found.refused),
    }
