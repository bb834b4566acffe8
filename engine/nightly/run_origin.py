"""What a run was made from, against what is there now: files, load and model, policy, code.

Each comparison answers in half sentences, none where nothing has changed.
"""

from pathlib import Path
from typing import Any

from engine.nightly.choosing.policy import Policy
from engine.nightly.choosing.policy_fingerprint import fingerprint
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.identity import code_identity, libraries
from models.ground.errors import AbonementError
from models.response.exposure import Exposure
from models.sources import open_load
from models.versions import registry
from models.versions.response_versions import open_response_version, response_folder

COMPUTED = (
    "items.parquet",
    "products.parquet",
    "promoted.parquet",
    "households.parquet",
    "sharers.parquet",
    "sold_lately.parquet",
    "shown.json",
    "lowest_prices.json",
    "people/",
    "ruled/",
    "suggestions/",
    "slots/",
    "shadow/",
    "funded/",
    "outcomes/",
    "grants.parquet",
)
_SHORT = 12  # digits of a fingerprint that a person is shown


def changed_files(folder: RunFolder, manifest: dict[str, Any]) -> list[str]:
    """Compare the run folder with the digests of its own manifest."""
    recorded, found = manifest["files"], folder.digests()
    return [
        *(
            f"{name} was changed after the run"
            for name in recorded
            if found.get(name, recorded[name]) != recorded[name]
        ),
        *(f"{name} is gone from the run folder" for name in recorded if name not in found),
        *(f"{name} was added to the run folder" for name in found if name not in recorded and _is_ours(name)),
    ]


def _is_ours(name: str) -> bool:
    return name.startswith((*COMPUTED, "snapshot/"))


def changed_origin(workspace: Path, request: dict[str, Any], manifest: dict[str, Any]) -> list[str]:
    """Compare the load and the model with what the request recorded of them."""
    found = [f"the manifest names another {key}" for key in request if manifest.get(key) != request[key]]
    try:
        data = open_load(workspace, request["load"])
        data.verify()
        if data.fingerprint != request["data"]:
            found.append(f"load {request['load']} is not the data that the run was made from")
        folder = registry.registry_folder(workspace)
        registry.open_version(folder, request["model"])
        if registry.fingerprint(folder, request["model"]) != request["artifact"]:
            found.append(f"model {request['model']} is not the one that the run was made with")
        if "response" in request:
            learnt = open_response_version(response_folder(workspace), request["response"])
            if learnt.knowledge(Exposure.read(request["exposure"])).digest != request["knowledge"]:
                found.append(f"response {request['response']} is not what the run was told of")
    except AbonementError as error:
        found.append(str(error).rstrip("."))
    return found


def other_policy(request: dict[str, Any], policy: Policy) -> list[str]:
    """Compare the policy with the run's; one from before fingerprints were kept is known by its name only."""
    if policy.name != request["policy"]:
        return [f"the run was made by policy {request['policy']}, this is {policy.name}"]
    if "policy_fingerprint" not in request:
        return []
    then, now = request["policy_fingerprint"], fingerprint(policy)
    if then == now:
        return []
    return [
        f"the run was made by policy {policy.name} in another version, {then[:_SHORT]}, this is {now[:_SHORT]}"
    ]


def other_code(request: dict[str, Any]) -> list[str]:
    """Compare the code and the libraries with the run's."""
    found = []
    if request["code"] != code_identity():
        found.append(f"the run was made by code {request['code']}, this is {code_identity()}")
    others = [
        f"{name} {request['libraries'].get(name)} then and {release} now"
        for name, release in libraries().items()
        if request["libraries"].get(name) != release
    ]
    return [*found, f"libraries have changed: {', '.join(others)}"] if others else found
