"""What nights leave in the store: runs, their bundles, the products and rules they publish, what a login reads.

Imports `database`, `schema`, `access`, `domain` and `models.ground`. Read `run_records` (begin, find, withdraw),
`run_lines` (a list of all), `bundle_records` (what a night writes, and asks before it plans), `offer_use` (what became
of offers), `funded_offers` (what suppliers pay of them), `published_products`, `publication` (the switch), `recalls`
and `stops` (what a shop takes back), `claimed_sets` (pools, and what customers drew of them), `told_stock`,
`offerable_products` and `substitutions` (what is sold out by day, what may stand in and does), `login_views` and
`bundle_bodies` (ready-made JSON, written again by whatever changes it), `offered` (which night an offer belongs to),
`seen_offers` (what customers could see before tonight), `offers_beside` (what other programmes offer them),
`kept_experiments` and `assigned_arms` (what is tried, and who is in which arm, with `holdout_leaks` and `redrawn_arms`;
`foreign_offers`, what another engine gave), `known_ids` (who is meant by an id), `merged_cards` (a card becomes another
customer's), `shared_bundles` (whose bundle the members of a household use), `retention`.
"""
