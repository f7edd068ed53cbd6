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

-- A transfer for a person leaves manual by a decision, or stays there written
-- off: then nobody is asked about it again.
ALTER TABLE transfers
    ADD COLUMN written_off timestamptz,
    ADD CONSTRAINT transfers_written_off CHECK (written_off IS NULL OR state = 'manual');
CREATE INDEX transfers_manual ON transfers (transfer_id) WHERE state = 'manual' AND written_off IS NULL;

-- T5: one bounce per transfer, whatever happens; a further one only after the
-- bank has refused the one before.
DROP INDEX payments_bounce;
CREATE UNIQUE INDEX payments_bounce ON payments (transfer_id) WHERE kind = 'bounce' AND status <> 'permanent_failure';
CREATE INDEX payments_transfer_id ON payments (transfer_id) WHERE kind = 'bounce';
UPDATE transfers t SET state = 'manual', reason = 'bounce_failed' FROM payments p
    WHERE p.transfer_id = t.transfer_id AND p.kind = 'bounce' AND p.status = 'permanent_failure' AND t.state = 'bounced';

-- What people decided about transfers: who, when and why. Rows are only added,
-- and say all by themselves: they outlive what they are about.
CREATE TABLE manual_log (
    log_id      bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT manual_log_pkey PRIMARY KEY,
    transfer_id bigint      NOT NULL,
    account     text        NOT NULL,
    bank_ref    text        NOT NULL,
    amount      text        NOT NULL,
    action      text        NOT NULL CONSTRAINT manual_log_action CHECK (action IN ('credit', 'bounce', 'write_off')),
    target      text        NOT NULL, -- the key that was credited, the account that is paid, or nothing
    case_reason text        NOT NULL, -- why it had become a case
    reason      text        NOT NULL CONSTRAINT manual_log_reason CHECK (reason <> ''),
    operator    text        NOT NULL, -- name of the token
    decided     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX manual_log_transfer_id ON manual_log (transfer_id, log_id);
-- +goose StatementBegin
CREATE FUNCTION manual_log_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of manual_log are never changed or deleted';
END $$;
-- +goose StatementEnd
CREATE TRIGGER manual_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON manual_log
    FOR EACH STATEMENT EXECUTE FUNCTION manual_log_append_only();
