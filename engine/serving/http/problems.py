"""How errors look: RFC 9457, with a `key` that programs compare and a `request_id` that is in the log.

`PROBLEMS` is the one table of keys. A use case refuses with `engine.domain.offer_errors.Refused(key, sentence)`; what
HTTP makes of it, and of every other error, stands here.
"""

from typing import Any, NamedTuple

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from engine.day.choose_favourite import REFUSALS
from engine.day.claim_bundle import NOTHING_TO_CLAIM, SET_OUTDATED
from engine.day.recall_product import RECALLED
from engine.day.stop_offers import SENTENCE, STOPPED
from engine.domain.offer_errors import OfferError, Refused
from engine.serving.http.answer_shapes import Problem
from models.ground.errors import AbonementError
from models.ground.shop_ids import ID_RULE

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
# An answer to what is wrong in ten thousand places is not larger than the request, and needs no more to be mended.
_MOST_PLACES = 10
_LONGEST_PLACE = 200
_NOT_CALLED_JSON = "body: expected JSON, sent with Content-Type: application/json"
_SEE_DOCS = "See /docs for what this server answers."


class ProblemKind(NamedTuple):
    """What a key means: its HTTP status, a title, and a sentence for the OpenAPI page."""

    status: int
    title: str
    example: str


PROBLEMS = {
    # What was asked
    "bad_request": ProblemKind(400, "The request cannot be read", _SEE_DOCS),
    "not_found": ProblemKind(404, "There is nothing here", _SEE_DOCS),
    "method_not_allowed": ProblemKind(405, "This method does not exist here", _SEE_DOCS),
    "body_too_slow": ProblemKind(
        408, "The body did not arrive in time", "Send the whole body within 10 seconds."
    ),
    "body_too_large": ProblemKind(413, "The body is too large", "Send at most 262144 bytes."),
    "invalid_request": ProblemKind(
        422,
        "An argument is not what was expected",
        f"path.customer_id: {ID_RULE}",
    ),
    # Who asks
    "key_missing": ProblemKind(
        401, "A key is needed", "Send a server key or a token: Authorization: Bearer KEY."
    ),
    "key_unknown": ProblemKind(401, "The key does not work", "It is unknown, has expired or was revoked."),
    "scope_missing": ProblemKind(403, "The key may not do this", "This needs a key with the scope till."),
    "rate_limited": ProblemKind(429, "Too many requests", "Ask again after the seconds in Retry-After."),
    # Writing once
    "idempotency_key_missing": ProblemKind(
        400,
        "An Idempotency-Key is needed",
        "Send a new Idempotency-Key with each write, the same with its retries.",
    ),
    "write_in_flight": ProblemKind(
        409, "The same write is under way", "Ask again in a moment with the same Idempotency-Key."
    ),
    "idempotency_key_reused": ProblemKind(
        422, "The Idempotency-Key belongs to another request", "Send a new Idempotency-Key with each write."
    ),
    # What a customer chooses
    "offer_not_found": ProblemKind(404, "There is no such offer", "The customer has no such offer now."),
    "slots_full": ProblemKind(409, "No slot is free", "All 3 slots are taken; put another offer back first."),
    "offer_redeemed": ProblemKind(409, "The offer has been used", "The offer has been used."),
    "offer_reserved": ProblemKind(
        409, "The offer is in a basket", "The offer is held for a basket at a till."
    ),
    "activation_is_automatic": ProblemKind(
        409, "Offers are always active", "Offers are always active here; none can be put back."
    ),
    "activation_is_final": ProblemKind(
        409, "Activated is activated", "An activated offer cannot be put back."
    ),
    "nothing_to_claim": ProblemKind(404, "There is nothing to claim", NOTHING_TO_CLAIM),
    "not_claimed": ProblemKind(409, "Nothing is claimed yet", "Nothing is claimed yet; claim a set first."),
    "set_outdated": ProblemKind(409, "Another set is shown", SET_OUTDATED),
    "set_in_use": ProblemKind(
        409,
        "The set is in use",
        "An offer of the set is used or held at a till; the others stay with it.",
    ),
    "no_refresh_left": ProblemKind(409, "No other set today", "There is no other set to be had today."),
    "no_swap_left": ProblemKind(409, "No other exchange today", "No offer can be exchanged any more today."),
    "no_other_offer": ProblemKind(409, "There is nothing else to draw", "There are no other offers to draw."),
    "favourite_not_available": ProblemKind(
        409, "There is no favourite to choose", "No favourite can be chosen at present."
    ),
    "favourite_chosen_today": ProblemKind(
        409, "Today's choice is made", "Today's choice is made; the next one can be made tomorrow."
    ),
    **{
        key.value: ProblemKind(422, "This product cannot be the favourite", sentence)
        for key, sentence in REFUSALS.items()
    },
    # What the shop takes back
    STOPPED: ProblemKind(409, "All personal offers are stopped", SENTENCE),
    "product_recalled": ProblemKind(
        409, "The product is withdrawn from all offers", f"{RECALLED} Validate the basket again without it."
    ),
    "product_not_found": ProblemKind(
        404,
        "There is no such product",
        "There is no product 4711 in the nights published last; check the id, or say that you withdraw it beforehand. "
        "Nothing was changed.",
    ),
    # Money given without a condition
    "grants_not_offered": ProblemKind(
        409,
        "The programme gives none of this kind",
        "The programme in force lets nobody give a thank_you: write [grants] with thank_you_limit_minor and a budget for it.",
    ),
    "grant_impossible": ProblemKind(
        422, "This cannot be given", "A grant lasts for 1 to 366 local days; 400 came, and nothing was given."
    ),
    "grant_key_taken": ProblemKind(
        409,
        "Another grant has this key",
        "Another grant was given under this key; the same key is the same grant, so name a new one anew.",
    ),
    "grant_above_limit": ProblemKind(
        409,
        "More than one grant may be",
        "The amount is 5000 minor units; the programme lets people give 2000 at most ([grants] compensation_limit_minor).",
    ),
    "grant_month_used": ProblemKind(
        409,
        "As many as the month allows were given",
        "This customer was given 2 of the kind this month, as many as the programme allows.",
    ),
    "grant_budget_used": ProblemKind(
        409,
        "The budget is used up",
        "The amount is 500 minor units and 120 are left of this month's [grants.budget.compensation].",
    ),
    "grant_not_available": ProblemKind(
        409, "This customer gets none", "This customer gets no thank-you. A compensation is for anybody."
    ),
    "grant_not_found": ProblemKind(404, "There is no such grant", "There is no grant with this id."),
    "grant_over": ProblemKind(
        409,
        "Nothing of the grant is left",
        "Nothing of this grant is left: it was used, taken back or has ended.",
    ),
    "grant_held": ProblemKind(
        409,
        "A till keeps the grant",
        "A till keeps this grant for a basket; try again once it is paid or given up.",
    ),
    # The till
    "basket_impossible": ProblemKind(
        422, "This cannot be what was sold", "Line 1 is there twice; name each line once."
    ),
    "session_taken": ProblemKind(
        409,
        "The session key is in use",
        "Another basket is held under this session key; name each basket anew.",
    ),
    "basket_outdated": ProblemKind(
        409,
        "A later state of the basket is known",
        "A later state of this basket was held or redeemed; this one changes nothing.",
    ),
    "session_not_found": ProblemKind(
        404,
        "There is no such session",
        "It was redeemed, released or never opened. Validate the basket again.",
    ),
    "session_expired": ProblemKind(409, "The session has expired", "Validate the basket again."),
    "nothing_to_redeem": ProblemKind(
        409,
        "No offer applies",
        "No offer applies to this basket, or they have been redeemed; validate it to see the reasons.",
    ),
    "offer_taken": ProblemKind(
        409,
        "An offer was used meanwhile",
        "An offer of this basket has been used meanwhile; validate the basket again.",
    ),
    "redemption_not_found": ProblemKind(
        404, "There is no such redemption", "There is no redemption with this id."
    ),
    "line_not_found": ProblemKind(404, "There is no such line", "The redemption has no discounted line 9."),
    "already_rolled_back": ProblemKind(
        409, "It was rolled back before", "What was to be rolled back was rolled back before."
    ),
    # The server
    "internal_error": ProblemKind(
        500, "Something went wrong on our side", "The request id finds the reason in the server's log."
    ),
    "store_unreachable": ProblemKind(503, "The store does not answer", "Ask again in a few seconds."),
    "store_unwritable": ProblemKind(
        503, "The store cannot be written", "Customers see their offers; nothing can be redeemed or chosen."
    ),
    "no_current_run": ProblemKind(
        503,
        "No night has been published yet",
        "Run the night: abonement nightly --workspace DIR --as-of TIME.",
    ),
}
# What every route with a key may answer, and what every write may answer beside it.
ACCESS = (
    "invalid_request",
    "key_missing",
    "key_unknown",
    "scope_missing",
    "not_found",
    "rate_limited",
    "store_unreachable",
)
WRITES = (
    *ACCESS,
    "bad_request",
    "body_too_slow",
    "body_too_large",
    "write_in_flight",
    "idempotency_key_reused",
)
_BY_STATUS = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
_log = structlog.get_logger("engine.serving")


def problem(
    request: Request, key: str, detail: str | None = None, *, headers: dict[str, str] | None = None
) -> Response:
    """Return the error as a response; `detail` is the table's own sentence if nothing is said."""
    kind = PROBLEMS[key]
    body = _body(key, kind.example if detail is None else detail, request.scope.get("request_id", ""))
    added = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": str(RETRY_AFTER_SECONDS)}}
    return Response(
        body.model_dump_json(), kind.status, added.get(kind.status, {}) | (headers or {}), MEDIA_TYPE
    )


def documented(*keys: str) -> dict[int | str, dict[str, Any]]:
    """Describe the problems of a route with an example for each, for its `responses`."""
    pages: dict[int | str, dict[str, Any]] = {}
    for key in dict.fromkeys(keys):
        kind = PROBLEMS[key]
        page = pages.setdefault(
            kind.status,
            {
                "description": kind.title,
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}},
            },
        )
        example = _body(key, kind.example, "4f1c2a9b8d7e6f50").model_dump()
        page["content"][MEDIA_TYPE]["examples"][key] = {"value": example}
        if kind.status in {429, 503}:
            retry = {"description": "Seconds until the next try.", "schema": {"type": "integer"}}
            page["headers"] = {"Retry-After": retry}
    return pages


def install(app: FastAPI) -> None:
    """Answer every error of the app as a problem, and describe the shape on the OpenAPI page."""
    described = app.openapi

    def openapi() -> dict[str, Any]:
        page = described()
        page["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        return page

    # FastAPI's documented way to extend the page.
    app.openapi = openapi  # type: ignore[method-assign]

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        return problem(
            request, _BY_STATUS.get(error.status_code, "bad_request"), _SEE_DOCS, headers=_allow(error)
        )

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        # The values themselves stay out of the answer: they may be a customer's.
        wrong = error.errors()
        # A body that is not called JSON is left as bytes, whatever stands in it.
        if any(one["loc"] == ("body",) for one in wrong) and not _is_json(request):
            return problem(request, "invalid_request", _NOT_CALLED_JSON)
        places = [
            f"{'.'.join(str(part) for part in one['loc'])}: {one['msg'].removeprefix('Value error, ')}"
            for one in wrong[:_MOST_PLACES]
        ]
        # A place is a name of ours or one that was sent, of any length.
        told = [place if len(place) <= _LONGEST_PLACE else f"{place[:_LONGEST_PLACE]}..." for place in places]
        more = [f"and {len(wrong) - _MOST_PLACES:,} more"] if len(wrong) > _MOST_PLACES else []
        return problem(request, "invalid_request", "; ".join(told + more))

    @app.exception_handler(Refused)
    async def on_refusal(request: Request, error: Refused) -> Response:
        return problem(request, error.key, str(error), headers=getattr(error, "headers", None))

    # Beside what goes wrong with the store, rules that cannot be applied to what was read from it.
    @app.exception_handler(AbonementError)
    @app.exception_handler(OfferError)
    async def on_store(request: Request, error: AbonementError | OfferError) -> Response:
        _log.error("store_failed", error=str(error), request_id=request.scope.get("request_id", ""))
        return problem(request, "store_unreachable")

    @app.exception_handler(Exception)
    async def on_defect(request: Request, error: Exception) -> Response:
        _log.error("defect", error=type(error).__name__, request_id=request.scope.get("request_id", ""))
        return problem(request, "internal_error")


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind.startswith("application/") and kind.endswith(("/json", "+json"))


def _allow(error: HTTPException) -> dict[str, str]:
    return {name: value for name, value in (error.headers or {}).items() if name.lower() == "allow"}


def _body(key: str, detail: str, request_id: str) -> Problem:
    kind = PROBLEMS[key]
    return Problem(
        type=f"urn:abonement:problem:{key}",
        title=kind.title,
        status=kind.status,
        detail=detail,
        key=key,
        request_id=request_id,
    )
