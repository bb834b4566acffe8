-- Of every candidate, and of its family: days of promotion in the customer's stores, each weighed by their visits there.
-- Whole numbers until the end, so that no order of rows and no number of buckets changes a sum.
-- Reads:  candidates(customer_no, item_no), standing and moment (bought.sql), item_families(item_no, fine_no, coarse_no),
--         promotion_stores(store_no, store_id), promoted_items(item_no, store_no, ...), promoted_families(fine_no, store_no, ...)
WITH own AS (
    SELECT customer_no, store_no, count(DISTINCT local_day) AS visits
    FROM standing
    CROSS JOIN moment
    JOIN promotion_stores USING (store_id)
    WHERE local_day >= as_of_day - 84
    GROUP BY customer_no, store_no
),

of_items AS (
    SELECT
        customer_no,
        item_no,
        sum(visits * display_now) AS display_now,
        sum(visits * mailer_now) AS mailer_now,
        sum(visits * off_now) AS off_now,
        sum(visits * display_last) AS display_last,
        sum(visits * mailer_last) AS mailer_last,
        sum(visits * display_before) AS display_before,
        sum(visits * mailer_before) AS mailer_before,
        sum(visits * off_before) AS off_before
    FROM candidates
    JOIN own USING (customer_no)
    JOIN promoted_items USING (item_no, store_no)
    GROUP BY customer_no, item_no
),

of_families AS (
    SELECT
        customer_no,
        fine_no,
        sum(visits * display_now) AS fine_display_now,
        sum(visits * mailer_now) AS fine_mailer_now,
        sum(visits * display_before) AS fine_display_before,
        sum(visits * mailer_before) AS fine_mailer_before
    FROM (SELECT DISTINCT customer_no, fine_no FROM candidates JOIN item_families USING (item_no))
    JOIN own USING (customer_no)
    JOIN promoted_families USING (fine_no, store_no)
    GROUP BY customer_no, fine_no
)

SELECT
    candidate.customer_no,
    candidate.item_no,
    own_visits.visits,
    of_items.* EXCLUDE (customer_no, item_no),
    of_families.* EXCLUDE (customer_no, fine_no)
FROM candidates AS candidate
LEFT JOIN item_families AS family USING (item_no)
LEFT JOIN (SELECT customer_no, sum(visits) AS visits FROM own GROUP BY customer_no) AS own_visits USING (customer_no)
LEFT JOIN of_items ON of_items.customer_no = candidate.customer_no AND of_items.item_no = candidate.item_no
LEFT JOIN of_families ON of_families.customer_no = candidate.customer_no AND of_families.fine_no = family.fine_no;
