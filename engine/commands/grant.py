"""`abonement grant`: give a customer money without a condition, see what they were given, take back what is left."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.commands.options import AsJson, StoreUrl, Workspace, existing_store
from engine.domain.grants import GrantKind
from models.ground.currencies import written
from models.running.terminal import answer

if TYPE_CHECKING:
    from engine.day.give_grant import SeenGrant

grant = typer.Typer(
    help="Money given to customers without a condition: compensation, thank-you.", no_args_is_help=True
)

Customer = Annotated[str, typer.Argument(metavar="CUSTOMER", help="By the shop's id.")]


@grant.command("give")
def give(
    workspace: Workspace,
    customer: Customer,
    kind: Annotated[GrantKind, typer.Option(help="What it is given for.")],
    amount: Annotated[int, typer.Option(min=1, help="Minor units: 500 is 5.00.")],
    reason: Annotated[str, typer.Option(help="Why, as the customer reads it.")],
    days: Annotated[
        int | None,
        typer.Option(
            min=1, help="Local days in which it can be used, today the first; else the programme's."
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(help="Your own name for it, such as the complaint's: the same key is the same grant."),
    ] = None,
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Give money off what the customer pays next; tills take it off after every discount, as the programme allows."""
    from engine.day.give_grant import Wish, give_grant
    from engine.day.shops_ids import customer_known_as
    from engine.settings import deployment_now
    from engine.store.access.audit import Act, keep_record

    actor = "abonement grant give"
    with existing_store(workspace, store_url) as store:
        name = customer_known_as(store, customer)
        with store.writing(name) as connection:
            done = give_grant(
                store,
                name,
                Wish(kind, amount, reason, days, key),
                given_by=actor,
                now=deployment_now(),
            )
            if done.is_new:
                keep_record(
                    connection, Act(datetime.now(UTC), actor, "grant_given", name, done.seen.grant.id)
                )
    said = f"Customer {name} has grant {done.seen.grant.id}: {_words(done.seen)}"
    if not done.is_new:
        said += "; this key was given before, and nothing was given again"
    unknown = "" if done.is_known else f" No night has seen customer {name}: check the id."
    facts = _facts(done.seen) | {"is_new": done.is_new, "is_known": done.is_known}
    answer(f"{said}.{unknown}", facts, as_json)


@grant.command("list")
def list_grants(
    workspace: Workspace, customer: Customer, store_url: StoreUrl = None, as_json: AsJson = False
) -> None:
    """Everything that a customer was ever given, what ends first before the others."""
    from engine.day.give_grant import grants_given
    from engine.day.shops_ids import customer_known_as
    from engine.settings import deployment_now

    with existing_store(workspace, store_url) as store:
        name = customer_known_as(store, customer)
        found = grants_given(store, name, deployment_now())
    lines = [f"{one.grant.id}  {_words(one)}: {one.grant.reason}" for one in found]
    answer(
        "\n".join(lines) or f"Customer {name} was given nothing.",
        {"customer_id": name, "grants": [_facts(one) for one in found]},
        as_json,
    )


@grant.command("cancel")
def cancel(
    workspace: Workspace,
    grant_id: Annotated[
        str, typer.Argument(metavar="GRANT", help="The grant's id, as `abonement grant list` shows it.")
    ],
    reason: Annotated[str, typer.Option(help="Why, for your own people.")],
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Take back what is left of a grant; what was used stays used."""
    from engine.day.give_grant import cancel_grant, customer_of_grant
    from engine.settings import deployment_now
    from engine.store.access.audit import Act, keep_record

    with existing_store(workspace, store_url) as store:
        now = deployment_now()
        name = customer_of_grant(store, grant_id, now)
        with store.writing(name) as connection:
            seen = cancel_grant(store, grant_id, reason=reason, now=now)
            act = Act(datetime.now(UTC), "abonement grant cancel", "grant_cancelled", name, grant_id)
            keep_record(connection, act)
    answer(f"Grant {grant_id} of customer {name} is taken back: {_words(seen)}.", _facts(seen), as_json)


def _words(one: "SeenGrant") -> str:
    given = one.grant

    def money(minor: int) -> str:
        return f"{written(minor, given.currency)} {given.currency}"

    used = f", {money(one.used_minor)} used" if one.used_minor else ""
    held = ", held by a till" if one.is_held else ""
    return (
        f"{given.kind.value} of {money(given.amount_minor)} ({one.state.value}{held}; {money(one.left_minor)} left{used}; "
        f"until {given.valid_to.isoformat(timespec='minutes')})"
    )


def _facts(one: "SeenGrant") -> dict[str, Any]:
    given = one.grant
    return {
        "id": given.id,
        "key": given.key,
        "customer_id": given.customer_id,
        "kind": given.kind.value,
        "state": one.state.value,
        "is_held": one.is_held,
        "amount_minor": given.amount_minor,
        "left_minor": one.left_minor,
        "used_minor": one.used_minor,
        "currency": given.currency,
        "reason": given.reason,
        "valid_from": given.valid_from.isoformat(),
        "valid_to": given.valid_to.isoformat(),
        "given_by": given.given_by,
        "given_at": given.given_at.isoformat(),
        "note": one.note,
    }
