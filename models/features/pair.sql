-- Every candidate pair with what customer, item and families have in common.
-- Reads:  candidates(customer_no, item_no, sources), pairs, fine_pairs, coarse_pairs (history.sql),
--         scored(customer_no, window_days, visits_decayed_28d),
--         item_table(item_no, fine_no, coarse_no, unit_price_minor)
SELECT
    candidate.customer_no,
    candidate.item_no,
    candidate.sources,
    customer.window_days,

    -- the customer and the item
    coalesce(pair.buys, 0) AS buys,
    coalesce(pair.buys_28d, 0) AS buys_28d,
    coalesce(pair.buys_84d, 0) AS buys_84d,
    coalesce(pair.buys_last_5_visits, 0) AS buys_last_5_visits,
    pair.days_since_buy,
    pair.days_since_first_buy,
    pair.visits_since_buy,
    pair.item_gap_days,
    coalesce(pair.decayed_14d, 0) AS decayed_14d,
    coalesce(pair.decayed_42d, 0) AS decayed_42d,
    coalesce(pair.decayed_126d, 0) AS decayed_126d,
    coalesce(pair.decayed_visits, 0) AS decayed_visits,
    pair.units_a_buy,
    pair.discount_share AS pair_discount_share,
    pair.buys / pair.visits_since_first_buy AS share_of_visits,
    pair.days_since_buy / pair.item_gap_days AS item_overdue_ratio,
    (pair.days_since_buy + customer.window_days) / pair.item_gap_days AS item_due_ratio,
    pair.decayed_42d / nullif(customer.visits_decayed_28d, 0) AS decayed_a_visit,
    pair.unit_price_minor / nullif(item.unit_price_minor, 0) AS price_paid_ratio,

    -- the customer and the item's families
    coalesce(fine.buys, 0) AS fine_buys,
    coalesce(fine.buys_84d, 0) AS fine_buys_84d,
    fine.days_since_buy AS fine_days_since_buy,
    fine.gap_days AS fine_gap_days,
    coalesce(fine.decayed_42d, 0) AS fine_decayed_42d,
    fine.days_since_buy / fine.gap_days AS fine_overdue_ratio,
    pair.decayed_42d / nullif(fine.decayed_42d, 0) AS share_of_fine,
    pair.days_since_buy - fine.days_since_buy AS days_with_another_of_fine,
    coalesce(coarse.decayed_42d, 0) AS coarse_decayed_42d,
    coarse.days_since_buy AS coarse_days_since_buy
FROM candidates AS candidate
JOIN scored AS customer USING (customer_no)
JOIN item_table AS item USING (item_no)
LEFT JOIN pairs AS pair
    ON pair.customer_no = candidate.customer_no AND pair.item_no = candidate.item_no
LEFT JOIN fine_pairs AS fine
    ON fine.customer_no = candidate.customer_no AND fine.fine_no = item.fine_no
LEFT JOIN coarse_pairs AS coarse
    ON coarse.customer_no = candidate.customer_no AND coarse.coarse_no = item.coarse_no;
