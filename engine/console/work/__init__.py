"""Work that needs the libraries of the night, done by commands of `abonement` in processes of their own.

Imports `frame`, `settings` and `models.ground`. Read `command_at_work` (a command whose answer a page waits for),
`night_at_work` (one that goes on by itself, and what its log says of it).
"""
