"""`GET /v1/runs`: which nights there are, and which one customers see."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from engine.day.nights_shown import last_nights
from engine.domain.access_keys import Scope
from engine.serving.access.gate import Caller, may
from engine.serving.http.deployment import Deployment, deployment
from engine.serving.http.problems import ACCESS, documented

router = APIRouter(prefix="/v1", tags=["nights"])

_MOST = 100


class NightRun(BaseModel):
    """One attempt at one night."""

    run_id: str
    night: date
    programme: str = Field(description="Its name; empty for a shop that runs one without a name.")
    state: Literal["staged", "published", "superseded", "withdrawn"]
    as_of: datetime = Field(description="What was bought before this moment is known.")
    published_at: datetime | None
    bundles: int
    offers: int


class Runs(BaseModel):
    """The last nights, newest first."""

    current: str | None = Field(description="The run published last and not replaced or rolled back since.")
    runs: list[NightRun]


_EXAMPLE = {
    "current": "2017-12-04.1",
    "runs": [
        {
            "run_id": "2017-12-04.1",
            "night": "2017-12-04",
            "programme": "",
            "state": "published",
            "as_of": "2017-12-04T00:00:00Z",
            "published_at": "2017-12-04T02:10:20Z",
            "bundles": 2007,
            "offers": 12042,
        }
    ],
}


@router.get(
    "/runs",
    response_model=Runs,
    summary="The last nights",
    responses={200: {"content": {"application/json": {"example": _EXAMPLE}}}, **documented(*ACCESS)},
)
def get_runs(
    _caller: Annotated[Caller, may(Scope.ANALYST)], here: Annotated[Deployment, Depends(deployment)]
) -> Response:
    """At most a hundred, the newest first; `abonement runs show` tells more about each."""
    current, last = last_nights(here.store, at_most=_MOST)
    runs = [NightRun(**{name: getattr(run, name) for name in NightRun.model_fields}) for run in last]
    shown = Runs(current=current, runs=runs)
    return Response(shown.model_dump_json(), media_type="application/json")
