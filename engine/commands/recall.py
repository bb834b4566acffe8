"""`abonement recall`: a product leaves every offer at once, and may come back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.commands.options import AsJson, StoreUrl, Workspace, existing_store
from models.running.terminal import answer, number_of

if TYPE_CHECKING:
    from engine.store import Store
    from engine.store.nights.recalls import Recall

_ACTOR = "abonement recall"


def recall(
    workspace: Workspace,
    product: Annotated[
        str | None, typer.Argument(help="By the shop's id; without it, what is recalled now is listed.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option(help="Why, as customers read it in the place of the offer.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(help="A local day, or a time with zone, at which it ends by itself; else with --lift."),
    ] = None,
    beforehand: Annotated[
        bool,
        typer.Option(
            "--beforehand",
            help="Also a product that neither a published night nor the loaded data know yet; one that was loaded needs no such word.",
        ),
    ] = False,
    lift: Annotated[bool, typer.Option("--lift", help="Let the product be offered again.")] = False,
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Withdraw a product from all open bundles, favourites and the nights to come, whatever was promised.

    Tills give nothing for it from the first moment; then what customers read is written again. Killed in the middle, the
    same command goes on where it was, and so does every server.
    """
    from engine.day.shops_ids import product_known_as
    from engine.settings import deployment_now
    from engine.store.choices.recall_rendering import render_recalled

    _check_asked(product, reason, until, lift=lift, beforehand=beforehand)
    with existing_store(workspace, store_url) as store:
        now = deployment_now()
        if product is None:
            _list(store, now, as_json)
            return
        known = beforehand or _is_loaded(workspace, product_known_as(store, product))
        name, changed = _write(store, product, reason, until, now, lift=lift, beforehand=known)
        rendered = render_recalled(store, now)
    done = "may be offered again" if lift else "is withdrawn from all offers"
    so_before = "" if changed else ", as it was before"
    answer(
        f"Product {name} {done}{so_before}; {number_of(rendered, 'login answer')} written again.",
        {"product_id": name, "lifted": lift, "changed": changed, "rendered": rendered},
        as_json,
    )


def _check_asked(
    product: str | None, reason: str | None, until: str | None, *, lift: bool, beforehand: bool
) -> None:
    from models.ground.errors import BadInput

    if product is None and (reason is not None or until is not None or lift or beforehand):
        raise BadInput(
            "--reason, --until, --beforehand and --lift say something of a product; name it, by the shop's id."
        )
    if lift and (reason is not None or until is not None or beforehand):
        raise BadInput("--lift ends a recall; leave --reason, --until and --beforehand out.")
    if product is not None and not lift and reason is None:
        raise BadInput("A recall needs --reason TEXT, which customers read in the place of the offer.")


def _write(
    store: "Store",
    asked: str,
    reason: str | None,
    until: str | None,
    now: datetime,
    *,
    lift: bool,
    beforehand: bool,
) -> tuple[str, bool]:
    """The product as the shop's tables name it, and whether anything changed."""
    from engine.day.recall_product import lift_recall, recall_product
    from engine.day.shops_ids import product_known_as
    from engine.store.access.audit import Act, keep_record

    name = product_known_as(store, asked)
    ends = None if until is None else _moment(store, until)
    with store.switching() as connection:
        if lift:
            changed = lift_recall(store, name, now=now)
        else:
            changed = recall_product(
                store, name, reason=reason or "", until=ends, now=now, beforehand=beforehand
            )
        if changed:
            action = "recall_lifted" if lift else "recalled"
            keep_record(connection, Act(datetime.now(UTC), _ACTOR, action, subject=name))
    return name, changed


def _is_loaded(workspace: Path, product: str) -> bool:
    """Whether the data in use have a product, be it in no night yet; False where there are none to look at."""
    import pandas as pd

    from models.ground.errors import BadInput
    from models.sources import open_data
    from models.tables import PRODUCT_ID

    try:
        data = open_data(workspace)
    except BadInput:
        return False
    return bool(pd.read_parquet(data.products, columns=[PRODUCT_ID])[PRODUCT_ID].eq(product).any())


def _moment(store: "Store", text: str) -> datetime:
    from engine.store.nights.published_products import published_shop
    from models.ground.moment import parse_moment

    shop = published_shop(store)
    return parse_moment(text, "UTC" if shop is None else shop.timezone, "--until").as_of


def _list(store: "Store", now: datetime, as_json: bool) -> None:
    from engine.day.recall_product import standing_recalls

    standing = standing_recalls(store, now)
    lines = [_line(one) for one in standing]
    answer(
        "\n".join(lines) or "No product is recalled.", {"recalls": [_facts(one) for one in standing]}, as_json
    )


def _line(one: "Recall") -> str:
    ends = "" if one.until is None else f", until {one.until.isoformat()}"
    late = "" if one.is_rendered else " (not all customers' offers show it yet; run the command again)"
    return (
        f"{one.product_id}  since {one.recalled_at.isoformat(timespec='seconds')}{ends}: {one.reason}{late}"
    )


def _facts(one: "Recall") -> dict[str, Any]:
    return {
        "product_id": one.product_id,
        "reason": one.reason,
        "recalled_at": one.recalled_at.isoformat(),
        "until": one.until and one.until.isoformat(),
        "is_rendered": one.is_rendered,
    }
