"""Who asks, and whether they may: server keys, customers' tokens, scopes, and how often.

A route asks for `may(Scope.APP)`. A key is looked up in the store and then remembered for `REMEMBERED_SECONDS`, so
a revoked key ends within that time in every process. While the store does not answer, keys seen before go on
working for reads: `LAST_KNOWN_SECONDS`.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from engine.domain.access_keys import PREFIX, Scope
from engine.domain.offer_errors import Refused
from engine.serving.access.request_rates import Rate
from engine.serving.access.token_signing import Signer
from engine.serving.http.deployment import Deployment
from engine.serving.http.problems import PROBLEMS
from engine.store.access.server_keys import key_named, key_with
from engine.store.nights.known_ids import customer_at_login
from models.ground.errors import StoreUnreachable
from models.ground.shop_ids import is_id

REMEMBERED_SECONDS = 5.0
LAST_KNOWN_SECONDS = 3600.0
# Callers of one process: a few server keys and the phones of the last minutes.
_REMEMBERED_CALLERS = 20_000
_BEARER = HTTPBearer(
    auto_error=False,
    description="A server key (`abonement keys create`), or a customer's token (`POST /v1/tokens`).",
)

Address = (
    tuple[str, int] | None
)  # host and port as ASGI has them, behind a proxy those that it names; None for a file socket


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a server key, or with `customer_id` a phone that holds a token made with that key."""

    key_id: str
    lineage: str  # stays the same when the key is rotated
    scopes: frozenset[Scope]
    customer_id: str | None
    ends_at: datetime | None

    @property
    def name(self) -> str:
        """Under which a retried write is recognised, also after the key was rotated."""
        return self.lineage if self.customer_id is None else f"{self.lineage}/{self.customer_id}"

    def check_scope(self, scope: Scope) -> None:
        """Raise Refused unless the caller may do this."""
        if scope not in self.scopes:
            raise Refused("scope_missing", f"This needs a key with the scope {scope.value}.")

    def is_for(self, customer_id: str) -> bool:
        """A server key is for everybody, a token for whom it names."""
        return self.customer_id is None or self.customer_id == customer_id


class RateLimited(Refused):
    """The caller asks too often; `headers` say when they may ask again."""

    def __init__(self, seconds: int) -> None:
        super().__init__("rate_limited", PROBLEMS["rate_limited"].example)
        self.headers = {"Retry-After": str(seconds)}


class _Remembered(NamedTuple):
    caller: Caller
    seen: float  # monotonic seconds


class Gate:
    """Lets callers in. One for each process; rates are counted in it, so W workers let through W times as much."""

    def __init__(self, deployment: Deployment, signer: Signer) -> None:
        self._here = deployment
        self._signer = signer
        self._known: dict[bytes, _Remembered] = {}
        self._key_rate = Rate(deployment.settings.rate_limit)
        self._token_rate = Rate(deployment.settings.token_rate_limit)
        self._event_rate = Rate(deployment.settings.token_event_limit)
        self._wrong_key_rate = Rate(deployment.settings.wrong_key_limit)
        self.used: dict[str, datetime] = {}  # last use by key id, until it is written down

    async def let_in(self, authorization: str | None, scope: Scope, address: Address) -> Caller:
        """Return who asks from an address; raises Refused for a missing, unknown or ended key, a missing scope, too many requests.

        Raises StoreUnreachable if the store is away and the key has not been seen lately.
        """
        caller = await self.caller(authorization, address)
        caller.check_scope(scope)
        self._count(caller)
        return caller

    async def caller(self, authorization: str | None, address: Address) -> Caller:
        """Return who asks, from the value of the header `Authorization`."""
        if authorization is None or authorization[:7].lower() != "bearer ":
            raise Refused("key_missing", PROBLEMS["key_missing"].example)
        credential = authorization[7:].strip()
        digest = hashlib.sha256(credential.encode()).digest()
        known = self._known.get(digest)
        age = LAST_KNOWN_SECONDS if known is None else time.monotonic() - known.seen
        if known is not None and age < REMEMBERED_SECONDS:
            return _still_valid(known.caller)
        if known is None:
            self._count_wrong(credential, address, 0)
        try:
            caller = await self._here.key_reads.answered(lambda: self._look_up(credential))
        except StoreUnreachable:
            if known is None or age >= LAST_KNOWN_SECONDS:
                raise
            return _still_valid(known.caller)
        except Refused:
            self._known.pop(digest, None)
            self._count_wrong(credential, address, 1)
            raise
        if len(self._known) >= _REMEMBERED_CALLERS:
            self._known.clear()
        self._known[digest] = _Remembered(caller, time.monotonic())
        return caller

    async def check_customer(self, caller: Caller, customer_id: str) -> None:
        """Raise Refused, as for a resource that is not there, if a token was made for another customer.

        Asks the store, and so raises StoreUnreachable, only where the ids differ: both may be of one customer.
        """
        own = caller.customer_id
        if own is None or caller.is_for(customer_id):
            return
        same = is_id(customer_id) and await self._here.key_reads.answered(
            lambda: (
                customer_at_login(self._here.store, own) == customer_at_login(self._here.store, customer_id)
            )
        )
        if not same:
            raise Refused("not_found", PROBLEMS["not_found"].example)

    def count_told(self, caller: Caller, events: int) -> None:
        """Count what a phone tells; raises RateLimited. A server key answers for itself."""
        if caller.customer_id is not None:
            seconds = self._event_rate.wait_seconds(caller.name, count=events)
            if seconds:
                raise RateLimited(seconds)

    def _look_up(self, credential: str) -> Caller:
        now = datetime.now(UTC)
        token = None if credential.startswith(PREFIX) else self._signer.read(credential, now)
        key = (
            key_with(self._here.store, credential)
            if token is None
            else key_named(self._here.store, token.key_id)
        )
        if key is None or not key.works_at(now):
            raise Refused("key_unknown", PROBLEMS["key_unknown"].example)
        self.used[key.key_id] = now
        if token is None:
            return Caller(key.key_id, key.lineage, key.scopes, None, key.expires_at)
        # A token does what its key may do for one customer's phone, and never more.
        return Caller(key.key_id, key.lineage, key.scopes & {Scope.APP}, token.customer_id, token.ends_at)

    def _count_wrong(self, credential: str, address: Address, count: int) -> None:
        """Raise RateLimited at an address with too many wrong keys, so that guessing does not keep the store busy.

        A key that works and is remembered goes on working there. Tokens are not counted: a wrong one costs the store
        nothing, and many phones with ended ones may share an address.
        """
        if credential.startswith(PREFIX):
            seconds = self._wrong_key_rate.wait_seconds(address[0] if address else "", count=count)
            if seconds:
                raise RateLimited(seconds)

    def _count(self, caller: Caller) -> None:
        rate = self._key_rate if caller.customer_id is None else self._token_rate
        seconds = rate.wait_seconds(caller.name)
        if seconds:
            raise RateLimited(seconds)


def may(scope: Scope) -> Any:
    """What a route declares for its `caller`: a key or token with the scope, for the customer in the path."""

    async def let_in(
        request: Request, _shown: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]
    ) -> Caller:
        return await caller_of(request, scope)

    return Depends(let_in)


async def caller_of(request: Request, scope: Scope) -> Caller:
    """Who asks; raises Refused as `Gate.let_in` does, and for a token of another customer than the path names."""
    gate: Gate = request.app.state.gate
    caller = await gate.let_in(
        only_one(request.headers.getlist("authorization")), scope, request.scope["client"]
    )
    customer_id = request.path_params.get("customer_id")
    if customer_id is not None:
        await gate.check_customer(caller, customer_id)
    return caller


def only_one(sent: Sequence[str]) -> str | None:
    """Return the value of a header, None where it is absent; raises Refused for several.

    A gateway in front may have looked at another one of them.
    """
    if len(sent) > 1:
        raise Refused("key_missing", "Expected one Authorization header, got several; send one.")
    return sent[0] if sent else None


def _still_valid(caller: Caller) -> Caller:
    if caller.ends_at is not None and datetime.now(UTC) >= caller.ends_at:
        raise Refused("key_unknown", PROBLEMS["key_unknown"].example)
    return caller
