"""What every endpoint stands on: clock and store, how answers and errors look, limits and logs of requests.

Imports `day`, `store`, `domain`, `settings` and `models.ground`. Read `deployment` (clock and store), `problems` (RFC
9457), `outside_ids` (what a request may name), `answer_shapes` (what the OpenAPI page shows), `etags`,
`connection_limits`, `body_limit` with `json_once`, `request_log` with `counters`, `in_flight`, `last_known` (what was
handed out last, while the store is away), `store_reads` (no read holds the event loop), `write_probe` (can it be
written?), `openapi_nulls`.
"""
