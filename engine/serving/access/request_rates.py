"""How often each caller has asked in the present window of time, counted in this process.

`limits` reads the settings' "1000/second". Its own memory storage starts a timer thread for each window and took a
sixth of a login's time; a fixed window that is thrown away as a whole needs neither lock nor timer.
"""

import math
import time

import limits


class Rate:
    """At most so many requests of a caller in each window; windows begin at multiples of their length."""

    def __init__(self, words: str) -> None:
        item = limits.parse(words)
        self._most, self._seconds = item.amount, item.get_expiry()
        self._window = 0
        self._counts: dict[str, int] = {}

    def wait_seconds(self, caller: str, *, count: int = 1, at: float | None = None) -> int:
        """Count a request, or several at once; 0 if it may go on, else the whole seconds until the caller may ask again."""
        now = time.time() if at is None else at
        window = int(now // self._seconds)
        if window != self._window:
            self._window, self._counts = window, {}
        counted = self._counts[caller] = self._counts.get(caller, 0) + count
        if counted <= self._most:
            return 0
        return max(1, math.ceil((window + 1) * self._seconds - now))
