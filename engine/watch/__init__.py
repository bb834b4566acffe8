"""How people and machines see a night: log lines, metrics for Prometheus, and a page to look at.

Imports `nightly`, `programme`, `domain` and `models`; nothing but `commands` imports it, and no night depends on it. No
line, metric or page names a customer. Read in this order: `stage_times` (how long each took), `journal` (JSON lines),
`textfile` (Prometheus), `watching` (all three around one night), then the run report: `run_findings` (a run's numbers),
`run_plots`, `run_page` (the page); `dry_run_page` (a night that is not published, beside the last one).
"""
