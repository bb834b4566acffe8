"""What everything of ours stands on: errors, moments, files that appear whole, locks, the identity of the code.

Imports the standard library only, so that the server may use it too. Read `errors` (the tree, drawn), `exit_codes`
(what a command leaves with), `moment` (up to when history is known), `shop_ids` (what may be an id), `currencies`
(decimals and amounts as written), `shop_figures` (what a programme has to fit), `model_age` (when a model is old),
`progress` (how far work is), `durable` (whole or not at all), `locks` (who may write; the token that fences off workers
of a killed command), `code` (a digest of the source), `plug_ins` (code that the owner installed beside ours),
`toml_text` (a table or one kind of error).
"""
