"""The rules of an earlier night, and how today's differ: in words and by key."""

from starlette.responses import Response

from engine.console.door.doorkeeper import not_found
from engine.console.frame.shown_page import address_of, page
from engine.console.frame.visit import ConsoleVisit
from engine.console.rules.kept_programmes import rules_of_night
from engine.programme import kept_rules
from engine.programme.rule_origins import keys_that_differ, sentences_that_differ
from engine.programme.toml_writing import value_text
from engine.store.nights.published_products import published_shop

PAGE = "engine/console/rules/rules_then.html"


def rules_then(visit: ConsoleVisit) -> Response:
    """Show what has changed since a night."""
    run_id, shop = visit.names["run_id"], published_shop(visit.store)
    before = rules_of_night(visit.here.settings.workspace, run_id)
    if before is None or shop is None:
        return not_found(visit)
    now = kept_rules(shop.programme, shop.run_id).programme
    return page(
        visit,
        PAGE,
        visit.texts("rules.then", run=run_id),
        words=sentences_that_differ(before, now, shop.currency),
        keys=[
            (one.key, *("" if value is None else value_text(value) for value in (one.before, one.after)))
            for one in keys_that_differ(before, now)
        ],
        back=address_of("programme"),
    )
