"""One database behind one class: opening it, transactions, migrations, failures in a sentence, backups.

Imports `schema` and `models.ground`. Read `store` (`Store`: reading, writing, point reads), `sqlite` and `postgresql` (what
differs), `writer_queue` (SQLite's writers in order), `bounded_waits` (PostgreSQL's answers in time), `in_lists` (many values
of one question), `migrating` (the schema brought up to date), `opening` (a URL becomes an open store), `store_backup`.
"""
