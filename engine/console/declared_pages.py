"""Every page and form of the console, and the least role that may ask for it: the one place where that is decided."""

from engine.console.door.doorkeeper import DeclaredPage
from engine.console.door.sign_in_page import ask_to_sign_in, choose_language, sign_in, sign_out
from engine.console.today.today_page import today
from engine.domain.console_users import Role

PAGES = (
    DeclaredPage("GET", "/sign-in", ask_to_sign_in, None),
    DeclaredPage("POST", "/sign-in", sign_in, None),
    DeclaredPage("POST", "/language", choose_language, None),
    DeclaredPage("POST", "/sign-out", sign_out, Role.VIEWER),
    DeclaredPage("GET", "", today, Role.VIEWER),
)
