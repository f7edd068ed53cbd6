-- +goose Up

-- What the exchange asks to be paid stands in the same queue as the bounces.
ALTER TABLE payments
    ADD COLUMN request_uid       bytea,       -- kind transfer only, as the three below
    ADD COLUMN wtid              bytea,
    ADD COLUMN exchange_base_url text,
    ADD COLUMN metadata          text,        -- NULL: none was given
    ADD COLUMN message_id        text,        -- the lease under which it was handed out last
    ADD COLUMN paid              timestamptz, -- when it became a success; never changes then
    ADD COLUMN row_id            bigint,      -- kind transfer and success: row of the outgoing history
    ADD CONSTRAINT payments_transfer CHECK (
        (kind = 'transfer') = (request_uid IS NOT NULL AND wtid IS NOT NULL AND exchange_base_url IS NOT NULL)),
    ADD CONSTRAINT payments_numbered CHECK (row_id IS NULL OR (kind = 'transfer' AND status = 'success'));
UPDATE payments SET paid = changed WHERE status = 'success';

CREATE UNIQUE INDEX payments_request_uid ON payments (account_id, request_uid) WHERE kind = 'transfer';
CREATE UNIQUE INDEX payments_wtid ON payments (account_id, wtid) WHERE kind = 'transfer';
CREATE UNIQUE INDEX payments_row_id ON payments (account_id, row_id) WHERE row_id IS NOT NULL;
CREATE INDEX payments_transfers ON payments (account_id, payment_id) WHERE kind = 'transfer';
-- The Wire Gateway API knows no sent: for the exchange that is pending.
CREATE INDEX payments_transfers_status
    ON payments (account_id, (CASE status WHEN 'sent' THEN 'pending' ELSE status END), payment_id) WHERE kind = 'transfer';
CREATE INDEX payments_message ON payments (account_id, message_id) WHERE message_id IS NOT NULL;

-- Last number given out in the exchange's outgoing history. The row is locked
-- from the numbering to the commit, so numbers become visible in their order
-- and none is lost (T6). A table of its own: the publisher of the incoming
-- history has the row in accounts.
CREATE TABLE outgoing_rows (
    account_id  integer NOT NULL CONSTRAINT outgoing_rows_pkey PRIMARY KEY,
    last_row_id bigint  NOT NULL
);
