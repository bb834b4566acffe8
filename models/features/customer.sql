-- What is known about every customer of the bucket with at least one visit before `as_of`.
-- Reads:  visits, item_days, pairs, moment (history.sql)
WITH cadence AS (
    SELECT
        customer_no,
        count(*) AS visits,
        count(*) FILTER (age_days <= 7) AS visits_7d,
        count(*) FILTER (age_days <= 14) AS visits_14d,
        count(*) FILTER (age_days <= 28) AS visits_28d,
        count(*) FILTER (age_days BETWEEN 29 AND 56) AS visits_29_56d,
        count(*) FILTER (age_days <= 84) AS visits_84d,
        count(*) FILTER (age_days <= 182) AS visits_182d,
        min(age_days) AS days_since_visit,
        max(age_days) AS tenure_days,
        avg(gap_days) AS gap_mean_days,
        median(gap_days) AS gap_median_days,
        quantile_cont(gap_days, 0.9) AS gap_p90_days,
        max(gap_days) AS gap_max_days,
        avg(ln(gap_days)) AS gap_log_mean,
        stddev_samp(ln(gap_days)) AS gap_log_sd,
        avg(gap_days) FILTER (visits_ago < 5) AS gap_last_5_days,
        sum(decayed(age_days, 28)) AS visits_decayed_28d,
        sum(paid_minor) FILTER (age_days <= 28) AS spend_minor_28d,
        sum(paid_minor) FILTER (age_days <= 84) AS spend_minor_84d,
        avg(paid_minor) AS basket_minor,
        avg(paid_minor) FILTER (visits_ago < 5) AS basket_minor_last_5,
        avg(items) AS items_a_visit,
        avg(items) FILTER (visits_ago < 5) AS items_a_visit_last_5,
        sum(discount_minor) FILTER (age_days <= 84)
            / nullif(sum(paid_minor + discount_minor) FILTER (age_days <= 84), 0) AS discount_share_84d
    FROM visits
    GROUP BY customer_no
),

breadth AS (
    SELECT
        customer_no,
        count(*) AS items,
        count(*) FILTER (days_since_buy <= 84) AS items_84d,
        avg((buys >= 2)::INTEGER) AS repeated_share,
        count(*) FILTER (days_since_first_buy <= 28) / nullif(count(*) FILTER (days_since_buy <= 28), 0)
            AS new_share_28d
    FROM pairs
    GROUP BY customer_no
)

SELECT
    cadence.*,
    days_since_visit / nullif(gap_mean_days, 0) AS overdue_ratio,
    (ln(greatest(days_since_visit, 1)) - gap_log_mean) / nullif(gap_log_sd, 0) AS overdue_log_z,
    days_since_visit / nullif(gap_p90_days, 0) AS overdue_p90,
    visits_28d - visits_29_56d AS visits_trend_28d,
    breadth.items,
    breadth.items_84d,
    breadth.repeated_share,
    breadth.new_share_28d
FROM cadence
LEFT JOIN breadth USING (customer_no)
ORDER BY customer_no;
