"""HTTP and nothing else: it parses, calls a use case of `day`, and answers.

Imports `console`, `day`, `domain`, `store`, `settings`, `wording`, `models.ground` and `models.pages`, never the rest
of models or the libraries of the night: the server starts in a moment. `store` is opened by `http.deployment` and
handed to the use cases of `day`; only `access` reads and writes it itself. Read `app` (what is put together), then the
rooms: `http` (what every answer stands on), `access` (who asks, and writes done once), `offers` (what the app reads and
chooses), `tills`, `feed` (events, runs, a customer's data), `operations` (health, metrics, API reference), `demo`.
"""
