-- Tables for hot_row.sql.
CREATE TABLE lot (id int PRIMARY KEY, price bigint, bids bigint);
INSERT INTO lot VALUES (1, 10000, 0);
CREATE TABLE bid (id bigserial PRIMARY KEY, bidder int, amount bigint, line text);
