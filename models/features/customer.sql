-- What is known about every customer of the bucket with at least one visit before `as_of`.
-- Reads:  visits, pairs, fine_pairs (history.sql)
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
        sum(decayed(age_days, 7)) AS visits_decayed_7d,
        sum(decayed(age_days, 14)) AS visits_decayed_14d,
        sum(decayed(age_days, 56)) AS visits_decayed_56d,
        sum(decayed(age_days, 112)) AS visits_decayed_112d,
        sum(decayed(age_days, 14) * paid_minor) AS spend_decayed_14d,
        sum(decayed(age_days, 28) * paid_minor) AS spend_decayed_28d,
        sum(decayed(age_days, 56) * paid_minor) AS spend_decayed_56d,
        sum(decayed(age_days, 112) * paid_minor) AS spend_decayed_112d,
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
),

-- a family is regular from four days on; it was dropped when four weeks and two of its own gaps went by without it
families AS (
    SELECT
        customer_no,
        count(*) AS regular_families,
        count(*) FILTER (days_since_buy > greatest(28, 2 * gap_days)) AS dropped_families
    FROM fine_pairs
    WHERE buys >= 4 AND days_since_buy <= 182
    GROUP BY customer_no
)

SELECT
    cadence.* EXCLUDE (
        visits_decayed_7d, visits_decayed_14d, visits_decayed_56d, visits_decayed_112d,
        spend_decayed_14d, spend_decayed_28d, spend_decayed_56d, spend_decayed_112d
    ),
    -- visits in 28 days at the pace of late (half-life in days): a rate does not grow with the history
    28 * visits_decayed_7d / decayed_days(tenure_days, 7) AS visits_a_28d_7d,
    28 * visits_decayed_14d / decayed_days(tenure_days, 14) AS visits_a_28d_14d,
    28 * visits_decayed_28d / decayed_days(tenure_days, 28) AS visits_a_28d_28d,
    28 * visits_decayed_56d / decayed_days(tenure_days, 56) AS visits_a_28d_56d,
    28 * visits_decayed_112d / decayed_days(tenure_days, 112) AS visits_a_28d_112d,
    -- the customer's own rate: spend in 28 days, as of the last 84 or since the first visit
    28 * spend_minor_84d / least(greatest(tenure_days, 1), 84) AS spend_minor_a_28d,
    -- ln of spend at the pace of late over the own rate
    ln((1 + coalesce(spend_minor_28d, 0)) / (1 + spend_minor_a_28d)) AS spend_trend,
    ln((1 + 28 * spend_decayed_14d / decayed_days(tenure_days, 14)) / (1 + spend_minor_a_28d)) AS spend_trend_14d,
    ln((1 + 28 * spend_decayed_28d / decayed_days(tenure_days, 28)) / (1 + spend_minor_a_28d)) AS spend_trend_28d,
    ln((1 + 28 * spend_decayed_56d / decayed_days(tenure_days, 56)) / (1 + spend_minor_a_28d)) AS spend_trend_56d,
    ln((1 + 28 * spend_decayed_112d / decayed_days(tenure_days, 112)) / (1 + spend_minor_a_28d)) AS spend_trend_112d,
    ln((1 + basket_minor_last_5) / (1 + basket_minor)) AS basket_trend,
    coalesce(families.regular_families, 0) AS regular_families,
    coalesce(families.dropped_families, 0) AS dropped_families,
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
LEFT JOIN families USING (customer_no)
ORDER BY customer_no;
