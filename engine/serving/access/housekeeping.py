"""What a server does beside answering.

Once a minute it writes down when keys were last used and forgets answers that are old enough; once a second it looks
whether something has ended that its memory still holds, and whether customers' JSON has to be written again after a recall,
or because something is sold out or there again.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import structlog

from engine.day.substitute_items import looked_through
from engine.serving.access.gate import Gate
from engine.serving.http.deployment import Deployment
from engine.store.access.server_keys import note_use
from engine.store.choices.recall_rendering import batches
from engine.store.nights.login_views import endings
from engine.store.nights.retention import forget_ended
from engine.store.schema.customer_data import Clock
from models.ground.errors import AbonementError

# A till that was off over a long weekend still gets the answer it missed.
ANSWERS_KEPT = timedelta(days=4)
_EVERY_SECONDS = 60.0
_LOOK_EVERY_SECONDS = 1.0
_log = structlog.get_logger("engine.serving")


async def keep_house(here: Deployment, gate: Gate) -> None:
    """Tidy up every minute until cancelled; a store that is away is tried again the next time."""
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        await asyncio.to_thread(tidy, here, gate)


async def keep_looking(here: Deployment) -> None:
    """Look every second what has ended, until cancelled."""
    while True:
        await look_what_ended(here)
        await asyncio.sleep(_LOOK_EVERY_SECONDS)


async def look_what_ended(here: Deployment) -> None:
    """Forget what was shown last if a run was replaced or rolled back, or a customer erased, through any process."""
    try:
        here.last_known.ended(await here.key_reads.answered(lambda: endings(here.store)))
    except AbonementError:  # a store that is away tells nothing
        here.last_known.missed()


async def keep_rendering(here: Deployment) -> None:
    """Write customers' JSON again after recalls and changes of stock, within a second or two of each, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        recalled = await loop.run_in_executor(here.recall_writer, render_after_recalls, here)
        looked = await loop.run_in_executor(here.recall_writer, look_through_bundles, here)
        if not (recalled or looked):
            await asyncio.sleep(_LOOK_EVERY_SECONDS)


def render_after_recalls(here: Deployment) -> bool:
    """Render a batch of what a recall, or its end, left as it was, whoever began it; False where nothing is left."""
    return _one_of(
        batches(here.store, here.now()), done="recall_rendered", what="answers", left="recall_not_rendered"
    )


def look_through_bundles(here: Deployment) -> bool:
    """Look through a batch of what changes of stock concern, whoever told them; False where nothing is left."""
    return _one_of(
        looked_through(here.store, here.now()),
        done="items_substituted",
        what="bundles",
        left="stock_not_looked_through",
    )


def _one_of(waiting: Iterator[int], *, done: str, what: str, left: str) -> bool:
    """Do the next batch and log how many it changed; False where nothing waits. A store that is away has to wait."""
    try:
        changed = next(waiting, None)
    except AbonementError as error:
        _log.warning(left, error=type(error).__name__)
        return False
    if changed:
        _log.info(done, **{what: changed})
    return changed is not None


def tidy(here: Deployment, gate: Gate) -> None:
    """Write down when keys were last used, and forget the answers of writes that nobody sends again."""
    used, gate.used = gate.used, {}
    try:
        if used:
            note_use(here.store, used)
        forget_ended(here.store, Clock.REAL, before=datetime.now(UTC) - ANSWERS_KEPT)
    except AbonementError as error:
        gate.used = used | gate.used
        _log.warning("not_tidied", error=type(error).__name__)
