"""`/v1/stop`: no personal offers for anybody, at once, until they go on."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from engine.day.said_reason import MAX_REASON
from engine.day.stop_offers import resume_offers, standing_stop, stop_offers
from engine.domain.access_keys import Scope
from engine.serving.access.idempotent_writes import Write, writes
from engine.serving.http.problems import WRITES, documented

router = APIRouter(prefix="/v1/stop", tags=["stop"])

_REASON = "All prices of the night are wrong."


class StopRequest(BaseModel):
    """Why."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": _REASON}]})

    reason: str = Field(
        min_length=1,
        max_length=MAX_REASON,
        description="For the shop's own people; customers do not read it.",
    )


class StandingStop(BaseModel):
    """Whether all personal offers are stopped, since when and why."""

    stopped: bool
    since: datetime | None
    reason: str | None


def _ok(stopped: bool) -> dict[int | str, dict[str, Any]]:
    example = {
        "stopped": stopped,
        "since": "2017-12-04T09:00:00Z" if stopped else None,
        "reason": _REASON if stopped else None,
    }
    return {
        200: {"description": "As it is now.", "content": {"application/json": {"example": example}}},
        **documented(*WRITES),
    }


@router.post("", response_model=StandingStop, summary="Stop all personal offers", responses=_ok(stopped=True))
def post_stop(body: StopRequest, write: Annotated[Write, writes(Scope.ADMIN)]) -> Response:
    """From now on logins are empty, tills give nothing and no night is published, on every server of the store.

    Where they are stopped already nothing changes, and the first reason stays.
    """

    def stop(store: Any, now: datetime) -> StandingStop:
        stop_offers(store, reason=body.reason, now=now)
        return _standing(store)

    return write.once("stopped", None, stop)


@router.delete("", response_model=StandingStop, summary="Let offers go on", responses=_ok(stopped=False))
def delete_stop(write: Annotated[Write, writes(Scope.ADMIN)]) -> Response:
    """Offers that have not ended meanwhile are there again; where nothing was stopped nothing changes."""

    def resume(store: Any, now: datetime) -> StandingStop:
        resume_offers(store, now=now)
        return _standing(store)

    return write.once("resumed", None, resume)


def _standing(store: Any) -> StandingStop:
    standing = standing_stop(store)
    if standing is None:
        return StandingStop(stopped=False, since=None, reason=None)
    return StandingStop(stopped=True, since=standing.since, reason=standing.reason)
