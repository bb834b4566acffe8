"""Puts the server together."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from engine.console.console_routes import console_routes
from engine.console.frame.visit import Console
from engine.serving.access import token_endpoint
from engine.serving.access.gate import Gate
from engine.serving.access.housekeeping import keep_house, keep_looking, keep_rendering, tidy
from engine.serving.access.token_signing import Signer
from engine.serving.demo import demo_endpoint
from engine.serving.feed import customer_data_endpoints, event_endpoints, runs_endpoint
from engine.serving.http import problems
from engine.serving.http.body_limit import BodyLimit
from engine.serving.http.connection_limits import LimitedConnection
from engine.serving.http.deployment import Deployment
from engine.serving.http.openapi_nulls import keep_nulls
from engine.serving.http.request_log import RequestLog, configure_logs
from engine.serving.offers import activation_endpoints, claim_endpoints, favourite_endpoints, offers_endpoint
from engine.serving.operations import (
    grant_endpoints,
    health,
    metrics_endpoint,
    recall_endpoints,
    reference_page,
    stock_endpoint,
    stop_endpoints,
)
from engine.serving.tills import redemption_endpoints, validation_endpoints
from engine.settings import BadSettings, Settings, load_settings
from models.ground.exit_codes import exit_code_of

# How uvicorn serves: no path in a log, and no connection without limits.
SERVED_WITH: dict[str, Any] = {"access_log": False, "ws": "none", "http": LimitedConnection}


def create_app(settings: Settings) -> FastAPI:
    """Return the server for a deployment; the store is opened once it serves."""
    configure_logs()
    deployment = Deployment(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        house = asyncio.create_task(keep_house(deployment, app.state.gate))
        watch = asyncio.create_task(keep_looking(deployment))
        renderer = asyncio.create_task(keep_rendering(deployment))
        yield
        house.cancel()
        watch.cancel()
        renderer.cancel()
        await asyncio.to_thread(tidy, deployment, app.state.gate)
        deployment.close()

    app = FastAPI(
        title="Abonement",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        servers=[{"url": settings.public_url or "/"}],
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.deployment = deployment
    app.state.signer = Signer(settings)
    app.state.gate = Gate(deployment, app.state.signer)
    # The login's route first, and itself: `include_router` would wrap it into FastAPI's own handling again.
    app.router.routes[:0] = offers_endpoint.router.routes
    resources = (
        token_endpoint,
        activation_endpoints,
        claim_endpoints,
        favourite_endpoints,
        validation_endpoints,
        redemption_endpoints,
        event_endpoints,
        customer_data_endpoints,
        runs_endpoint,
        recall_endpoints,
        grant_endpoints,
        stock_endpoint,
        stop_endpoints,
        health,
        metrics_endpoint,
        demo_endpoint,
    )
    for resource in resources:
        app.include_router(resource.router)
    reference_page.install(app)
    if settings.console:
        # Behind all others, so that no login looks past them.
        app.router.routes.extend(console_routes(Console(settings, lambda: deployment.store, deployment.now)))
    app.add_middleware(BodyLimit)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins.split(),
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match"],
            expose_headers=[
                "Age",
                "Cache-Status",
                "ETag",
                "Idempotent-Replayed",
                "Retry-After",
                "X-Request-ID",
            ],
        )
    app.add_middleware(RequestLog)  # outermost: what the others refuse is logged too
    problems.install(app)
    keep_nulls(app, [offers_endpoint.router, *(resource.router for resource in resources)])
    return app


def app_from_environment(options: Mapping[str, object] | None = None) -> FastAPI:
    """`create_app` with the environment's settings; wrong ones end the process with a sentence and code 2.

    `options` go before the environment, as `load_settings` says.
    """
    try:
        return create_app(load_settings(options))
    except BadSettings as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(exit_code_of(error)) from error


def run(app: FastAPI) -> None:
    """Serve the app where the settings say, until interrupted."""
    settings = app.state.deployment.settings
    uvicorn.run(app, host=settings.host, port=settings.port, **SERVED_WITH)
