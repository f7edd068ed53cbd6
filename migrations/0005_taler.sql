-- +goose Up

-- Which text authorization_sig is over: the native one, or Taler's, which bears
-- no timestamp. For the latter, "mapped" is the time of the gateway.
ALTER TABLE mappings ADD COLUMN dialect text NOT NULL DEFAULT 'shortwire'
    CONSTRAINT mappings_dialect CHECK (dialect IN ('shortwire', 'taler'));

-- Everything that arrived, in the order of commits, as history has the credits:
-- the list of the Taler Revenue API. Its numbers are given by whoever reads it.
CREATE TABLE revenue (
    transfer_id bigint  NOT NULL CONSTRAINT revenue_pkey PRIMARY KEY,
    account_id  integer NOT NULL,
    row_id      bigint,
    xact        xid8    NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT revenue_row_id UNIQUE (account_id, row_id)
) WITH (fillfactor = 90);
CREATE INDEX revenue_unnumbered ON revenue (account_id, xact) WHERE row_id IS NULL;

ALTER TABLE accounts
    ADD COLUMN last_revenue_id bigint NOT NULL DEFAULT 0,
    ADD COLUMN revenue_below xid8 NOT NULL DEFAULT '0';

-- What arrived before: in the order of arrival.
INSERT INTO revenue (transfer_id, account_id, row_id)
SELECT t.transfer_id, t.account_id, row_number() OVER (PARTITION BY t.account_id ORDER BY t.transfer_id)
FROM transfers t JOIN accounts a USING (account_id) WHERE t.currency = a.currency;
UPDATE accounts a SET last_revenue_id = (SELECT count(*) FROM revenue r WHERE r.account_id = a.account_id);
