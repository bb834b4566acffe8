"""CPU seconds of a night's stages, measured inside the production code by wrapping its own functions.

A stage's clock runs while one of its functions is on top: time inside a nested stage counts for that one only.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

STAGES = {
    "features": (
        "models.scoring:open_bought",
        "models.scoring:item_part",
        "models.scoring:open_history",
        "models.scoring:customer_matrix",
        "models.scoring:pair_matrix",
        "engine.nightly.passes:merge_parts",
    ),
    "candidates": (
        "models.scoring:find_candidates",
        "models.scoring:read_baskets",
        "models.scoring:add_neighbours",
    ),
    "predict": ("models.items.affinity:AffinityModel.predict", "models.customers.churn:ChurnModel.predict"),
    "booster": ("lightgbm:Booster.predict",),
    "choose": (
        "engine.nightly.bucket_work:plan_bucket",
        "engine.nightly.bucket_work:assign_bucket",
        "engine.nightly.choosing.bucket_plan:BucketPlan.save",
        "engine.nightly.choosing.bucket_plan:BucketPlan.load",
        "engine.nightly.prices.budget_price:shadow_price",
    ),
    "publish": ("engine.nightly.run:stage_bundles", "engine.nightly.run:publish"),
}


class StageClock:
    """CPU seconds by stage."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys((*STAGES, "other"), 0.0)
        self._stack = ["other"]
        self._since = time.process_time()

    def _turn(self) -> None:
        now = time.process_time()
        self.seconds[self._stack[-1]] += now - self._since
        self._since = now

    @contextmanager
    def running(self, stage: str) -> Iterator[None]:
        """Charge the time inside to a stage."""
        self._turn()
        self._stack.append(stage)
        try:
            yield
        finally:
            self._turn()
            self._stack.pop()

    def install(self) -> None:
        """Wrap every function of STAGES; the process is good for measuring only."""
        for stage, names in STAGES.items():
            for name in names:
                module, _, path = name.partition(":")
                *owners, attribute = path.split(".")
                owner: Any = import_module(module)
                for part in owners:
                    owner = getattr(owner, part)
                setattr(owner, attribute, self._wrapped(stage, owner.__dict__[attribute]))

    def _wrapped(self, stage: str, original: Any) -> Any:
        function: Callable[..., Any] = getattr(original, "__func__", original)

        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.running(stage):
                return function(*args, **kwargs)

        return classmethod(timed) if isinstance(original, classmethod) else timed
