"""What discounts change, learnt from the shop's own promotions: from purchase lines to a `PriceResponse`.

Imports `models` only. Read `purchase_cells` with its SQL (lines -> counts a week, one bucket or all of a simulated shop
at a time), `promotion_weekday` (when weeks begin), `promotion_panel` (counts of the products that sell every week, as
arrays), `lift_fit` with `log_linear_counts` and `shrunk_factors` (incidence and units), `kappa_fit` (what is kept of
them), then `shop_response` (all of it); for visits `logged_lots` (who had a bundle by lot), `logged_plans` (what their
bundles were weighed by), `window_outcomes` (what customers then did) and `lot_fit` (what came of it); last
`workspace_response` (both, bucket by bucket).
"""
