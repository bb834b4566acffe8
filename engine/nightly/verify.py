"""Prove a run: compute it again from its folder and compare every byte of slots, outcomes and published bundles.

The night is repeated in a folder of its own, from the run's request, programme, own wording and snapshot, its load and
its model version. The run folder is only read. Where something differs, what the run was made from is compared first, so that
the answer names a cause (an edited programme, changed data, another model, other code) and not only an effect.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from engine.domain.offer_errors import BadProgramme
from engine.nightly import passes
from engine.nightly.choosing.policies import named_policy, policy_of
from engine.nightly.choosing.policy import Policy
from engine.nightly.context import NightContext, context_of
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.prices.budget_price import shadow_price
from engine.nightly.run_differences import compare_store, difference, not_reproduced
from engine.nightly.run_origin import COMPUTED, changed_files, changed_origin, other_code, other_policy
from engine.programme import load_programme
from engine.store import Store
from engine.store.access.customer_erasure import waiting_erasures
from models.ground.errors import BadInput
from models.ground.locks import only_writer
from models.ground.progress import Progress
from models.tables import BUNDLE_ID


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
        BadInput: there is no such finished run, its policy is unknown, or an erasure of it was killed.
        NotReproduced: something differs; the message says what, and why if that can be told.
    """
    folder = RunFolder.of(workspace, run_id)
    manifest = folder.manifest()
    request = folder.request()
    _refuse_half_erased(workspace, folder, request, store)
    if "erased" in manifest:
        return _verify_what_is_left(workspace, folder, store, progress)
    changed = [*changed_files(folder, manifest), *changed_origin(workspace, request, manifest)]
    if changed:
        raise not_reproduced(run_id, changed)
    chosen = policy or policy_of_run(folder, request)
    other = [*other_policy(request, chosen), *other_code(request)]
    with (
        TemporaryDirectory(prefix="abonement-verify-") as scratch,
        only_writer(Path(scratch), f"a verification of {run_id}") as fence,
    ):
        again = only_inputs(workspace, folder, Path(scratch), request)
        passes.read_items(again, fence, jobs, progress)
        passes.plan(again, fence, chosen, jobs, progress)
        use = folder.use().get("factor_bp", {})
        budget = shadow_price(again, _required(folder.committed_milli), use)
        passes.assign(again, fence, budget, jobs, progress)
        computed = again.folder.digests()
        different = [
            difference(folder.path / name, again.folder.path / name)
            for name, digest in sorted(computed.items(), key=_served_first)
            if name.startswith(COMPUTED) and manifest["files"].get(name) != digest
        ]
        if budget != manifest["budget"]:
            different.append("the budget's price differs")
        if different:
            raise not_reproduced(run_id, different, other)
        stored, pruned, notes = compare_store(store, again, manifest, progress, other)
    files = sum(name.startswith(COMPUTED) for name in computed)
    result = manifest["result"]
    return Proof(run_id, files, result["bundles"], stored, pruned, (*notes, *(f"{one}." for one in other)))


def _served_first(file: tuple[str, str]) -> tuple[bool, str]:
    """What customers were served comes first of what differs, because only the first few are named."""
    return not file[0].startswith("slots/"), file[0]


def _verify_what_is_left(workspace: Path, folder: RunFolder, store: Store, progress: Progress) -> Proof:
    manifest = folder.manifest()
    changed = changed_files(folder, manifest)
    if changed:
        raise not_reproduced(folder.run_id, changed)
    context = context_of(workspace, folder.run_id, json.dumps(folder.request(), sort_keys=True))
    stored, pruned, notes = compare_store(store, context, manifest, progress)
    files = sum(name.startswith(COMPUTED) for name in manifest["files"])
    bundles = sum(
        pd.read_parquet(file, columns=[BUNDLE_ID])[BUNDLE_ID].nunique() for file in folder.slot_files()
    )
    return Proof(folder.run_id, files, bundles, stored, pruned, tuple(notes), excused=manifest["erased"])


def _refuse_half_erased(workspace: Path, folder: RunFolder, request: dict[str, Any], store: Store) -> None:
    """Raise BadInput where an erasure has taken away some of what the run was made from, and not said so yet."""
    load_is_gone = not (workspace / "data" / "loads" / request["load"]).exists()
    if folder.erasing.exists() or (load_is_gone and waiting_erasures(store)):
        raise BadInput(
            f"Customers are being erased from run {folder.run_id}, or an erasure was killed: expected a run that is whole "
            f"or without them. `abonement erase --workspace {workspace}` finishes it; then verify again."
        )


def policy_of_run(folder: RunFolder, request: dict[str, Any]) -> Policy:
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


def only_inputs(workspace: Path, folder: RunFolder, scratch: Path, request: dict[str, Any]) -> NightContext:
    """A workspace with the same data and models in which only the run's inputs stand, asked for by a request."""
    for name in ("data", "registry"):
        (scratch / name).symlink_to((workspace / name).absolute(), target_is_directory=True)
    again = RunFolder.of(scratch, folder.run_id)
    shutil.copytree(folder.path / "snapshot", again.path / "snapshot")
    for name in ("request.json", "programme.toml", *(["wording.toml"] if "wording" in request else [])):
        shutil.copy(folder.path / name, again.path / name)
    return context_of(scratch, folder.run_id, json.dumps(request, sort_keys=True))


def _required(committed_milli: int | None) -> int:
    if committed_milli is None:
        raise BadInput("The run folder has no snapshot/committed.json; it cannot be computed again.")
    return committed_milli
