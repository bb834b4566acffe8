"""HTTP and nothing else: it parses, calls a use case of `day`, and answers.

Imports `day`, `domain`, `store`, `programme` and `settings`, never `models` or the libraries of the night: the server
starts in a moment. Read `app` (what is put together), then the rooms: `http` (what every answer stands on), `access` (who
asks, and writes done once), `offers` (what the app reads and chooses), `tills`, `feed` (events, runs, a customer's data),
`operations` (health, metrics, API reference), `demo`.
"""
