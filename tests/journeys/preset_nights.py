"""A night of the small shop by a shipped preset, and a server on what it left, on either store."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from engine.domain.access_keys import Scope
from engine.nightly.run import NightResult, run
from engine.programme import effective_text
from engine.serving.app import create_app
from engine.settings import Settings
from engine.store import Store
from models.ground.moment import parse_moment
from tests.engine.nightly.shop_nights import FIRST_NIGHT, silent
from tests.engine.serving.conftest import Browser, a_key

# What only the owner decides.
OWN = """
like = "{preset}"
language = "en"
day_starts_at = "00:00"
seed = 20171204
[holdout]
share = {held_out}
covers = ["bundle"]
[consent]
rule = "unless_refused"
[assumed_margin_bp]
default = 3000
[budget]
amount_minor = {budget}
period = "week"
[favourite]
offered = false
"""
MORNING = datetime(2024, 3, 31, 9, tzinfo=UTC)


def preset_text(preset: str, *, budget: int, held_out: float = 0.0) -> str:
    """A programme like a preset, complete."""
    return effective_text(OWN.format(preset=preset, budget=budget, held_out=held_out))


def preset_night(
    workspace: Path, store: Store, programme: str, *, day: str = FIRST_NIGHT, now: datetime = MORNING
) -> NightResult:
    """Run and publish a night by a programme."""
    return run(workspace, parse_moment(day, "UTC"), programme, store, now=now, jobs=1, progress=silent)


@contextmanager
def served_at(store_url: str, workspace: Path, now: datetime = MORNING) -> Iterator[Browser]:
    """A server whose clock stands at a moment, asked with a key that may do everything."""
    settings = Settings(
        workspace=workspace,
        store_url=store_url,
        clock=f"fixed:{now:%Y-%m-%dT%H:%M:%SZ}",
        rate_limit="100000/second",
    )
    app = create_app(settings)
    try:
        yield Browser(app, "127.0.0.1", a_key(store_url, tuple(Scope)))
    finally:
        app.state.deployment.close()
