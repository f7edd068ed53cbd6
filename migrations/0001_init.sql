-- +goose Up

-- Constraint and index names are API: the code branches on them.
-- Who owns what: accounts, generations, registrations and mappings belong to
-- the room "subjects"; transfers, history and payments to the room "bounce".

-- One row per [[account]] of the configuration, for ever: history refers to it.
CREATE TABLE accounts (
    account_id  integer GENERATED ALWAYS AS IDENTITY CONSTRAINT accounts_pkey PRIMARY KEY,
    name        text    NOT NULL CONSTRAINT accounts_name UNIQUE,
    currency    text    NOT NULL,
    -- Last number given out in the exchange's incoming history (T6). Changed
    -- only by the publisher, under its advisory lock.
    last_row_id bigint  NOT NULL DEFAULT 0,
    -- Every credit written by a transaction below this one has its number.
    numbered_below xid8 NOT NULL DEFAULT '0'
);

-- S4: a space of slots with its secret permutation. Method, prefix, size and
-- key never change in place; another value is another row.
CREATE TABLE generations (
    generation_id   integer     GENERATED ALWAYS AS IDENTITY CONSTRAINT generations_pkey PRIMARY KEY,
    account_id      integer     NOT NULL CONSTRAINT generations_account REFERENCES accounts,
    method          text        NOT NULL,
    prefix          text        NOT NULL,
    size            bigint      NOT NULL CONSTRAINT generations_size CHECK (size > 0),
    permutation_key bytea       NOT NULL,
    -- The first slot that was never handed out. At size the first lap is over
    -- and slots come back by recycling only (S5).
    cursor          bigint      NOT NULL DEFAULT 0 CONSTRAINT generations_cursor CHECK (cursor BETWEEN 0 AND size),
    created         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX generations_account_id ON generations (account_id, generation_id);

-- One row per authorization key. It is the row that everything which concerns
-- a key locks first. Methods that store no registration (S8) get a row without
-- subject when the first mapping or transfer of a key arrives.
CREATE TABLE registrations (
    account_id        integer     NOT NULL,
    authorization_pub bytea       NOT NULL,
    generation_id     integer,
    slot              bigint,
    subject           text,
    recurrent         boolean     NOT NULL,
    used              boolean     NOT NULL DEFAULT false,
    since             timestamptz NOT NULL,
    expiration        timestamptz NOT NULL,
    -- UTC day of expiration: what sweepers and recycling look for. A day, not
    -- the second, so that an extension on the same day rewrites no index.
    due_day           date        NOT NULL,
    CONSTRAINT registrations_pkey PRIMARY KEY (account_id, authorization_pub),
    CONSTRAINT registrations_subject UNIQUE (account_id, subject)
) WITH (fillfactor = 85);
CREATE INDEX registrations_due ON registrations (generation_id, due_day);

-- The newest mapping of a key. Used ones stay, so that an older timestamp can
-- never return (M1); what they were used for stands in transfers.
CREATE TABLE mappings (
    account_id          integer     NOT NULL,
    authorization_pub   bytea       NOT NULL,
    type                text        NOT NULL CONSTRAINT mappings_type CHECK (type IN ('reserve', 'kyc', 'wad')),
    account_pub         bytea,
    wad_id              bytea,
    origin_exchange_url text,
    mapped              bigint      NOT NULL, -- the client's timestamp, seconds since 1970
    authorization_sig   bytea       NOT NULL,
    stored              timestamptz NOT NULL,
    transfer_id         bigint,               -- the transfer that used it; NULL: pending
    CONSTRAINT mappings_pkey PRIMARY KEY (account_id, authorization_pub)
) WITH (fillfactor = 85);
CREATE INDEX mappings_account_pub ON mappings (account_pub);

-- Every transfer the bank reported, in exactly one state (T1).
CREATE SEQUENCE transfers_transfer_id CACHE 1;
CREATE TABLE transfers (
    transfer_id         bigint      NOT NULL CONSTRAINT transfers_pkey PRIMARY KEY,
    account_id          integer     NOT NULL,
    bank_ref            text        NOT NULL,
    content_hash        bytea       NOT NULL,
    currency            text        NOT NULL,
    value               bigint      NOT NULL,
    fraction            integer     NOT NULL, -- 10^-8
    debtor              text,
    value_date          date,
    remittance          json        NOT NULL, -- as reported
    received            timestamptz NOT NULL,
    state               text        NOT NULL CONSTRAINT transfers_state CHECK (state IN ('credited', 'held', 'bounced', 'manual')),
    reason              text,
    hold_until          timestamptz,
    settled             timestamptz,          -- when it left held, or received
    authorization_pub   bytea,                -- held, and credited by a mapping
    authorization_sig   bytea,
    credit_type         text,                 -- credited only, as the four below
    account_pub         bytea,
    wad_id              bytea,
    origin_exchange_url text,
    mapped              bigint,
    CONSTRAINT transfers_bank_ref UNIQUE (account_id, bank_ref),
    CONSTRAINT transfers_held CHECK (state <> 'held' OR (hold_until IS NOT NULL AND authorization_pub IS NOT NULL)),
    CONSTRAINT transfers_credited CHECK ((state = 'credited') = (credit_type IS NOT NULL))
);
-- M3: a reserve key is credited at most once, over all accounts and ways in.
CREATE UNIQUE INDEX transfers_reserve_pub ON transfers (account_pub) WHERE credit_type = 'reserve';
CREATE INDEX transfers_kyc_pub ON transfers (account_pub) WHERE credit_type = 'kyc';
CREATE INDEX transfers_credited_key ON transfers (account_id, authorization_pub) WHERE credit_type IS NOT NULL;
CREATE INDEX transfers_held_key ON transfers (account_id, authorization_pub, transfer_id) WHERE state = 'held';
CREATE INDEX transfers_hold_until ON transfers (hold_until) WHERE state = 'held';

-- The exchange's incoming history. A row is written with the credit, its
-- number is given by the publisher after that has been committed (T6).
CREATE TABLE history (
    transfer_id bigint  NOT NULL CONSTRAINT history_pkey PRIMARY KEY,
    account_id  integer NOT NULL,
    row_id      bigint,
    -- The transaction that credited. Whoever looks for credits without a number
    -- starts at accounts.numbered_below: the index is a queue, and what was
    -- taken from its front stays there as dead entries until the next vacuum.
    xact        xid8    NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT history_row_id UNIQUE (account_id, row_id)
) WITH (fillfactor = 90);
CREATE INDEX history_unnumbered ON history (account_id, xact) WHERE row_id IS NULL;

-- Money that a bank job must send.
CREATE TABLE payments (
    payment_id    bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT payments_pkey PRIMARY KEY,
    account_id    integer     NOT NULL,
    end_to_end_id text        NOT NULL CONSTRAINT payments_end_to_end_id UNIQUE,
    kind          text        NOT NULL CONSTRAINT payments_kind CHECK (kind IN ('bounce', 'transfer')),
    transfer_id   bigint,     -- bounce: what is sent back
    currency      text        NOT NULL,
    value         bigint      NOT NULL,
    fraction      integer     NOT NULL,
    creditor      text        NOT NULL,
    subject       text        NOT NULL,
    status        text        NOT NULL DEFAULT 'pending'
                  CONSTRAINT payments_status CHECK (status IN ('pending', 'sent', 'success', 'transient_failure', 'permanent_failure')),
    detail        text,
    created       timestamptz NOT NULL DEFAULT now(),
    leased_until  timestamptz,
    changed       timestamptz NOT NULL DEFAULT now()
);
-- T5: one bounce per transfer, whatever happens.
CREATE UNIQUE INDEX payments_bounce ON payments (transfer_id) WHERE kind = 'bounce';
CREATE INDEX payments_status ON payments (account_id, status, payment_id);
CREATE INDEX payments_open ON payments (account_id, payment_id) WHERE status IN ('pending', 'transient_failure');
