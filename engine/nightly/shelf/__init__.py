"""Who may have a bundle tonight, and what may lie in it: decided before anything is worth anything.

Imports `night`, `domain`, `store`, `programme` and `models`. Read `who_is_asked` (consent, complaints, arms and open
bundles) on `ruled_customers` (what a customer gets for where they stand) with `usual_store` (whom a programme of some
stores is for), `assigned_customers` (and one of some customers) and `one_a_household` (which member has the bundle, and
who shares it); then `assortment` (what the programme allows on each item, the same for everybody) on `funded_items`
(what suppliers pay tonight), and `candidate_rule` (what a rule takes from one customer and not from another). Of that
kind are `age_rule` (goods with a legal age), `offered_beside` (what other programmes offer), `stock_lots` and
`own_stores`, both from `sold_lately`, like `off_shelf` (what nobody can buy), and `rotation` (what may come again) on
`offered_before`, `cool_down` (items and families rest) and `variety` (what a bundle as a whole keeps to). `products` is
what the day needs to know of the same items.
"""
