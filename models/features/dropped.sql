-- The regular families that a customer has stopped buying, most bought first; regular and dropped as in customer.sql,
-- whose text is part of every fitted version and therefore stays as it is.
-- Reads:  fine_pairs (history.sql)
SELECT customer_no, fine_no
FROM fine_pairs
WHERE buys >= 4 AND days_since_buy <= 182 AND days_since_buy > greatest(28, 2 * gap_days)
QUALIFY row_number() OVER (PARTITION BY customer_no ORDER BY buys DESC, fine_no) <= $most
ORDER BY customer_no, buys DESC, fine_no;
