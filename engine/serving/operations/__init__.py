"""What an operator asks a server: is it well, how does it do, what does it answer.

Imports `http` and `access`. Read `health`, `metrics_endpoint`, `housekeeping` (what the server does beside answering),
`api_reference` (`/docs`).
"""
