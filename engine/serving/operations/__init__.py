"""What an operator asks a server: is it well, how does it do, what does it answer.

Imports `http` and `access`. Read `health`, `metrics_endpoint`, `reference_page` (`/docs`).
"""
