"""`abonement user`: who may use the manager's console."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.commands.options import AsJson, StoreUrl, Workspace, existing_store, first_or_existing_store
from engine.domain.console_users import Role
from models.running.terminal import answer

if TYPE_CHECKING:
    from engine.domain.console_users import ConsoleUser

user = typer.Typer(
    help="Users of the manager's console: who may sign in, and what they may do.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="By which they sign in.")]
RoleOption = Annotated[
    Role, typer.Option(help="What they may do; each role may do all that the ones before it may.")
]


@user.command()
def add(
    name: Name, workspace: Workspace, role: RoleOption, store_url: StoreUrl = None, as_json: AsJson = False
) -> None:
    """Make a user. The password is asked for twice, or is the first line of standard input; never an argument."""
    from engine.store.access.user_accounts import add_user

    with first_or_existing_store(workspace, store_url) as store:
        made = add_user(store, name, role, _password(), now=datetime.now(UTC))
    answer(f"Made user {made.name} with the role {made.role}.", _facts(made), as_json)


@user.command("list")
def list_users(workspace: Workspace, store_url: StoreUrl = None, as_json: AsJson = False) -> None:
    """Show every user, their role and whether they may sign in."""
    from engine.store.access.user_accounts import all_users

    with existing_store(workspace, store_url) as store:
        known = all_users(store)
    width = max((len(one.name) for one in known), default=0)
    lines = [
        f"{one.name.ljust(width)}  {one.role.ljust(12)}  {'disabled' if one.disabled_at else 'may sign in'}"
        for one in known
    ]
    nobody = "There is no user yet; make one with `abonement user add NAME --role admin`."
    answer("\n".join(lines) or nobody, {"users": [_facts(one) for one in known]}, as_json)


@user.command()
def disable(name: Name, workspace: Workspace, store_url: StoreUrl = None, as_json: AsJson = False) -> None:
    """Let a user in no more, and sign them out everywhere."""
    from engine.store.access.user_accounts import disable_user

    with existing_store(workspace, store_url) as store:
        gone = disable_user(store, name, now=datetime.now(UTC))
    answer(f"User {gone.name} may sign in no more.", _facts(gone), as_json)


@user.command()
def password(name: Name, workspace: Workspace, store_url: StoreUrl = None, as_json: AsJson = False) -> None:
    """Give a user another password, as `add` takes it, and sign them out everywhere."""
    from engine.store.access.user_accounts import set_password

    with existing_store(workspace, store_url) as store:
        changed = set_password(store, name, _password(), now=datetime.now(UTC))
    answer(f"User {changed.name} has another password.", _facts(changed), as_json)


@user.command()
def role(
    name: Name, workspace: Workspace, role: RoleOption, store_url: StoreUrl = None, as_json: AsJson = False
) -> None:
    """Give a user another role, from their next page on."""
    from engine.store.access.user_accounts import set_role

    with existing_store(workspace, store_url) as store:
        changed = set_role(store, name, role, now=datetime.now(UTC))
    answer(f"User {changed.name} has the role {changed.role}.", _facts(changed), as_json)


def _password() -> str:
    """From a person twice and unseen; from a program the first line."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _facts(one: "ConsoleUser") -> dict[str, Any]:
    return asdict(one)
