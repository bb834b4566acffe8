"""What everything of ours stands on: errors, moments, files that appear whole, locks, the identity of the code.

Imports the standard library only. Read `errors` (the tree, drawn), `moment` (up to
when history is known), `durable` (whole or not at all), `locks` (who may write), `code` (a digest of the source).
"""
