"""What an approver does with a night: publish it although the guard found something, or take it back."""

from http import HTTPStatus

from starlette.responses import Response

from engine.console.door.doorkeeper import no_page, not_found
from engine.console.frame.shown_page import address_of, go_to
from engine.console.frame.visit import ConsoleVisit
from engine.console.nights.night_page import kept_back_named
from engine.console.work.command_at_work import answer_of
from engine.console.work.night_at_work import start_again
from engine.day.said_reason import said_reason
from engine.store.access.audit import keep_record
from engine.store.nights.run_records import run_states


def publish_accepted(visit: ConsoleVisit) -> Response:
    """Begin a night that was kept back again, every failed check accepted by name, for a reason that stays in the audit trail."""
    run_id = visit.names["run_id"]
    kept = kept_back_named(visit, run_id)
    if kept is None:
        return not_found(visit)
    reason = said_reason(visit.form.get("reason", ""))
    left = [name for name in kept.failed if visit.form.get(f"accept_{name}") != "1"]
    if left:
        names = ", ".join(visit.texts(f"guard.{name}") for name in left)
        return no_page(
            visit,
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "nights.not_all",
            back=address_of("nights", run_id),
            checks=names,
        )
    with visit.store.writing() as connection:  # begun and recorded, or neither
        subject = f"{run_id} {' '.join(kept.failed)}: {reason}"
        keep_record(connection, visit.act("guard_accepted", subject=subject))
        start_again(visit.here, run_id, kept.failed, by=visit.who.name)
    return go_to("nights", "at-work")


def roll_back(visit: ConsoleVisit) -> Response:
    """Withdraw a published night's untouched offers, for a reason that stays in the audit trail."""
    run_id = visit.names["run_id"]
    reason = said_reason(visit.form.get("reason", ""))
    if run_id not in run_states(visit.store):
        return not_found(visit)
    answer_of(visit.here, ["runs", "rollback", run_id])
    with visit.store.writing() as connection:
        keep_record(connection, visit.act("night_rolled_back", subject=f"{run_id}: {reason}"))
    return go_to("nights", run_id, said="rolled_back")
