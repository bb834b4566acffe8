"""The rules in force: what they mean, and every key with where it comes from."""

from starlette.responses import Response

from engine.console.frame.listing import Entry, Head, csv_file, is_asked_as_csv, listing
from engine.console.frame.shown_page import address_of, page
from engine.console.frame.visit import ConsoleVisit
from engine.console.rules.kept_programmes import changes
from engine.programme import kept_rules
from engine.programme.rule_origins import rules_from
from engine.programme.rules_in_words import CUSTOMER, SHOP, rules_in_words
from engine.programme.toml_writing import value_text
from engine.store.nights.published_products import published_shop
from engine.store.nights.run_lines import run_lines

PAGE = "engine/console/rules/rules.html"


def rules(visit: ConsoleVisit) -> Response:
    """Show the rules that customers and tills go by now: those of the night that is in force."""
    texts, shop = visit.texts, published_shop(visit.store)
    heads = [
        Head("key", texts("rules.key")),
        Head("value", texts("rules.value")),
        Head("from", texts("rules.from")),
    ]
    if shop is None:
        return page(visit, PAGE, texts("places.programme"), run=None, words=[], list=None, changed=[])
    source = texts("rules.source", run=shop.run_id)
    programme = kept_rules(shop.programme, source).programme
    rows = [
        [Entry(key, key), Entry(value_text(one.value), value_text(one.value)), Entry(one.origin, one.origin)]
        for one in rules_from(programme, shop.programme, texts("rules.file"))
        for key in (".".join(one.key),)
    ]
    if is_asked_as_csv(visit):
        return csv_file(visit, "programme", heads, rows, sort="key")
    told = rules_in_words(programme, shop.currency)
    return page(
        visit,
        PAGE,
        texts("places.programme"),
        run=shop.run_id,
        words=[
            (texts(f"rules.about_{about}"), [one for one in told if one.about == about])
            for about in (CUSTOMER, SHOP)
        ],
        list=listing(visit, heads, rows, sort="key"),
        changed=[
            (
                texts.date(one.run.night),
                texts("rules.nights", n=one.nights),
                address_of("programme", one.run.run_id),
            )
            for one in changes(run_lines(visit.store))
        ],
    )
