"""`abonement verify`: a run computed again, and the proof that nothing differs."""

from dataclasses import asdict
from typing import Annotated

import typer

from engine.commands.options import AsJson, StoreUrl, Workspace, existing_store
from models.running.terminal import answer, progress_bar


def verify(
    run: Annotated[str, typer.Argument(help="A run's name such as 2017-12-04.1, or current.")],
    workspace: Workspace,
    store_url: StoreUrl = None,
    jobs: Annotated[int, typer.Option(min=1, help="Buckets worked on side by side.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Compute a finished run again from its folder; exit code 2 and one sentence if anything differs."""
    from engine.nightly.folder.past_runs import named_run
    from engine.nightly.verify import verify as compute_again

    with existing_store(workspace, store_url) as store, progress_bar() as progress:
        proof = compute_again(workspace, named_run(store, run), store, jobs=jobs, progress=progress)
    pruned = f" ({proof.pruned:,} have been pruned from it)" if proof.pruned else ""
    sentence = (
        f"Run {proof.run_id} is reproduced: {proof.bundles:,} bundles in {proof.files:,} files computed again byte for "
        f"byte, {proof.stored:,} bundles in the store identical{pruned}."
    )
    if proof.excused is not None:
        sentence = (
            f"Run {proof.run_id}: {_customers(proof.excused)} erased since and excused. What is left stands as it was "
            f"recorded: {proof.bundles:,} bundles in {proof.files:,} files, {proof.stored:,} of them in the store "
            f"identical{pruned}. It was not computed again: its data went with the erasure."
        )
    answer("\n".join([sentence, *(f"  note: {note}" for note in proof.notes)]), asdict(proof), as_json)


def _customers(count: int) -> str:
    return f"{count:,} customer{' was' if count == 1 else 's were'}"
