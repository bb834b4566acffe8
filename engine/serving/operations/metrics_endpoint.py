"""`/metrics` for Prometheus: requests by route and status, how long they took, writes, and the age of the data.

With several workers set PROMETHEUS_MULTIPROC_DIR to an empty folder, so that a scrape of one of them counts all.
"""

import os
from typing import Annotated

from fastapi import APIRouter, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    generate_latest,
    multiprocess,
)

from engine.domain.access_keys import Scope
from engine.serving.access.gate import Caller, may
from engine.serving.http.problems import ACCESS, documented

router = APIRouter(tags=["health"])

_EXAMPLE = 'abonement_writes_total{action="redeemed",outcome="done"} 1204.0\n'
_PAGE = {"content": {"text/plain": {"schema": {"type": "string"}, "example": _EXAMPLE}}}


@router.get(
    "/metrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={200: _PAGE | {"description": "Prometheus text format."}, **documented(*ACCESS)},
)
def get_metrics(_caller: Annotated[Caller, may(Scope.ANALYST)]) -> Response:
    """Give Prometheus a key with the scope analyst as its bearer token; nothing here names a customer."""
    registry: CollectorRegistry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        # It ships no types for this class.
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
