"""`POST /v1/tokens`: the app's server gets a short-lived token for one customer's phone."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from engine.domain.access_keys import Scope
from engine.domain.offer_errors import Refused
from engine.serving.access.gate import Caller, may
from engine.serving.access.token_signing import Signer, Token
from engine.serving.http.deployment import Deployment, deployment
from engine.serving.http.outside_ids import Id
from engine.serving.http.problems import ACCESS, documented
from engine.store.nights.known_ids import customer_known_as
from models.ground.errors import StoreUnreachable

router = APIRouter(prefix="/v1", tags=["tokens"])


class TokenRequest(BaseModel):
    """For whom."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"customer_id": "1029"}]})

    customer_id: Id


class TokenAnswer(BaseModel):
    """What the phone sends as `Authorization: Bearer TOKEN`."""

    token: str
    customer_id: str
    expires_at: datetime


_EXAMPLE = {
    "token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMDI5In0.c2lnbmF0dXJl",
    "customer_id": "1029",
    "expires_at": "2017-12-04T09:15:00Z",
}


@router.post(
    "/tokens",
    status_code=201,
    summary="A token for one customer's phone",
    responses={
        201: {"content": {"application/json": {"example": _EXAMPLE}}},
        **documented(*ACCESS, "bad_request", "body_too_slow", "body_too_large"),
    },
)
def post_token(
    body: TokenRequest, caller: Annotated[Caller, may(Scope.APP)], request: Request
) -> TokenAnswer:
    """Make one after the customer has logged in to your app; it may do for them what an app's key may do.

    It is kept nowhere and cannot be taken back alone: it ends by itself, or with the key that made it.
    """
    if caller.customer_id is not None:
        raise Refused("scope_missing", "A token makes no tokens; this needs a server key with the scope app.")
    signer: Signer = request.app.state.signer
    now = datetime.now(UTC)
    customer_id = _as_the_shop_names_them(deployment(request), body.customer_id)
    made = Token(customer_id, caller.key_id, signer.ends_at(now))
    return TokenAnswer(token=signer.make(made, now=now), customer_id=customer_id, expires_at=made.ends_at)


def _as_the_shop_names_them(here: Deployment, customer_id: str) -> str:
    try:
        return customer_known_as(here.store, customer_id)
    except StoreUnreachable:  # who is meant is looked at again whenever the token is used
        return customer_id
