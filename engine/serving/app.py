"""Puts the server together."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from engine.serving import (
    activation,
    customers,
    demo,
    favourite,
    feed,
    health,
    metrics,
    nights,
    offers,
    problems,
    redemptions,
    reference,
    tokens,
    validations,
)
from engine.serving.access import Gate
from engine.serving.dependencies import Deployment
from engine.serving.description import keep_nulls
from engine.serving.housekeeping import keep_house, tidy
from engine.serving.limits import BodyLimit
from engine.serving.logs import RequestLog, configure_logs
from engine.serving.signing import Signer
from engine.settings import BadSettings, Settings, load_settings


def create_app(settings: Settings) -> FastAPI:
    """Return the server for a deployment; nothing is opened before the first request."""
    configure_logs()
    deployment = Deployment(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        house = asyncio.create_task(keep_house(deployment, app.state.gate))
        yield
        house.cancel()
        await asyncio.to_thread(tidy, deployment, app.state.gate)
        deployment.close()

    app = FastAPI(title="Abonement", docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.deployment = deployment
    app.state.signer = Signer(settings)
    app.state.gate = Gate(deployment, app.state.signer)
    # The login's route first, and itself: `include_router` would wrap it into FastAPI's own handling again.
    app.router.routes[:0] = offers.router.routes
    resources = (
        tokens,
        activation,
        favourite,
        validations,
        redemptions,
        feed,
        customers,
        nights,
        health,
        metrics,
        demo,
        reference,
    )
    for resource in resources:
        app.include_router(resource.router)
    app.add_middleware(BodyLimit)
    app.add_middleware(RequestLog)  # outermost: what the others refuse is logged too
    problems.install(app)
    keep_nulls(app, [offers.router, *(resource.router for resource in resources)])
    return app


def app_from_environment() -> FastAPI:
    """`create_app` with the environment's settings; wrong ones end the process with a sentence and code 2."""
    try:
        return create_app(load_settings())
    except BadSettings as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(error.exit_code) from error


def run(app: FastAPI) -> None:
    """Serve the app where the settings say, until interrupted."""
    settings = app.state.deployment.settings
    uvicorn.run(app, host=settings.host, port=settings.port, access_log=False)
