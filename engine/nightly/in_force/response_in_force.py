"""What a night's policy is told of response: the version in use, and how far learning has gone by the nights before.

The version says what is believed, the programme's [explore] what learning may cost, and the published nights what it has
cost so far: so no night spends what an earlier one has spent, however seldom the response is fitted.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from engine.domain.offer_errors import BadProgramme
from engine.nightly.choosing.plan_policy import PlanPolicy
from engine.nightly.choosing.policy import Policy
from engine.programme import Programme
from engine.programme.policy_section import LEARNS_BY_LOT
from engine.store import Store
from engine.store.nights.run_records import all_runs
from engine.store.schema import PUBLISHED, UNNAMED
from models.ground.errors import BadInput
from models.ground.moment import Moment
from models.response.exposure import Exposure, LearningNight, exposure_of
from models.response.knowledge import NOTHING_KNOWN, Knowledge
from models.versions.response_versions import open_response, response_folder, response_manifest
from models.versions.version_pointer import current_version

_FIT = "`abonement-train fit --response --as-of DAY` makes one"


def require_response(workspace: Path, programme: Programme, policy: Policy) -> None:
    """Refuse a policy that learns by lot where nothing says what it may cost, or no response is in use.

    Raises:
        BadProgramme: the programme has no [explore].
        BadInput: no version of the response is in use.
    """
    if policy.name != LEARNS_BY_LOT:
        return
    if programme.explore is None:
        raise BadProgramme(
            f'The policy "{LEARNS_BY_LOT}" learns by lot what offers bring, and this programme does not say what that may cost: '
            f'write policy.name = "{LEARNS_BY_LOT}" and [explore] with first_share and amount_minor into it.'
        )
    if current_version(response_folder(workspace)) is None:
        raise BadInput(
            f'The policy "{LEARNS_BY_LOT}" needs to know how this shop\'s customers respond, and no response is in use: {_FIT}.'
        )


def response_of_night(
    workspace: Path, programme: Programme, policy: Policy, store: Store, as_of: Moment
) -> tuple[Knowledge, dict[str, Any]]:
    """What the policy is told, and what the request says of it: response (the version) and exposure. Nothing where none asks.

    Raises:
        BadProgramme, BadInput: see `require_response`.
        BadInput: the version has seen what comes after the night.
        BadArtifact: it is damaged.
    """
    require_response(workspace, programme, policy)
    if not isinstance(policy, PlanPolicy) or programme.explore is None:
        return NOTHING_KNOWN, {}
    folder = response_folder(workspace)
    in_use = open_response(folder)
    if in_use is None:
        return NOTHING_KNOWN, {}
    version, learnt = in_use
    known_to = response_manifest(folder, version)["as_of"]
    if datetime.fromisoformat(known_to) > as_of.as_of:
        raise BadInput(
            f"Version {version} of the response was fitted as of {known_to} and knows what comes after "
            f"{as_of.as_of.isoformat()}; promote an earlier version, or fit one as of the night."
        )
    explore = programme.explore
    first = Exposure.first(
        explore.first_share, explore.amount_minor, explore.salt, explore.longest_unexposed_weeks
    )
    exposure = exposure_of(
        first, learning_nights(store, as_of.day, programme.name), learnt.effects, as_of.day
    )
    return learnt.knowledge(exposure), {"response": version, "exposure": exposure.as_dict()}


def learning_nights(store: Store, before: date, programme: str = UNNAMED) -> list[LearningNight]:
    """What a programme's published nights before a day did for learning, oldest first."""
    return [
        LearningNight.told(run.run_id, run.manifest["learning"])
        for run in sorted(all_runs(store), key=lambda run: (run.night, run.attempt))
        if run.state == PUBLISHED
        and run.programme == programme
        and run.night < before
        and "learning" in run.manifest
    ]
