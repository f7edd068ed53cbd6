-- +goose Up

-- What waits for its number stands in a queue: one row per crediting statement,
-- however many transfers that credited. A row of history or revenue is written
-- once, with its number; before, each was written twice and stood in an index of
-- its own in between.
CREATE TABLE history_queue (
    account_id   integer  NOT NULL,
    -- The transaction that credited. Whoever looks for credits without a number
    -- starts at accounts.numbered_below: what was taken from the front of the
    -- queue stays in the index as dead entries until the next vacuum.
    xact         xid8     NOT NULL DEFAULT pg_current_xact_id(),
    transfer_ids bigint[] NOT NULL
);
CREATE INDEX history_queue_xact ON history_queue (account_id, xact);

-- The same for revenue, with accounts.revenue_below.
CREATE TABLE revenue_queue (
    account_id   integer  NOT NULL,
    xact         xid8     NOT NULL DEFAULT pg_current_xact_id(),
    transfer_ids bigint[] NOT NULL
);
CREATE INDEX revenue_queue_xact ON revenue_queue (account_id, xact);

INSERT INTO history_queue (account_id, transfer_ids)
SELECT account_id, array_agg(transfer_id ORDER BY transfer_id) FROM history WHERE row_id IS NULL GROUP BY account_id;
INSERT INTO revenue_queue (account_id, transfer_ids)
SELECT account_id, array_agg(transfer_id ORDER BY transfer_id) FROM revenue WHERE row_id IS NULL GROUP BY account_id;
DELETE FROM history WHERE row_id IS NULL;
DELETE FROM revenue WHERE row_id IS NULL;

DROP INDEX history_unnumbered;
DROP INDEX revenue_unnumbered;
ALTER TABLE history DROP COLUMN xact, ALTER COLUMN row_id SET NOT NULL;
ALTER TABLE revenue DROP COLUMN xact, ALTER COLUMN row_id SET NOT NULL;
ALTER TABLE history RESET (fillfactor);
ALTER TABLE revenue RESET (fillfactor);
