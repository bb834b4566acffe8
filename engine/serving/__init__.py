"""HTTP and nothing else: it parses, calls a use case of `day`, and answers.

Imports `day`, `domain`, `store`, `programme` and `settings`, never models or the libraries of the night: the
server starts in a moment. Read `app` (what is put together), `dependencies`, `problems` (how errors look),
`schemas` (what the OpenAPI page shows), then one module per resource: `offers`, `health`, `demo`.
"""
