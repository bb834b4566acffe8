"""What a programme is worth: estimators as pure functions of arrays, one definition for everybody who measures.

Measurement, fitting, evaluation and simulator call these; nothing here reads a table, asks a clock or draws dice.
Imports `ground`. A row is a customer, money is in whatever unit comes in, and the unit that is drawn is the household.
Read in this order: `estimate` (a figure with its error), `drawn_arms` (who is in which, by household), `sample_ratio`
and `pre_period_balance` (whether the lot was drawn well), `pre_period` (what is known of the time before), `arm_means`
(means in both arms, adjusted for it), `treatment_effect` (their difference), `heavy_tails` (the rule for a few very
large ones), `smallest_effect` (what can be seen at all), `confidence_sequence` (a band that may be looked at every
week). Then `ratio_of_means` with `bought_anyway` (the share of the discount that was not needed) and `compliers` (the
effect on those whom an offer reached); `segment_effects` (several effects judged together); `not_causal` and
`lookalikes` (before and after, members and those like them: answers that mislead, to be shown beside the right one).
`sample_means` (shares and means from sums alone) and `promoters` (net promoter score, and how many answers it takes)
are of a group by itself. Apart from these, `logged_support` and `policy_value` (what another policy would have brought
on nights that are logged).
"""
