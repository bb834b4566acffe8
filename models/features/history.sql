-- What a bucket's customers did before `as_of`: their visits, and what they have in common with items and families.
-- Reads:  item_days (bought.sql), item_families(item_no, fine_no, coarse_no)
-- Makes:  visits, pairs, fine_pairs, coarse_pairs

-- weight of an event age_days ago that halves every half_life days
CREATE MACRO decayed(age_days, half_life) AS exp(-ln(2) * age_days / half_life);
-- sum of the weights of all days from the first one, age_days ago, to today
CREATE MACRO decayed_days(age_days, half_life) AS
    (1 - decayed(age_days + 1, half_life)) / (1 - decayed(1, half_life));

CREATE TABLE visits AS
SELECT
    customer_no,
    age_days,
    (row_number() OVER latest_first - 1)::INTEGER AS visits_ago,
    lead(age_days) OVER latest_first - age_days AS gap_days,
    items,
    paid_minor,
    discount_minor
FROM (
    SELECT
        customer_no,
        age_days,
        count(item_no) AS items,
        sum(paid_minor) AS paid_minor,
        sum(discount_minor) AS discount_minor
    FROM item_days
    GROUP BY customer_no, age_days
)
WINDOW latest_first AS (PARTITION BY customer_no ORDER BY age_days);

CREATE TABLE pairs AS
SELECT
    customer_no,
    item_no,
    count(*)::INTEGER AS buys,
    count(*) FILTER (age_days <= 28)::INTEGER AS buys_28d,
    count(*) FILTER (age_days <= 84)::INTEGER AS buys_84d,
    count(*) FILTER (visits_ago < 5)::INTEGER AS buys_last_5_visits,
    min(age_days) AS days_since_buy,
    max(age_days) AS days_since_first_buy,
    min(visits_ago) AS visits_since_buy,
    max(visits_ago) + 1 AS visits_since_first_buy,
    (max(age_days) - min(age_days)) / nullif(count(*) - 1, 0) AS item_gap_days,
    sum(decayed(age_days, 14)) AS decayed_14d,
    sum(decayed(age_days, 42)) AS decayed_42d,
    sum(decayed(age_days, 126)) AS decayed_126d,
    sum(power(0.85, visits_ago)) AS decayed_visits,
    avg(quantity_milli) / 1000.0 AS units_a_buy,
    sum(item_days.paid_minor + item_days.discount_minor) * 1000.0 / sum(quantity_milli) AS unit_price_minor,
    sum(item_days.discount_minor)
        / nullif(sum(item_days.paid_minor + item_days.discount_minor), 0) AS discount_share
FROM item_days
JOIN visits USING (customer_no, age_days)
WHERE item_no IS NOT NULL
GROUP BY customer_no, item_no;

CREATE TABLE fine_pairs AS
SELECT
    customer_no,
    fine_no,
    any_value(coarse_no) AS coarse_no,
    count(*)::INTEGER AS buys,
    count(*) FILTER (age_days <= 84)::INTEGER AS buys_84d,
    min(age_days) AS days_since_buy,
    (max(age_days) - min(age_days)) / nullif(count(*) - 1, 0) AS gap_days,
    sum(decayed(age_days, 42)) AS decayed_42d
FROM (
    SELECT customer_no, fine_no, age_days, any_value(coarse_no) AS coarse_no
    FROM item_days
    JOIN item_families USING (item_no)
    WHERE fine_no >= 0
    GROUP BY customer_no, fine_no, age_days
)
GROUP BY customer_no, fine_no;

-- in the coarser family a day counts once for each finer family bought on it
CREATE TABLE coarse_pairs AS
SELECT
    customer_no,
    coarse_no,
    min(days_since_buy) AS days_since_buy,
    sum(decayed_42d) AS decayed_42d
FROM fine_pairs
WHERE coarse_no >= 0
GROUP BY customer_no, coarse_no;
