"""Buckets side by side: one step on many tasks, done by workers, with the results in the order of the tasks.

A task is the arguments of a step, and both can be pickled; neither knows which process does it, or on which machine.
`do_task` is what any worker runs, `_on_this_machine` how tasks get to workers today: processes that joblib starts
beside this one. Handing tasks to a cluster is another function of its signature.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

from models.ground.errors import WorkerLost
from models.ground.locks import Fence
from models.ground.progress import Progress
from models.running.blas_threads import one_blas_thread

Result = TypeVar("Result")
Arguments = tuple[Any, ...]


class _WorkerEnded(Exception):
    """The system ended a worker; results that were not handed over yet are lost."""


def map_buckets(
    step: Callable[..., Result],
    tasks: Sequence[Arguments],
    *,
    jobs: int,
    what: str,
    progress: Progress,
    fence: Fence | None = None,
) -> Iterator[Result]:
    """Do one step on every task, `jobs` at a time; the results depend neither on `jobs` nor on lost workers.

    Where the system ends a worker (most often because memory ran out), the tasks that are left are done one at a
    time.

    Args:
        step: a function of a module, doing the same when it is done again.
        tasks: the arguments of each call.
        jobs: how many are done side by side; one at a time is done in this process.
        what: what is being done, as people will read it: "scoring and planning".
        progress: told before the first task begins, so that a stage's time is its own, and whenever a result arrives.
        fence: the workspace that the step writes into, as its one writer holds it; None for a step that writes
            nothing.

    Raises:
        WorkerLost: the system ended the worker of a task that had no other beside it.
        Busy: somebody else has taken the workspace since.
    """
    done = 0
    if tasks:
        progress(what, done, len(tasks))
    try:
        for result in _on_this_machine(step, tasks, jobs, fence):
            done += 1
            progress(what, done, len(tasks))
            yield result
    except _WorkerEnded:
        for task in tasks[done:]:
            try:
                (result,) = _on_this_machine(step, [task], jobs, fence)
            except _WorkerEnded as error:
                raise WorkerLost(
                    f"The system ended the worker of bucket {done + 1} of {len(tasks)} while {what}, also when it was "
                    "alone, most often because memory ran out; what was finished before stays. Start again with "
                    "fewer --jobs, or load with more --buckets."
                ) from error
            done += 1
            progress(what, done, len(tasks))
            yield result


@one_blas_thread()
def do_task(step: Callable[..., Result], arguments: Arguments, fence: Fence | None) -> Result:
    """What a worker does with a task, on one BLAS thread: workers side by side would share a machine's threads out.

    Raises:
        Busy: the fence's workspace was taken by somebody else; nothing was done.
    """
    if fence is None:
        return step(*arguments)
    with fence.inside():
        return step(*arguments)


def _on_this_machine(
    step: Callable[..., Result], tasks: Sequence[Arguments], jobs: int, fence: Fence | None
) -> Iterator[Result]:
    """Raises _WorkerEnded."""
    calls = (delayed(do_task)(step, arguments, fence) for arguments in tasks)
    try:
        yield from Parallel(n_jobs=jobs, return_as="generator")(calls)
    except TerminatedWorkerError as error:
        raise _WorkerEnded from error
