"""`abonement erase`: a customer leaves the store, the data and the runs."""

from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from engine.commands.options import AsJson, StoreUrl, Wait, Workspace, existing_store
from models.running.terminal import answer, number_of

if TYPE_CHECKING:
    from engine.nightly.folder.workspace_erasure import WorkspaceErasure


def erase(
    workspace: Workspace,
    customer: Annotated[
        list[str] | None,
        typer.Option(help="Whom; give several times for several. Without it, those who wait."),
    ] = None,
    store_url: StoreUrl = None,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """Erase customers, and those whom the server has erased from its store, everywhere else too.

    Take them out of the shop's own deliveries first: a later delivery that names one brings a new customer.
    """
    from engine.day.customer_rights import erase as erase_from_store
    from engine.day.shops_ids import customer_known_as
    from engine.nightly.folder.workspace_erasure import erase_waiting
    from engine.store.access.audit import Act, keep_record
    from engine.store.access.customer_erasure import waiting_erasures

    now = datetime.now(UTC)
    for customer_id in customer or ():
        _check_can_be_known(customer_id)
    strangers = dict[str, str]()
    with existing_store(workspace, store_url) as store:
        waiting = waiting_erasures(store)
        for asked in customer or ():
            customer_id = customer_known_as(store, asked)
            with store.writing(customer_id) as connection:
                found = erase_from_store(store, customer_id, asked_at=now)
                keep_record(connection, Act(now, "abonement erase", "erased"))
            if not (found.removed or found.kept or customer_id in waiting):
                strangers[customer_id] = asked
        done = erase_waiting(workspace, store, now=now, wait_seconds=wait)
    unknown = [asked for customer_id, asked in strangers.items() if customer_id in done.unseen]
    done = replace(done, customers=done.customers - len(unknown))
    if done.customers or not unknown:
        facts = {name: value for name, value in asdict(done).items() if name != "unseen"}
        answer(_sentence(done), facts, as_json)
    if unknown:
        _say_who_is_unknown(unknown)


def _check_can_be_known(customer_id: str) -> None:
    """Refuse what can never have been an id, so that nobody takes an empty answer for an erasure; raises BadInput.

    Not by the rule of today: ids of earlier loads had slashes.
    """
    from models.ground.errors import BadInput

    if not customer_id.strip() or not customer_id.isprintable():
        raise BadInput(f"Expected --customer to name a customer, got {customer_id!r}; nobody was erased.")


def _say_who_is_unknown(unknown: list[str]) -> NoReturn:
    """Raise BadInput: whoever mistyped an id is not to believe that its customer is gone."""
    from models.ground.errors import BadInput

    raise BadInput(
        f"Nobody is known as {', '.join(unknown)}: not in the store, the data or a run, so nothing of them was erased. An id "
        "is compared letter by letter, zeros in front too; who was erased before is not known either."
    )


def _sentence(done: "WorkspaceErasure") -> str:
    if not done.customers:
        return "Nobody is waiting to be erased."
    found = f"{done.in_data:,} of them from the data in use, and whatever {number_of(len(done.runs), 'run')} said of them"
    lines = [f"Erased {number_of(done.customers, 'customer')}: {found}."]
    if done.discarded:
        lines.append(f"Removed unfinished nights that had read them: {', '.join(done.discarded)}.")
    if done.retrain:
        lines.append(
            f"Model versions that name them: {', '.join(done.retrain)}. Fit and promote a new one, then remove these."
        )
    return "\n".join(lines)
