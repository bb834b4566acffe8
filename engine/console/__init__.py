"""The manager's console at `/console`: pages for people of the shop, on the same store and use cases as everybody else.

Imports `day`, `domain`, `programme`, `store`, `settings`, `wording`, `models.ground` and `models.pages`, never the rest
of models or the libraries of the night: what needs those runs as a command in a process of its own
(`commands_at_work`). Plain forms and links, no script, nothing from outside. Read `declared_pages` first (every page,
and the least role that may see it), then `console_routes` (how the server asks for one), then the rooms: `frame` (what
every page stands on), `door` (who comes in), `today` (how things stand), `work` (commands), `nights`, `customers`,
`rules` (of the programme), `withdrawals` (what the shop takes back at once).
"""
