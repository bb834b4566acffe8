"""Every page and form of the console, and the least role that may ask for it: the one place where that is decided."""

from engine.console.customers.customer_page import customer
from engine.console.customers.customer_steps import erase_customer_asked, export_customer, note_contact
from engine.console.customers.find_customer import find_customer
from engine.console.customers.why_page import why
from engine.console.door.doorkeeper import DeclaredPage
from engine.console.door.sign_in_page import ask_to_sign_in, choose_language, sign_in, sign_out
from engine.console.nights.night_page import night
from engine.console.nights.night_progress import night_progress
from engine.console.nights.night_report import night_report
from engine.console.nights.night_steps import publish_accepted, roll_back
from engine.console.nights.nights_page import nights
from engine.console.rules.rules_page import rules
from engine.console.rules.rules_then_page import rules_then
from engine.console.today.today_page import today
from engine.console.withdrawals.withdrawal_steps import lift, recall, resume, stop
from engine.console.withdrawals.withdrawals_page import withdrawals
from engine.domain.console_users import Role

PAGES = (
    DeclaredPage("GET", "/sign-in", ask_to_sign_in, None),
    DeclaredPage("POST", "/sign-in", sign_in, None),
    DeclaredPage("POST", "/language", choose_language, None),
    DeclaredPage("POST", "/sign-out", sign_out, Role.VIEWER),
    DeclaredPage("GET", "", today, Role.VIEWER),
    DeclaredPage("GET", "/nights", nights, Role.VIEWER),
    DeclaredPage("GET", "/nights/at-work", night_progress, Role.VIEWER),
    DeclaredPage("GET", "/nights/{run_id}", night, Role.VIEWER),
    DeclaredPage("GET", "/nights/{run_id}/report", night_report, Role.VIEWER),
    DeclaredPage("POST", "/nights/{run_id}/publish", publish_accepted, Role.APPROVER),
    DeclaredPage("POST", "/nights/{run_id}/roll-back", roll_back, Role.APPROVER),
    DeclaredPage("GET", "/customers", find_customer, Role.SERVICE_DESK),
    DeclaredPage("GET", "/customers/{customer_id}", customer, Role.SERVICE_DESK),
    DeclaredPage("GET", "/customers/{customer_id}/why", why, Role.SERVICE_DESK),
    DeclaredPage("POST", "/customers/{customer_id}/contact", note_contact, Role.SERVICE_DESK),
    DeclaredPage("POST", "/customers/{customer_id}/export", export_customer, Role.ADMIN),
    DeclaredPage("POST", "/customers/{customer_id}/erase", erase_customer_asked, Role.ADMIN),
    DeclaredPage("GET", "/programme", rules, Role.VIEWER),
    DeclaredPage("GET", "/programme/{run_id}", rules_then, Role.VIEWER),
    DeclaredPage("GET", "/products", withdrawals, Role.VIEWER),
    DeclaredPage("POST", "/products/recall", recall, Role.EDITOR),
    DeclaredPage("POST", "/products/lift", lift, Role.EDITOR),
    DeclaredPage("POST", "/products/stop", stop, Role.EDITOR),
    DeclaredPage("POST", "/products/resume", resume, Role.APPROVER),
)
