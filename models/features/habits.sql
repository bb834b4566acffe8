-- How every customer of the bucket buys: what they pay and leave, with and without discounts, now and before.
-- Reads:  visits (history.sql), earned (earned.sql), item_families(item_no, fine_no, coarse_no), habit_window(days)
-- Periods of `days` are counted back from `as_of`: 0 is the current one, 1 the one before.
WITH bought AS (
    SELECT
        days.customer_no,
        (greatest(days.age_days - 1, 0) // habit_window.days)::INTEGER AS period,
        days.item_no,
        days.paid_minor,
        days.discount_minor,
        days.cost_known,
        days.margin_minor
    FROM earned AS days
    CROSS JOIN habit_window
),

money AS (
    SELECT
        customer_no,
        sum(paid_minor) AS paid_minor_ever,
        sum(margin_minor) AS margin_minor_ever,
        bool_and(cost_known) AS cost_known,
        sum(paid_minor) FILTER (period = 0) AS paid_minor,
        sum(discount_minor) FILTER (period = 0) AS discount_minor,
        sum(margin_minor) FILTER (period = 0) AS margin_minor,
        sum(paid_minor) FILTER (period = 1) AS paid_minor_before,
        sum(discount_minor) FILTER (period = 1) AS discount_minor_before,
        count(*) FILTER (period = 0) AS buys,
        count(*) FILTER (period = 0 AND discount_minor > 0) AS deal_buys,
        count(*) FILTER (period = 1 AND discount_minor = 0) AS plain_buys_before
    FROM bought
    GROUP BY customer_no
),

best AS (
    SELECT customer_no, max(paid_minor) AS best_paid_minor
    FROM (SELECT customer_no, period, sum(paid_minor) AS paid_minor FROM bought WHERE period > 0 GROUP BY ALL)
    GROUP BY customer_no
),

breadth AS (
    SELECT customer_no, count(DISTINCT fine_no) AS families
    FROM bought
    JOIN item_families USING (item_no)
    WHERE period = 0 AND fine_no >= 0
    GROUP BY customer_no
),

came AS (
    SELECT customer_no, count(*) AS visits_in_period
    FROM visits, habit_window
    WHERE greatest(age_days - 1, 0) < days
    GROUP BY customer_no
),

longest AS (
    -- the longest silence that ended with a visit: how long it was and when that visit was
    SELECT customer_no, gap_days AS longest_gap_days, age_days AS returned_days_ago
    FROM visits
    WHERE gap_days IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY customer_no ORDER BY gap_days DESC, age_days) = 1
)

SELECT
    money.*,
    coalesce(came.visits_in_period, 0) AS visits_in_period,
    best.best_paid_minor,
    coalesce(breadth.families, 0) AS families,
    longest.longest_gap_days,
    longest.returned_days_ago
FROM money
LEFT JOIN came USING (customer_no)
LEFT JOIN best USING (customer_no)
LEFT JOIN breadth USING (customer_no)
LEFT JOIN longest USING (customer_no)
ORDER BY customer_no;
