-- Every pair bought on two days or more, with the spread of its gaps: what the item rhythm is learnt from.
-- Reads:  item_days (bought.sql)
SELECT
    item_no,
    count(*) + 1 AS buys,
    avg(gap_days) AS item_gap_days,
    stddev_samp(ln(gap_days)) AS gap_log_sd
FROM (
    SELECT
        customer_no,
        item_no,
        lead(age_days) OVER (PARTITION BY customer_no, item_no ORDER BY age_days) - age_days AS gap_days
    FROM item_days
    WHERE item_no IS NOT NULL
)
WHERE gap_days IS NOT NULL
GROUP BY customer_no, item_no
ORDER BY customer_no, item_no;
