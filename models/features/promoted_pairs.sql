-- Of candidates, and of their families: days of promotion in the customer's stores, each weighed by their visits there.
-- Whole numbers, so that no order of rows and no number of buckets changes a sum; what is promoted nowhere has no row.
-- Reads:  candidates(customer_no, item_no), standing and moment (bought.sql), item_families(item_no, fine_no, coarse_no),
--         promotion_stores(store_no, store_id), promoted_items(item_no, store_no, ...), promoted_families(fine_no, store_no, ...)
-- Makes:  own_stores, promoted_of_items, promoted_of_families
CREATE OR REPLACE TEMP TABLE own_stores AS
SELECT customer_no, store_no, count(DISTINCT local_day)::INTEGER AS visits
FROM standing
CROSS JOIN moment
JOIN promotion_stores USING (store_id)
WHERE local_day >= as_of_day - 84
GROUP BY customer_no, store_no;

CREATE OR REPLACE TEMP TABLE promoted_of_items AS
SELECT
    customer_no,
    item_no,
    sum(visits * display_now)::BIGINT AS display_now,
    sum(visits * mailer_now)::BIGINT AS mailer_now,
    sum(visits * off_now)::BIGINT AS off_now,
    sum(visits * display_last)::BIGINT AS display_last,
    sum(visits * mailer_last)::BIGINT AS mailer_last,
    sum(visits * display_before)::BIGINT AS display_before,
    sum(visits * mailer_before)::BIGINT AS mailer_before,
    sum(visits * off_before)::BIGINT AS off_before
FROM candidates
JOIN own_stores USING (customer_no)
JOIN promoted_items USING (item_no, store_no)
GROUP BY customer_no, item_no;

CREATE OR REPLACE TEMP TABLE promoted_of_families AS
SELECT
    customer_no,
    fine_no,
    sum(visits * display_now)::BIGINT AS display_now,
    sum(visits * mailer_now)::BIGINT AS mailer_now,
    sum(visits * display_before)::BIGINT AS display_before,
    sum(visits * mailer_before)::BIGINT AS mailer_before
FROM (SELECT DISTINCT customer_no, fine_no FROM candidates JOIN item_families USING (item_no))
JOIN own_stores USING (customer_no)
JOIN promoted_families USING (fine_no, store_no)
GROUP BY customer_no, fine_no;
