"""Why a customer has these offers and not others, or none: what the night wrote about them, read by `abonement show`."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from engine.console.door.doorkeeper import not_found
from engine.console.frame.shown_page import address_of, page
from engine.console.frame.visit import ConsoleVisit
from engine.console.work.command_at_work import answer_of
from engine.domain.console_users import Role
from engine.store.access.audit import keep_record
from engine.store.nights.published_products import products_named, published_shop
from engine.wording.spoken_words import readable
from models.ground.shop_ids import is_id

PAGE = "engine/console/customers/why.html"


def why(visit: ConsoleVisit) -> Response:
    """Show why; the money view is for those who decide about money."""
    name = visit.names["customer_id"]
    if not is_id(name):
        return not_found(visit)
    with visit.store.writing() as connection:
        keep_record(connection, visit.act("customer_seen", customer_id=name))
    sees_money = visit.may(Role.EDITOR)
    words = ["show", f"--customer={name}", "--why", *(["--money"] if sees_money else [])]
    view: dict[str, Any] = answer_of(visit.here, words)["customers"][0]
    texts = visit.texts
    items = view.get("why", ())
    names = _names(visit, [one["runner_up"] for one in items if one["runner_up"]])
    return page(
        visit,
        PAGE,
        texts("why.title", id=name),
        back=address_of("customers", name),
        items=[
            one
            | {
                "name": readable(one["name"]),
                "percent": texts.percent(one["discount_bp"] / 10_000),
                "chance": texts.percent(one["p_buy"], 1),
                "runner_up": readable(names.get(one["runner_up"], one["runner_up"] or "")),
                "rule": _rule(visit, one["runner_up_rule"]),
            }
            for one in items
        ],
        none=view.get("no_bundle", {}).get("text", ""),
        money=view.get("worth", {}).get("text", ()) if sees_money else (),
    )


def _names(visit: ConsoleVisit, item_ids: Sequence[str]) -> dict[str, str]:
    """What the shop calls the items; a family is called by its id."""
    shop = published_shop(visit.store)
    found = {} if shop is None else products_named(visit.store, shop.run_no, item_ids)
    return {item_id: product.name for item_id, product in found.items()}


def _rule(visit: ConsoleVisit, rule: str | None) -> str:
    """A rule's name in words; as the night wrote it where the texts do not know it."""
    name = f"rule.{rule}"
    return visit.texts(name) if visit.texts.has(name) else str(rule or "").replace("_", " ")
