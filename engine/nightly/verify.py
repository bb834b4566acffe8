"""Prove a run: compute it again from its folder and compare every byte of slots, outcomes and published bundles.

The night is repeated in a folder of its own, from the run's request, programme and snapshot, its load and its model
version. The run folder is only read. Where something differs, what the run was made from is compared first, so that
the answer names a cause (an edited programme, changed data, another model, other code) and not only an effect.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from engine.domain.offer_errors import BadProgramme
from engine.nightly import passes
from engine.nightly.choosing.policies import named_policy, policy_of
from engine.nightly.choosing.policy import Policy
from engine.nightly.choosing.policy_fingerprint import fingerprint
from engine.nightly.context import NightContext, context_of
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.identity import code_identity, libraries
from engine.programme import load_programme
from engine.store import Store
from engine.store.nights.bundle_records import KeptBundle, bundles_of_run
from engine.store.nights.run_records import all_runs
from engine.store.schema import STAGED, WITHDRAWN
from models.ground.errors import AbonementError, BadInput
from models.ground.locks import only_writer
from models.running.terminal import Progress
from models.sources import open_load
from models.versions import registry

_COMPUTED = ("items.parquet", "products.parquet", "people/", "suggestions/", "slots/", "outcomes/")
_NAMED = 3  # differences spelled out in a sentence
_SHORT = 12  # digits of a fingerprint that a person is shown


class NotReproduced(AbonementError):
    """Computing the run again gives something else, or what it was made from has changed."""


@dataclass(frozen=True)
class Proof:
    """What was found identical.

    Attributes:
        run_id: the run.
        files: computed files whose bytes are the same.
        bundles: bundles of the run, all computed again.
        stored: how many of them the store holds, each with the same content.
        pruned: bundles that were published and are no longer in the store.
        excused: customers of the run who were erased since; then nothing was computed again, see `verify`.
        notes: what is worth knowing and does not disprove anything, in sentences.

    """

    run_id: str
    files: int
    bundles: int
    stored: int
    pruned: int
    notes: tuple[str, ...]
    excused: int | None = None


def verify(
    workspace: Path,
    run_id: str,
    store: Store,
    *,
    jobs: int,
    progress: Progress,
    policy: Policy | None = None,
) -> Proof:
    """Compute a finished run again and compare.

    Where customers were erased since, what the run was made from is not there any more: then what is left of it is
    compared with its own manifest and with the store.

    Args:
        workspace: with the run folder, the load and the model version it names.
        run_id: the run.
        store: where its bundles were published.
        jobs: buckets side by side; any number gives the same answer.
        progress: told what is being done.
        policy: the one that valued depths, where it cannot be found by the run's programme or its name.

    Raises:
        BadInput: there is no such finished run, or its policy is unknown.
        NotReproduced: something differs; the message says what, and why if that can be told.
    """
    folder = RunFolder.of(workspace, run_id)
    manifest = folder.manifest()
    request = folder.request()
    if "erased" in manifest:
        return _verify_what_is_left(workspace, folder, store, progress)
    changed = [*_changed_files(folder, manifest), *_changed_origin(workspace, request, manifest)]
    if changed:
        raise NotReproduced(_sentence(run_id, changed))
    chosen = policy or _policy_of_run(folder, request)
    other = [*_other_policy(request, chosen), *_other_code(request)]
    with (
        TemporaryDirectory(prefix="abonement-verify-") as scratch,
        only_writer(Path(scratch), f"a verification of {run_id}") as fence,
    ):
        again = _again(workspace, folder, Path(scratch), request)
        passes.read_items(again, fence, jobs, progress)
        passes.plan(again, fence, chosen, jobs, progress)
        budget = passes.shadow_price(again, _required(folder.committed_milli))
        passes.settle(again, fence, budget["price_index"], jobs, progress)
        computed = again.folder.digests()
        different = [
            _difference(folder.path / name, again.folder.path / name)
            for name, digest in sorted(computed.items())
            if name.startswith(_COMPUTED) and manifest["files"].get(name) != digest
        ]
        if budget != manifest["budget"]:
            different.append("the budget's price differs")
        if different:
            raise NotReproduced(_sentence(run_id, different, other))
        stored, pruned, notes = _compare_store(store, again, manifest, progress, other)
    files = sum(name.startswith(_COMPUTED) for name in computed)
    result = manifest["result"]
    return Proof(run_id, files, result["bundles"], stored, pruned, (*notes, *(f"{one}." for one in other)))


def _verify_what_is_left(workspace: Path, folder: RunFolder, store: Store, progress: Progress) -> Proof:
    manifest = folder.manifest()
    changed = _changed_files(folder, manifest)
    if changed:
        raise NotReproduced(_sentence(folder.run_id, changed))
    context = context_of(workspace, folder.run_id, json.dumps(folder.request(), sort_keys=True))
    stored, pruned, notes = _compare_store(store, context, manifest, progress)
    files = sum(name.startswith(_COMPUTED) for name in manifest["files"])
    bundles = sum(
        pd.read_parquet(file, columns=["bundle_id"])["bundle_id"].nunique() for file in folder.slot_files()
    )
    return Proof(folder.run_id, files, bundles, stored, pruned, tuple(notes), excused=manifest["erased"])


def _changed_files(folder: RunFolder, manifest: dict[str, Any]) -> list[str]:
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
    return name.startswith((*_COMPUTED, "snapshot/"))


def _changed_origin(workspace: Path, request: dict[str, Any], manifest: dict[str, Any]) -> list[str]:
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
    except AbonementError as error:
        found.append(str(error).rstrip("."))
    return found


def _policy_of_run(folder: RunFolder, request: dict[str, Any]) -> Policy:
    """The policy that the run names, with its programme's parameters where the programme chose it."""
    name: str = request["policy"]
    programme = load_programme(folder.programme)
    try:
        return policy_of(programme) if programme.policy.name == name else named_policy(name)
    except BadProgramme as error:
        raise BadInput(
            f"Run {folder.run_id} was made by policy {name}, which is not to be had here. {error} Or verify the run from "
            "Python, with `engine.nightly.verify.verify(..., policy=...)`."
        ) from error


def _other_policy(request: dict[str, Any], policy: Policy) -> list[str]:
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


def _other_code(request: dict[str, Any]) -> list[str]:
    found = []
    if request["code"] != code_identity():
        found.append(f"the run was made by code {request['code']}, this is {code_identity()}")
    others = [
        f"{name} {request['libraries'].get(name)} then and {release} now"
        for name, release in libraries().items()
        if request["libraries"].get(name) != release
    ]
    return [*found, f"libraries have changed: {', '.join(others)}"] if others else found


def _again(workspace: Path, folder: RunFolder, scratch: Path, request: dict[str, Any]) -> NightContext:
    """A workspace with the same data and models in which only the run's inputs stand."""
    for name in ("data", "registry"):
        (scratch / name).symlink_to((workspace / name).absolute(), target_is_directory=True)
    again = RunFolder.of(scratch, folder.run_id)
    shutil.copytree(folder.path / "snapshot", again.path / "snapshot")
    for name in ("request.json", "programme.toml"):
        shutil.copy(folder.path / name, again.path / name)
    return context_of(scratch, folder.run_id, json.dumps(request, sort_keys=True))


def _required(committed_milli: int | None) -> int:
    if committed_milli is None:
        raise BadInput("The run folder has no snapshot/committed.json; it cannot be computed again.")
    return committed_milli


def _difference(run: Path, again: Path) -> str:
    """Say where a file of the run differs from the one computed again."""
    name = (
        f"{run.parent.name}/{run.name}"
        if run.parent.name in {"people", "suggestions", "slots", "outcomes"}
        else run.name
    )
    before, now = pd.read_parquet(run), pd.read_parquet(again)
    if list(before.columns) != list(now.columns):
        return f"{name} has other columns"
    if len(before) != len(now):
        return f"{name} has {len(before):,} rows, computed again {len(now):,}"
    unequal = ~((before == now) | (before.isna() & now.isna()))
    rows, columns = int(unequal.any(axis=1).sum()), unequal.columns[unequal.any()].tolist()
    if not rows:
        return f"{name} has the same rows in other bytes"
    return f"{name} differs in {rows:,} of {len(before):,} rows ({', '.join(map(str, columns[:_NAMED]))})"


def _compare_store(
    store: Store,
    context: NightContext,
    manifest: dict[str, Any],
    progress: Progress,
    other: Sequence[str] = (),
) -> tuple[int, int, list[str]]:
    """Compare each bundle the store holds of the run with the one computed again, both in the order of staging.

    `other` says what computed it now and did not then.
    """
    run = next((run for run in all_runs(store) if run.run_id == context.run_id), None)
    if run is None or run.state == STAGED:
        return 0, 0, ["the run is not published; there is nothing of it in the store to compare."]
    if run.manifest != manifest:
        raise NotReproduced(_sentence(run.run_id, ["manifest.json is not the one that was published"]))
    computed = iter(passes.ready_bundles(context, progress, "comparing bundles", currency=run.currency))
    stored = 0
    for kept in bundles_of_run(store, run):
        match = next((one for one in computed if one.bundle.id == kept.bundle_id), None)
        if match is None:
            raise NotReproduced(
                _sentence(
                    run.run_id, [f"the store holds bundle {kept.bundle_id}, which it did not make"], other
                )
            )
        if not _same(kept, match.body, withdrawn=run.state == WITHDRAWN):
            raise NotReproduced(
                _sentence(run.run_id, [f"bundle {kept.bundle_id} reads otherwise in the store"], other)
            )
        stored += 1
    return stored, run.bundles - stored, []


def _same(kept: KeptBundle, body: bytes, *, withdrawn: bool) -> bool:
    """Byte for byte; of a touched bundle, all but the marks that customer and till have left on it."""
    if not kept.touched:
        return kept.body == body
    stored, computed = json.loads(kept.body), json.loads(body)
    offers = {offer["id"]: offer for offer in _unmarked(computed)}
    now = _unmarked(stored)
    return (
        stored == computed
        and all(offers.get(offer["id"]) == offer for offer in now)
        and (withdrawn or len(now) == len(offers))
    )


def _unmarked(view: dict[str, Any]) -> list[dict[str, Any]]:
    """Take the offers out of a view, without their states and the slots they used."""
    for mark in ("slots_used", "slots_total"):
        del view["bundle"][mark]
    offers: list[dict[str, Any]] = view.pop("offers")
    for offer in offers:
        del offer["state"]
    return offers


def _sentence(run_id: str, different: list[str], other: Sequence[str] = ()) -> str:
    """What differs, the first few of it; and what computed it now and did not then, all of that."""
    more = f", and {len(different) - _NAMED} more" if len(different) > _NAMED else ""
    why = "; ".join(other)
    return f"Run {run_id} is not reproduced: {'; '.join(different[:_NAMED])}{more}." + (
        f" {why[0].upper()}{why[1:]}." if why else ""
    )
