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
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)

from engine.domain.access import Scope
from engine.serving.access import Caller, may
from engine.serving.problems import ACCESS, documented

router = APIRouter(tags=["health"])

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
REQUEST_SECONDS = Histogram(
    "abonement_request_seconds",
    "Requests by route and status, and how long they took.",
    ("method", "route", "status"),
    buckets=_SECONDS,
)
WRITES_TOTAL = Counter(
    "abonement_writes",
    "Writes by what they did; a replayed one was answered from memory.",
    ("action", "outcome"),
)
STALE_READS_TOTAL = Counter(
    "abonement_stale_reads", "Logins answered with the last known bundle: the store was away."
)

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
