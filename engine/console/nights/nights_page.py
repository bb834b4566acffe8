"""All nights as a table: published ones from the store, those that the guard kept back from their folders."""

from starlette.responses import Response

from engine.console.frame.listing import Entry, Head, csv_file, is_asked_as_csv, listing
from engine.console.frame.shown_page import address_of, page
from engine.console.frame.visit import ConsoleVisit, zone_of
from engine.console.today.nights_kept_back import KeptBack, nights_kept_back
from engine.console.work.night_at_work import night_at_work
from engine.domain.budget import MILLI
from engine.store.nights.run_lines import RunLine, run_lines

PAGE = "engine/console/nights/nights.html"
_STYLES = {"published": "good", "superseded": "none", "withdrawn": "bad", "staged": "none"}


def nights(visit: ConsoleVisit) -> Response:
    """Show all nights, the newest first."""
    texts, runs = visit.texts, run_lines(visit.store)
    kept_back = nights_kept_back(visit.here.settings.workspace, {one.run_id for one in runs})
    heads = [
        Head("night", texts("nights.night")),
        Head("run", texts("nights.run")),
        Head("state", texts("nights.state")),
        Head("customers", texts("nights.customers"), is_figure=True),
        Head("bundles", texts("nights.bundles"), is_figure=True),
        Head("offers", texts("nights.offers"), is_figure=True),
        Head("expected_cost", texts("nights.expected_cost"), is_figure=True),
        Head("model", texts("nights.model")),
    ]
    rows = [_row(visit, run) for run in runs]
    rows += [_kept_back(visit, one) for one in kept_back]
    if is_asked_as_csv(visit):
        return csv_file(visit, "nights", heads, rows, sort="run", down=True)
    return page(
        visit,
        PAGE,
        texts("places.nights"),
        list=listing(visit, heads, rows, sort="run", down=True),
        at_work=night_at_work(visit.here),
    )


def _row(visit: ConsoleVisit, run: RunLine) -> list[Entry]:
    texts, planned, customers, model = visit.texts, run.planned_milli, run.customers, run.model
    state = texts("nights.current") if run.is_current else texts(f"nights.state_{run.state}")
    return [
        Entry(run.night.isoformat(), texts.date(run.night), address_of("nights", run.run_id)),
        Entry(run.run_id, run.run_id),
        Entry(run.state, state, style=_STYLES[run.state]),
        Entry(customers, "" if customers is None else texts.number(customers)),
        Entry(run.bundles, texts.number(run.bundles)),
        Entry(run.offers, texts.number(run.offers)),
        Entry(
            None if planned is None else planned / MILLI,
            "" if planned is None else texts.money(planned / MILLI, run.currency),
        ),
        Entry(model or "", str(model or "")),
    ]


def _kept_back(visit: ConsoleVisit, one: KeptBack) -> list[Entry]:
    texts, result = visit.texts, one.about.get("result", {})
    day = one.as_of.astimezone(zone_of(one.timezone)).date()
    counts = [result.get(name) for name in ("customers", "bundles", "offers")]
    return [
        Entry(day.isoformat(), texts.date(day), address_of("nights", one.run_id)),
        Entry(one.run_id, one.run_id),
        Entry("kept back", texts("nights.state_kept_back"), style="bad"),
        *(Entry(count, "" if count is None else texts.number(count)) for count in counts),
        Entry(None, ""),
        Entry(str(one.about.get("model", "")), str(one.about.get("model", ""))),
    ]
