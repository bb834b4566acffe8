"""How people and machines see a night: log lines, metrics for Prometheus, and a page to look at.

Imports `nightly`, `store`, `programme`, `domain` and `models`; nothing but `cli` and `commands` imports it, and no
night depends on it. No line, metric or page names a customer. Read in this order: `stages` (how long each took),
`journal` (JSON lines), `metrics` (the textfile), `watching` (all three around one night), then the run report:
`findings` (a run's numbers), `figures` (its plots), `page` (the page).
"""
