"""A write over HTTP: done once however often it is sent, in one transaction with its answer and its audit line."""

import hashlib
import json
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from engine.domain.access_keys import Scope
from engine.domain.offer_errors import Refused
from engine.serving.access.gate import Caller, may
from engine.serving.http.counters import WRITES_TOTAL
from engine.serving.http.deployment import Deployment, deployment
from engine.serving.http.outside_ids import Id
from engine.serving.http.problems import PROBLEMS
from engine.store import Store
from engine.store.access.audit import Act, keep_record
from engine.store.access.customer_erasure import erased_among
from engine.store.access.remembered_answers import Claim, claim, keep_answer
from engine.store.nights.known_ids import customer_known_as, product_known_as
from models.ground.errors import StoreBusy

# A transaction that met another one is tried again; a third meeting in a row means that the store is overrun.
_TRIES = 3
_REFUSED = 400  # HTTP statuses from here on are refusals ...
_OURS = 500  # ... and from here on not the caller's doing: worth another try
ERASED = "erased"  # the one write that is done for a customer who is being erased
REPLAYED = "Idempotent-Replayed"
UseCase = Callable[[Store, datetime], BaseModel | dict[str, Any] | bytes | None]
IdempotencyKey = Annotated[
    Id | None,
    Header(
        alias="Idempotency-Key",
        description="A new one for each write, the same for its retries: they get the first answer again.",
    ),
]


class Write:
    """One request that writes; a route gets it from `writes` and calls `once`."""

    def __init__(self, here: Deployment, caller: Caller, claim: Claim | None, request_id: str) -> None:
        self._here = here
        self.caller = caller
        self._claim = claim
        self._request_id = request_id

    def customer(self, customer_id: str) -> str:
        """The customer who is asked for, as the shop's tables name them. Raises StoreUnreachable."""
        return customer_known_as(self._here.store, customer_id)

    def product(self, product_id: str) -> str:
        """The product that is asked for, as the shop's tables name it. Raises StoreUnreachable."""
        return product_known_as(self._here.store, product_id)

    def once(
        self,
        action: str,
        customer_id: str | None,
        use_case: UseCase,
        *,
        status: int = 200,
        subject: str | None = None,
    ) -> Response:
        """Run the use case in one transaction with its audit line and, given an Idempotency-Key, its answer.

        A retry gets the kept answer, marked `Idempotent-Replayed: true`, and the use case does not run. A refusal by
        the use case leaves nothing behind but itself: it is kept too. Else a try that its caller had given up for
        lost, still on its way, could be granted after a later one was refused, and nobody would know.

        Args:
            action: what the audit trail and the metrics call it.
            customer_id: whose data it concerns, for the audit trail and for erasure.
            use_case: gets the store and the shop's time, and returns the body, None for no body.
            status: of the answer.
            subject: what is written, for the audit trail.

        Raises:
            Refused: by the use case; for a key that belongs to another request; for a write under way; for a
                customer who is being erased, as if nothing of theirs were there.
            StoreUnreachable, CannotWrite: nothing was written.
        """
        with ExitStack() as alone:
            if self._claim is not None:
                write = (self._claim.caller, self._claim.idempotency_key)
                alone.enter_context(self._here.in_flight.alone(write))
            for left in reversed(range(_TRIES)):
                try:
                    body, status, replayed = self._run(action, customer_id, use_case, status, subject)
                    break
                except StoreBusy:  # another writer was in the way, nothing of this one is left
                    if not left:
                        raise
                except _RefusedByUseCase as judged:
                    body, status, replayed = self._keep_refusal(judged.refusal, customer_id)
                    break
        if status >= _REFUSED:
            raise _Kept(replayed=replayed, **json.loads(body))
        WRITES_TOTAL.labels(action, "replayed" if replayed else "done").inc()
        headers = {REPLAYED: "true"} if replayed else None
        return Response(body or None, status, headers, "application/json" if body else None)

    def _run(
        self, action: str, customer_id: str | None, use_case: UseCase, status: int, subject: str | None
    ) -> tuple[bytes, int, bool]:
        store, wall = self._here.store, datetime.now(UTC)
        with store.writing() as connection:
            if self._claim is not None:
                kept = claim(connection, self._claim, now=wall)
                if kept is not None:
                    if kept.request_hash != self._claim.request_hash:
                        raise Refused("idempotency_key_reused", PROBLEMS["idempotency_key_reused"].example)
                    return kept.body, kept.status, True
            if customer_id is not None and action != ERASED and erased_among(connection, {customer_id}):
                raise Refused("not_found", PROBLEMS["not_found"].example)
            try:
                body = _json(use_case(store, self._here.now()))
            except Refused as refusal:
                raise _RefusedByUseCase(refusal) from refusal
            if self._claim is not None:
                keep_answer(connection, self._claim, status, body, customer_id=customer_id)
            keep_record(
                connection, Act(wall, self.caller.key_id, action, customer_id, subject, self._request_id)
            )
        return body, status, False

    def _keep_refusal(self, refusal: Refused, customer_id: str | None) -> tuple[bytes, int, bool]:
        """Keep a refusal under the claim, unless another try of the same write was answered meanwhile."""
        status = PROBLEMS[refusal.key].status
        if self._claim is None or status >= _OURS:
            raise refusal
        body = _json({"key": refusal.key, "sentence": str(refusal)})
        with self._here.store.writing() as connection:
            kept = claim(connection, self._claim, now=datetime.now(UTC))
            if kept is not None:
                return kept.body, kept.status, True
            keep_answer(connection, self._claim, status, body, customer_id=customer_id)
        return body, status, False


class _Kept(Refused):
    """A refusal that the key stands for from now on; `headers` say whether it was given before."""

    def __init__(self, key: str, sentence: str, *, replayed: bool) -> None:
        super().__init__(key, sentence)
        self.headers = {REPLAYED: "true"} if replayed else None


class _RefusedByUseCase(Exception):
    """Undoes the transaction of a write that was understood and not granted."""

    def __init__(self, refusal: Refused) -> None:
        super().__init__(refusal.key)
        self.refusal = refusal


def writes(scope: Scope, *, key_required: bool = False) -> Any:
    """What a route declares for its `write`: who may, and whether it needs an Idempotency-Key."""

    async def prepare(
        request: Request, caller: Annotated[Caller, may(scope)], idempotency_key: IdempotencyKey = None
    ) -> Write:
        if idempotency_key is None and key_required:
            raise Refused("idempotency_key_missing", PROBLEMS["idempotency_key_missing"].example)
        made = None
        if idempotency_key is not None:
            asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
            digest = hashlib.sha256(asked + await request.body()).digest()
            made = Claim(caller.name, idempotency_key, digest)
        return Write(deployment(request), caller, made, request.scope.get("request_id", ""))

    return Depends(prepare)


def audited(scope: Scope) -> Any:
    """For a read that must be in the audit trail: as `writes`, and its answer is kept nowhere."""

    async def prepare(request: Request, caller: Annotated[Caller, may(scope)]) -> Write:
        return Write(deployment(request), caller, None, request.scope.get("request_id", ""))

    return Depends(prepare)


def _json(answer: BaseModel | dict[str, Any] | bytes | None) -> bytes:
    if answer is None:
        return b""
    if isinstance(answer, bytes):
        return answer
    if isinstance(answer, BaseModel):
        return answer.model_dump_json().encode()
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
