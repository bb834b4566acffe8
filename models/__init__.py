"""What we know and predict about a customer.

Imports nothing of `training` or `engine`. Each room may import the ones before it, in this order: `ground` (errors,
moment, durable files, locks), `running` (manners of a command, the one way to run tasks), `pages` (what a page is made
of), `tables` (the vocabulary and units of every table), `sources` (files -> checked, customer-bucketed Parquet),
`neighbours` (who shops alike), `features` (SQL per bucket, with its recipe), `items` (what they will want), `customers`
(who they are, and who is leaving), `effects` (what a programme is worth, from arrays), `response` (what an offer changes),
`versions` (one version of all fitted models, and the registry). `scoring` is the one path from a bucket's history to scored
candidates.
"""
