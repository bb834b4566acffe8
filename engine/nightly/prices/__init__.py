"""What tonight's money and places cost: one price each, by which plans and items compete.

Imports `context`, `in_force`, `folder`, `choosing`, `domain`, `programme` and `models`. Read `budget_price` (what the
budget leaves of the plans), which asks `staples_tonight` (what items cost that would stand in too many bundles) and
`funders_tonight` (what each supplier's budget leaves), and `gifts_tonight` (whom a line of the budget gives money).
"""
