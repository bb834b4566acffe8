-- One bucket's share of the item statistics; every column is a sum, a minimum or a maximum, so that the
-- shop's statistics are the merged parts of its buckets whatever their number and order.
-- Reads:  item_days (bought.sql)
WITH pairs AS (
    SELECT
        customer_no,
        item_no,
        count(*) AS buys,
        count(*) FILTER (age_days <= 28) AS buys_28d,
        count(*) FILTER (age_days <= 84) AS buys_84d,
        min(age_days) AS days_since_buy,
        max(age_days) AS days_since_first_buy,
        (max(age_days) - min(age_days)) / nullif(count(*) - 1, 0) AS item_gap_days
    FROM item_days
    WHERE item_no IS NOT NULL
    GROUP BY customer_no, item_no
),

demand AS (
    SELECT
        item_no,
        count(*) AS buyers,
        count(*) FILTER (days_since_buy <= 7) AS buyers_7d,
        count(*) FILTER (days_since_buy <= 28) AS buyers_28d,
        count(*) FILTER (days_since_buy <= 84) AS buyers_84d,
        count(*) FILTER (buys >= 2) AS repeaters,
        count(*) FILTER (days_since_first_buy <= 28) AS new_buyers_28d,
        count(*) FILTER (days_since_first_buy BETWEEN 29 AND 112) AS triers,
        count(*) FILTER (days_since_first_buy BETWEEN 29 AND 112 AND buys >= 2) AS triers_who_repeated,
        sum(buys) AS buy_days,
        sum(buys_28d) AS buy_days_28d,
        sum(buys_84d) AS buy_days_84d,
        -- decimals add up to the same sum in any order, floats do not
        sum(ln(item_gap_days)::DECIMAL(12, 6)) AS log_gap_sum,
        count(item_gap_days) AS log_gap_count,
        min(days_since_buy) AS last_sold_days,
        max(days_since_first_buy) AS first_sold_days
    FROM pairs
    GROUP BY item_no
),

money AS (
    SELECT
        item_no,
        sum(quantity_milli) AS quantity_milli,
        sum(paid_minor + discount_minor) AS full_minor,
        sum(discount_minor) FILTER (age_days <= 7) AS discount_minor_7d,
        sum(paid_minor + discount_minor) FILTER (age_days <= 7) AS full_minor_7d,
        sum(discount_minor) FILTER (age_days <= 56) AS discount_minor_56d,
        sum(paid_minor + discount_minor) FILTER (age_days <= 56) AS full_minor_56d,
        -- the one day that may outweigh all others, by price and by quantity; what it is beside them, the whole shop tells
        max(struct_pack(
            by_what := ((paid_minor + discount_minor) * 1000 // quantity_milli)::BIGINT,
            full_minor := paid_minor + discount_minor, quantity_milli, discount_minor, age_days := age_days::BIGINT
        )) AS dearest,
        max(struct_pack(
            by_what := quantity_milli,
            full_minor := paid_minor + discount_minor, quantity_milli, discount_minor, age_days := age_days::BIGINT
        )) AS largest
    FROM item_days
    WHERE item_no IS NOT NULL
    GROUP BY item_no
)

SELECT
    demand.*,
    money.* EXCLUDE (item_no, dearest, largest),
    dearest.by_what AS dearest_by_what,
    dearest.full_minor AS dearest_full_minor,
    dearest.quantity_milli AS dearest_quantity_milli,
    dearest.discount_minor AS dearest_discount_minor,
    dearest.age_days AS dearest_age_days,
    largest.by_what AS largest_by_what,
    largest.full_minor AS largest_full_minor,
    largest.quantity_milli AS largest_quantity_milli,
    largest.discount_minor AS largest_discount_minor,
    largest.age_days AS largest_age_days
FROM demand JOIN money USING (item_no) ORDER BY item_no;
