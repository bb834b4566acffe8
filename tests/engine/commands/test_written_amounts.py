from engine.commands.night_summary import bundle_card, favourite_line, night_summary
from engine.nightly.run import NightResult
from engine.serving.demo.demo_words import money


def test_a_bundle_of_a_japanese_shop_shows_whole_yen() -> None:
    offer = {
        "item": {"id": "1000", "name": "Milk 1 l"},
        "kind": "preferred",
        "discount_bp": 1000,
        "price_minor": 154,
        "offer_price_minor": 139,
        "currency": "JPY",
        "reason": {"code": "bought_before", "text": "You have bought it before"},
    }
    bundle = {"id": "b_1", "valid_from": "2024-03-01T15:00:00Z", "valid_to": "2024-03-05T15:00:00Z"}
    card = bundle_card({"customer_id": "c1", "bundle": bundle, "offers": [offer]})
    assert " 154 -> 139 " in card


def test_what_favourites_cost_is_told_in_the_currency() -> None:
    line = {
        "offered": True,
        "customers": 3,
        "planned_milli": 45_200,
        "amount_minor": 20_000,
        "period": "week",
        "given_minor": 12,
        "units_sold_milli": None,
        "expected_units": 3,
    }
    said = favourite_line(line, "JPY")
    assert said == "3 customers have one; expected cost 45 of 20,000 JPY a week, 12 given so far"


def test_a_night_of_a_japanese_shop_tells_its_budget_in_whole_yen() -> None:
    manifest = {
        "as_of": "2024-05-29T15:00:00+00:00",
        "model": "2024-05-30-87572202",
        "policy": "depth_rule",
        "result": {
            **dict.fromkeys(("bundles", "offers", "customers", "expected_uses"), 1),
            **{name: {} for name in ("outcomes", "kinds", "depths_bp", "reasons")},
        },
        "budget": {
            "planned_milli": 154_000,
            "allowance_milli": 150_000_000,
            "nights_left": 4,
            "period": "week",
        },
        "favourite": {"offered": False, "customers": 0},
        "guard": {},
    }
    said = night_summary(NightResult("2024-05-30.1", manifest, 1, 0), "JPY", 90)
    assert "expected cost 154 of 150,000 JPY that tonight may plan" in said


def test_the_demo_page_tells_dinars_in_thousandths() -> None:
    assert money(1500, "KWD") == "1.500 KWD"


def test_a_card_says_why_each_item_and_which_one_was_left_out_by_which_rule() -> None:
    about = {"name": "MILK", "reason_analyst": "mean gap 6 days"}
    view = {
        "customer_id": "1",
        "bundle": {"id": "b_1", "valid_from": "2017-12-04", "valid_to": "2017-12-10"},
        "offers": [],
        "why": [
            about | {"runner_up": "BEER", "runner_up_rule": "legal_age"},
            about | {"runner_up": None, "runner_up_rule": None},
        ],
    }
    assert bundle_card(view).splitlines()[1:] == [
        "  why MILK: mean gap 6 days; BEER was left out: legal_age",
        "  why MILK: mean gap 6 days",
    ]
