"""How long each stage of a night took, told by the progress that the night reports anyway."""

import time
from collections.abc import Callable

from models.ground.progress import Progress

StageEnded = Callable[[str, float, int], None]  # stage, seconds, steps


class Stages:
    """A Progress that passes everything on and measures the stages by the way; each must be told of as it begins.

    Attributes:
        seconds: elapsed seconds of every stage, in the order in which they began.
    """

    def __init__(
        self, onward: Progress, ended: StageEnded, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.seconds: dict[str, float] = {}
        self._onward, self._ended, self._clock = onward, ended, clock
        self._stage, self._since, self._steps = "starting", clock(), 0

    def __call__(self, what: str, done: int, total: int) -> None:
        """Take note of one step."""
        if what != self._stage:
            self.finish()
            self._stage = what
        self._steps = total
        self._onward(what, done, total)

    def finish(self) -> None:
        """End the present stage."""
        now = self._clock()
        passed = now - self._since
        self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + passed
        self._ended(self._stage, passed, self._steps)
        self._since, self._steps = now, 0
