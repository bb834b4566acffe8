"""What a customer will want: which items are worth scoring for whom, and how likely each is bought.

Imports `features` and the rooms below. Read `candidates` with its SQL (where candidates come from) and `prospects` (for
customers without history), `affinity` (P(buys the item within the window)), `probability_calibration` and
`month_season` (so that it happens as often as it says), `own_model` (the same by another package), `baselines` (the
simple rules that every model must beat).
"""
