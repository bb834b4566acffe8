"""One request for a page: who asks for what, and what the deployment gives to answer it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from engine.console.frame.texts import Texts
from engine.domain.console_users import ConsoleUser, Role
from engine.settings import Settings
from engine.store import Store
from engine.store.access.audit import Act

ADDRESS = "/console"


@dataclass(frozen=True)
class Console:
    """The deployment as the console knows it; `store` opens it and raises StoreUnreachable, `now` is the shop's clock."""

    settings: Settings
    store: Callable[[], Store]
    now: Callable[[], datetime]


@dataclass(frozen=True)
class ConsoleVisit:
    """One request.

    Attributes:
        here: the deployment.
        store: open.
        path: as it was asked for, without the query.
        names: what stands in the places of the path's names.
        query: what follows the `?`.
        form: what a form sent.
        texts: in the visitor's language.
        user: who is signed in; None on pages that need nobody.
        token: what the browser holds, empty before the first page.
        form_token: what every form of the page has to send back.
        address: of the browser.
        request_id: as the log and the answer have it.
        is_secure: asked by https.

    """

    here: Console
    store: Store
    path: str
    names: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    texts: Texts
    user: ConsoleUser | None
    token: str
    form_token: str
    address: str
    request_id: str
    is_secure: bool

    @property
    def now(self) -> datetime:
        """The shop's time."""
        return self.here.now()

    @property
    def who(self) -> ConsoleUser:
        """Who is signed in; a page that needs nobody must not ask."""
        if self.user is None:
            raise RuntimeError("a page for everybody asks who is signed in")
        return self.user

    def may(self, least: Role) -> bool:
        """Whether the visitor's role covers another one."""
        return self.user is not None and self.user.role.covers(least)

    def act(self, action: str, *, customer_id: str | None = None, subject: str | None = None) -> Act:
        """A line for the audit trail, in the visitor's name."""
        actor = "console" if self.user is None else f"console {self.user.name}"
        return Act(datetime.now(UTC), actor, action, customer_id, subject, self.request_id)


def zone_of(name: str | None) -> tzinfo:
    """The shop's time zone; UTC before there is a night to know it from."""
    return UTC if name is None else ZoneInfo(name)
