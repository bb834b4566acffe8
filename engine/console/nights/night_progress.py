"""A night at work: the page asks for itself again until the night has ended."""

from starlette.responses import Response

from engine.console.frame.shown_page import address_of, page
from engine.console.frame.visit import ConsoleVisit
from engine.console.work.night_at_work import night_at_work

PAGE = "engine/console/nights/night_progress.html"
_EVERY_SECONDS = 3


def night_progress(visit: ConsoleVisit) -> Response:
    """Show how far the night is that was started here last."""
    texts, at_work = visit.texts, night_at_work(visit.here)
    state = "none"
    if at_work is not None:
        state = (
            "running" if at_work.is_running else {0: "done", None: "lost"}.get(at_work.exit_code, "refused")
        )
    return page(
        visit,
        PAGE,
        texts(f"progress.{state}"),
        refresh=_EVERY_SECONDS if state == "running" else 0,
        state=state,
        at_work=at_work,
        stages=[]
        if at_work is None
        else [(name, texts.number(seconds, 1)) for name, seconds in at_work.stages],
        since="" if at_work is None else texts.moment(at_work.started_at),
        night=None if at_work is None else address_of("nights", at_work.run_id),
    )
