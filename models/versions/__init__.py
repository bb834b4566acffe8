"""One version is all fitted models and one recipe: its folder, the registry of versions, and what is known of each.

Imports `items`, `customers`, `response` and the rooms below. Read `artifact` with `model_files` (what lies in a version's
folder) and `needed_plug_ins` (what it needs of other packages), `registry` (versions side by side) and `version_pointer`
(the one in use), `response_versions` (the same of a shop's price response), `comparisons` (how one did against another),
`version_notes` (what people say of one), `shop_likeness` (what a shop looks like from outside, so that a model knows its
own).
"""
