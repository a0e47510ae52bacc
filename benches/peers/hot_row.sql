-- The hot row that a bid is, in the words of a plain database: change one row, insert one entry, commit.
-- docs/performance.md tells how it is run with pgbench.
BEGIN;
UPDATE lot SET price = price + 1, bids = bids + 1 WHERE id = 1;
INSERT INTO bid (bidder, amount, line) VALUES (:client_id, 10000, repeat('x', 1400));
COMMIT;
