"""A night's whole report with its pictures, drawn once by `abonement report` and kept in the run folder."""

from starlette.responses import Response

from engine.console.door.doorkeeper import not_found
from engine.console.frame.shown_page import page_headers
from engine.console.frame.visit import ConsoleVisit
from engine.console.work.command_at_work import answer_of
from models.ground.shop_ids import is_id


def night_report(visit: ConsoleVisit) -> Response:
    """Show the report; drawing it the first time takes some seconds."""
    run_id = visit.names["run_id"]
    folder = visit.here.settings.workspace / "runs" / run_id
    if not is_id(run_id) or not folder.is_dir():
        return not_found(visit)
    file = folder / "sight" / "report.html"
    night = folder / "sight" / "night.json"
    if not file.exists() or (night.exists() and file.stat().st_mtime < night.stat().st_mtime):
        answer_of(visit.here, ["report", run_id])
    # The page is ours and has its style in its tags; it still runs no script and loads nothing.
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    headers = page_headers() | {"Content-Security-Policy": policy}
    return Response(file.read_bytes(), headers=headers, media_type="text/html")
