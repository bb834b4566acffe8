"""What the server counts of itself: requests, writes, stale reads. `/metrics` shows it."""

from prometheus_client import Counter, Histogram

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
