"""What a server does beside answering, once a minute: when keys were last used, and which answers are old enough."""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog

from engine.serving.access.gate import Gate
from engine.serving.http.deployment import Deployment
from engine.store.access.server_keys import note_use
from engine.store.nights.retention import forget_ended
from engine.store.schema.customer_data import Clock
from models.ground.errors import AbonementError

# A till that was off over a long weekend still gets the answer it missed.
ANSWERS_KEPT = timedelta(days=4)
_EVERY_SECONDS = 60.0
_log = structlog.get_logger("engine.serving")


async def keep_house(here: Deployment, gate: Gate) -> None:
    """Tidy up every minute until cancelled; a store that is away is tried again the next time."""
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        await asyncio.to_thread(tidy, here, gate)


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
