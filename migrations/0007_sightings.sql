-- +goose Up

-- Where bank files told of a transfer, on accounts that take credits from
-- several kinds of messages: one row per kind and reference. Other accounts
-- have none. What tells one payment in two messages stands in marks, as hashes;
-- retention removes them, the row stays and tells replays (T1).
CREATE TABLE sightings (
    account_id   integer NOT NULL,
    source       text    NOT NULL, -- kind of the message, "camt.053"; "": stored before the account took several
    bank_ref     text    NOT NULL, -- the reference there
    transfer_id  bigint  NOT NULL,
    content_hash bytea   NOT NULL, -- of what was told there
    amount       text    NOT NULL,
    day          date    NOT NULL,
    marks        json,             -- NULL: too old to be compared
    perhaps      bigint,           -- the transfer that this one may be; a person decides
    CONSTRAINT sightings_pkey PRIMARY KEY (account_id, source, bank_ref)
);
CREATE INDEX sightings_amount ON sightings (account_id, amount, day) WHERE marks IS NOT NULL;
CREATE INDEX sightings_transfer_id ON sightings (transfer_id);
