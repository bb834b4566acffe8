"""Reports that a loyalty manager asks for: who stays, what members bring, what surveys say, why customers leave.

Imports `domain`, `measurement`, `nightly`, `wording` and `store`, and of `models` whatever counts. Each report is a
function of the load and of what the store knows; customers are counted in SQL, a bucket at a time, and no group below
20 is shown. Read `report_figures` (what a report is made of, and the rule for small groups) and `bucket_sums`
(counting), then any report: `cohorts` (months of first purchase), `members` (beside others; `matched_customers` beside
those who bought alike), `pilot` (its stores beside the rest), `survey` (NPS and CSI; `drawn_holdout` compares arms),
`trials` (novelties of `published_nights`), `upsell` (families new to a customer), `loss_reasons` (why customers leave),
`efficiency` (what is earned over what it costs), `funders` (what suppliers owe) and `programmes` (how each is used).
Last `report_content` (words, JSON, rows of a file) and `managers_page` with its template.
"""
