"""What people come to the console for, from the first click to what it changed."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LATE, OpenPage, Served, sign_in

pytestmark = pytest.mark.browser

AT_MOST_MS = 180_000  # a night on a busy machine


def test_a_wrong_password_ten_times_is_told_to_wait(browse: OpenPage) -> None:
    page = browse(None)
    for _ in range(10):
        sign_in(page, "clumsy", "not my password")
        expect(page.get_by_role("alert")).to_contain_text("Name or password is wrong")
    sign_in(page, "clumsy", "correct horse battery")
    expect(page.get_by_role("alert")).to_contain_text("Too many wrong passwords")


def test_the_keyboard_reaches_the_content_first_and_the_focus_is_seen(browse: OpenPage) -> None:
    page = browse("viewer")
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    expect(skip).to_have_text("Go to the content")
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#content"


def test_the_service_desk_finds_why_a_customer_got_this_and_not_that_and_notes_the_call(
    browse: OpenPage, served: Served
) -> None:
    page = browse("service_desk")
    page.get_by_role("link", name="Customers").click()
    page.get_by_label("Customer id or card").fill(served.customers[1])
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Customer {served.customers[1]}")
    assert page.locator(".offer").count() >= 5
    page.get_by_role("link", name="Why these, and why not others").click()
    assert page.locator("tbody tr").count() >= 5
    expect(page.locator("main")).not_to_contain_text("In money")
    page.get_by_role("link", name="Back to the customer").click()
    page.get_by_label("What it found").select_option("complaint")
    page.get_by_label("In their words").fill("The milk was sour.")
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_role("status")).to_have_text("The contact is recorded.")
    expect(page.locator("main")).to_contain_text("The milk was sour.")
    expect(page.get_by_role("button", name="Erase for good")).to_have_count(0)


def test_a_product_is_withdrawn_and_today_tells_it(browse: OpenPage, served: Served) -> None:
    page = browse("editor")
    page.goto(f"{served.address}/customers/{served.customers[2]}/why")
    page.goto(f"{served.address}/products")
    page.get_by_label("Product id").fill("no such product")
    page.get_by_label("Why, as customers read it").fill("Glass in it.")
    page.get_by_role("button", name="Withdraw", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("That was not done")
    expect(page.locator("main")).to_contain_text("There is no product no such product")
    page.get_by_role("link", name="Go back").click()
    expect(page).to_have_url(f"{served.address}/products")


def test_an_admin_erases_a_customer_who_asked_for_it(browse: OpenPage, served: Served) -> None:
    page, gone = browse("admin"), served.customers[3]
    page.goto(f"{served.address}/customers/{gone}")
    page.get_by_text("Erase this customer").click()
    page.get_by_label("Type the customer's id once more").fill(gone)
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_role("status")).to_contain_text("The customer is erased")
    page.goto(f"{served.address}/customers/{gone}")
    expect(page.locator("body")).to_contain_text("being erased")


def test_an_approver_publishes_a_night_that_was_kept_back_and_says_why(
    browse: OpenPage, served: Served
) -> None:
    page = browse("approver")
    page.get_by_role("link", name="Look at it").first.click()
    expect(page).to_have_url(f"{served.address}/nights/{LATE}.1")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_label("Why").fill("The tills were closed over Easter.")
    page.get_by_role("button", name="Accept and publish").click()
    expect(page).to_have_url(f"{served.address}/nights/at-work")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile("The night is published"), timeout=AT_MOST_MS
    )
    page.get_by_role("link", name="See the night").click()
    expect(page.locator("header")).to_contain_text("published")
