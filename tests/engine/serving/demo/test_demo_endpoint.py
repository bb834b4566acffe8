from dataclasses import replace
from datetime import date

import pytest

from engine.day.activate import activate
from engine.day.choose_favourite import choose_favourite
from engine.day.claim_bundle import claim
from engine.domain.bundle import Item, OfferState, Reason
from engine.serving.demo.demo_words import long_day, money, percent
from engine.store import Store
from engine.store.nights.bundle_records import stage_bundles
from engine.store.nights.publication import publish
from tests.engine.bundles import MONDAY, a_night, begin, bundle, offer, staged
from tests.engine.day.shops import CHOOSE, at, open_shop
from tests.engine.pools import publish_pools
from tests.engine.serving.conftest import Serve
from tests.engine.shop import publish_shop
from tests.engine.touching import Touch, touch


def test_the_page_shows_the_bundle_as_the_customer_would_see_it(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    page = serve().get("/demo?customer=anna")
    assert page.status_code == 200
    for seen in (
        "Five offers for customer anna",
        "until the end of <strong>Saturday, 9 December</strong>",
        'Fluid milk white only<span class="size">1 ga</span>',
        "&minus;15%",
        "<ins>$2.54</ins>",
        "<del>$2.99</del>",
        "You usually buy it every 6 days",
        "one of each saves <strong>$2.25</strong>",
    ):
        assert seen in page.text


def test_bundles_of_several_programmes_stand_below_each_other(serve: Serve, embedded_store: Store) -> None:
    publish_shop(embedded_store, ["anna"], of="weekly")
    publish_shop(embedded_store, ["anna"], of="daily", attempt=2, days=1)
    page = serve().get("/demo?customer=anna").text
    assert page.count("Five offers for customer anna") == 2
    assert page.index("Monday, 4 December</strong>") < page.index("Saturday, 9 December</strong>")
    assert page.count('id="heading"') == page.count('id="heading2"') == 1


def test_slots_show_what_is_used(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    touch(embedded_store, "anna", "o_1", Touch.REDEEM, MONDAY)
    page = serve().get("/demo?customer=anna").text
    assert '<i class="used"></i><i class=""></i><i class=""></i>' in page
    assert "1 of 5 used" in page


def test_where_customers_choose_slots_show_what_is_chosen(serve: Serve, embedded_store: Store) -> None:
    open_shop(embedded_store, CHOOSE, state=OfferState.OFFERED, slots=2)
    activate(embedded_store, "c1", "o_3", at("04 09:00"))
    page = serve().get("/demo?customer=c1").text
    assert "1 of 2 chosen, 0 used" in page
    assert page.count("Not active") == 4
    assert "one of each saves" not in page


def test_the_favourite_is_shown_with_its_days_and_what_could_follow(
    serve: Serve, embedded_store: Store
) -> None:
    open_shop(embedded_store)
    choose_favourite(embedded_store, "c1", "1082185", at("04 09:00"))
    page = serve().get("/demo?customer=c1").text
    assert "<h3>Bananas</h3>" in page
    assert (
        "from <strong>Tuesday, 5 December</strong> to the end of Thursday, 14 December, up to 4 a day" in page
    )
    assert "<ins>€0.67</ins>" in page
    assert "Fluid milk <b>€2.09</b>" in page


def test_a_favourite_in_effect_says_until_when(serve: Serve, embedded_store: Store) -> None:
    open_shop(embedded_store)
    choose_favourite(embedded_store, "c2", "1082185", at("04 09:00"))
    page = serve().get("/demo?customer=c2").text
    assert "until the end of <strong>Wednesday, 13 December</strong>, up to 4 a day" in page
    assert "No offers for customer" not in page


def test_a_customer_with_nothing_to_pick_sees_no_favourite(serve: Serve, embedded_store: Store) -> None:
    open_shop(embedded_store)
    assert "Favourite product" not in serve().get("/demo?customer=c3").text
    assert "Nothing is picked yet" in serve().get("/demo?customer=c1").text


def test_the_page_says_that_its_clock_stands_still(serve: Serve) -> None:
    assert "stands still at <strong>Monday, 4 December 2017, 09:00 UTC</strong>" in serve().get("/demo").text


def test_customers_to_try_are_one_click_away(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["10", "a&b", "9"])
    page = serve().get("/demo?customer=9").text
    assert '<a href="/demo?customer=9" aria-current="true">9</a>' in page
    assert '<a href="/demo?customer=a%26b">a&amp;b</a>' in page


def test_a_used_offer_says_so(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    touch(embedded_store, "anna", "o_1", Touch.REDEEM, MONDAY)
    assert serve().get("/demo?customer=anna").text.count('<span class="tag taken">Used</span>') == 1


def test_a_customer_without_offers_is_told_kindly_and_not_why(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    page = serve().get("/demo?customer=zoe").text
    assert "No offers for customer zoe right now" in page
    assert "nothing is wrong" in page


def test_before_the_first_night_the_page_says_what_to_do(serve: Serve) -> None:
    assert "Run <code>make demo</code> first" in serve().get("/demo?customer=1").text


def test_what_a_person_types_is_never_markup(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    page = serve().get("/demo?customer=%3Cscript%3E%22%24x").text
    assert "<script" not in page
    assert 'value="&lt;script&gt;&#34;$x"' in page


def test_names_and_reasons_from_data_are_never_markup(serve: Serve, embedded_store: Store) -> None:
    hostile = "<script>alert('\"&\"')</script>"
    offers = (
        offer(0, item=Item("1", hostile, 299), reason=Reason("due_now", hostile)),
        offer(1, item=Item("2", f"{hostile} 1<b>GA", 299)),
    )
    run = begin(embedded_store)
    stage_bundles(embedded_store, run, [staged(replace(bundle('"><script>'), offers=offers))])
    publish(embedded_store, run.run_id, now=run.as_of, manifest={"seed": 1})
    page = serve().get("/demo?customer=%22%3E%3Cscript%3E").text
    assert "Two offers for customer &#34;&gt;&lt;script&gt;" in page
    assert page.count("alert(&#39;&#34;&amp;&#34;&#39;)") == 3
    assert "<script" not in page
    assert "<b>GA" not in page


def test_the_page_loads_nothing_and_runs_nothing(serve: Serve) -> None:
    policy = serve().get("/demo").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


@pytest.mark.parametrize(
    ("address", "demo", "status"),
    [
        ("127.0.0.1", True, 200),
        ("::1", True, 200),
        ("127.0.0.1", False, 404),
        ("192.0.2.7", True, 404),
        ("shop", True, 404),
    ],
)
def test_the_page_is_for_this_machine_and_the_demo_only(
    serve: Serve, address: str, demo: bool, status: int
) -> None:
    assert serve(address=address, demo=demo).get("/demo").status_code == status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("shop.example", 404),  # a page there whose name was made to lead to this machine
        ("127.0.0.1.shop.example:8000", 404),
        ("localhost.shop.example", 404),
        ("192.168.1.5:8000", 404),
        ("0.0.0.0:8000", 404),
        ("localhost@shop.example", 404),
        ("", 404),
    ],
)
def test_the_page_is_only_for_who_asked_for_this_machine(serve: Serve, host: str, status: int) -> None:
    assert serve().get("/demo?customer=anna", host=host).status_code == status


@pytest.mark.parametrize("header", ["x-forwarded-for", "x-real-ip", "forwarded", "via", "x-forwarded-host"])
def test_the_page_is_not_for_who_comes_through_a_proxy(serve: Serve, header: str) -> None:
    assert serve().get("/demo?customer=anna", **{header: "127.0.0.1"}).status_code == 404


def test_money_percent_and_days_are_written_as_people_write_them() -> None:
    assert (money(299, "USD"), money(123456, "EUR"), money(5, "CHF")) == ("$2.99", "€1,234.56", "0.05 CHF")
    assert money(1500, "JPY") == "1,500 JPY"
    assert (percent(1500), percent(1250)) == ("15", "12.5")
    assert long_day(date(2017, 12, 9)) == "Saturday, 9 December"


def test_a_pool_says_what_is_to_be_claimed_and_then_shows_the_set(
    serve: Serve, embedded_store: Store
) -> None:
    publish_pools(embedded_store, ["anna"])
    page = serve().get("/demo?customer=anna").text
    assert "Offers to claim for customer anna" in page
    assert "6 of 18 offers are to be claimed" in page
    assert "MILK" not in page
    claim(embedded_store, "anna", MONDAY)
    page = serve().get("/demo?customer=anna").text
    assert "3 other sets and 1 exchange of single offers left today" in page
    assert page.count('<li class="offer activated">') == 6
