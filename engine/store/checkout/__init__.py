"""What tills do: which offers are open, baskets held, the ledger of redemptions.

Imports `database`, `schema`, `nights`, `grants` and `domain`. Read `open_offers` (what may be used), `receipts` (a
priced basket as it is kept), `sessions` (baskets that are held), `funded_lines` (what suppliers pay of a line),
`redemption_ledger` (what was redeemed, and what of it came back), `given_by_day` (its sums), `past_uses` (those of one
customer).
"""
