"""`/health/live`: the process answers. `/health/ready`: it can do its work, or says why not."""

import structlog
from fastapi import APIRouter, Request, Response

from engine.day.nights_shown import current_night
from engine.serving.http.answer_shapes import Live, Ready
from engine.serving.http.deployment import deployment
from engine.serving.http.problems import documented, problem
from models.ground.errors import CannotWrite
from models.ground.model_age import model_age_days

_log = structlog.get_logger("engine.serving")
router = APIRouter(prefix="/health", tags=["health"])

_LIVE = {"status": "live"}
_READY = {
    "status": "ready",
    "run_id": "2017-12-04.1",
    "as_of": "2017-12-04T00:00:00Z",
    "age_seconds": 32400,
    "model": "2017-12-04-81d78b30",
    "model_age_days": 0,
    "model_is_old": False,
    "offers_stopped_since": None,
}


@router.get(
    "/live",
    response_model=Live,
    summary="The process answers",
    responses={200: {"content": {"application/json": {"example": _LIVE}}}},
)
async def live() -> dict[str, str]:
    """Restart the process if this does not answer."""
    return _LIVE


@router.get(
    "/ready",
    response_model=Ready,
    summary="The store answers, can be written and has a current run",
    responses={
        200: {"content": {"application/json": {"example": _READY}}},
        **documented("store_unreachable", "store_unwritable", "no_current_run"),
    },
)
async def ready(request: Request) -> Response | Ready:
    """Send customers to this process only while it answers 200. Whether it can write it tries every five seconds."""
    here = deployment(request)
    night = await here.health_reads.answered(lambda: current_night(here.store, here.now()))
    try:
        await here.write_probe.check(here.store.try_to_write)
    except CannotWrite as error:
        _log.error("store_unwritable", error=str(error))
        return problem(request, "store_unwritable")
    if night is None:
        return problem(request, "no_current_run")
    age = None if night.model is None else model_age_days(night.model, here.now().date())
    shown = Ready(
        status="ready",
        run_id=night.run_id,
        as_of=night.as_of,
        age_seconds=night.age_seconds,
        model=night.model,
        model_age_days=age,
        offers_stopped_since=night.stopped_since,
        model_is_old=age is not None and age > here.settings.model_days,
    )
    return Response(shown.model_dump_json(), media_type="application/json")
