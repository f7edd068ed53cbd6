-- +goose Up

-- What makes this installation itself, whatever it is called: one row. It is
-- in the database and not in the configuration, so that replicas agree and a
-- restart changes nothing.
CREATE TABLE service (
    only_row   boolean NOT NULL DEFAULT true CONSTRAINT service_pkey PRIMARY KEY CONSTRAINT service_only_row CHECK (only_row),
    service_id text    NOT NULL,
    -- Salts of proofs are derived from it.
    pow_secret bytea   NOT NULL
);

-- The price of a subject. Whoever registers reads it, whoever publishes a price
-- locks the row.
CREATE TABLE pricing (
    account_id       integer     NOT NULL CONSTRAINT pricing_pkey PRIMARY KEY,
    difficulty       bigint      NOT NULL CONSTRAINT pricing_difficulty CHECK (difficulty >= 0), -- 0: free
    fall             timestamptz NOT NULL, -- from when its fall is reckoned
    priced           timestamptz NOT NULL, -- when it was last looked at
    crowded          boolean     NOT NULL, -- more than half of the space is blocked
    -- Live and quarantined subjects when they were last counted, how long that
    -- took, and how many registrations of the hour of the count, and of later
    -- hours, were in the count already.
    blocked          bigint      NOT NULL,
    counted          timestamptz NOT NULL,
    counted_in       interval    NOT NULL,
    counted_accepted bigint      NOT NULL,
    -- What an operator has set at run time; NULL: as configured.
    base_difficulty  bigint,
    seal_bits        smallint
) WITH (fillfactor = 50);

-- Every price there was, for those who solved for one that has risen since.
CREATE TABLE prices (
    account_id integer     NOT NULL,
    published  timestamptz NOT NULL,
    difficulty bigint      NOT NULL,
    CONSTRAINT prices_pkey PRIMARY KEY (account_id, published)
);

-- How many registrations below the price a window of time has had.
CREATE TABLE grace (
    account_id integer     NOT NULL,
    window_start timestamptz NOT NULL,
    used       bigint      NOT NULL,
    CONSTRAINT grace_pkey PRIMARY KEY (account_id, window_start)
);

-- Accepted registrations by hour. Several rows an hour, so that transactions of
-- several connections do not wait for each other.
CREATE TABLE accepted (
    account_id    integer     NOT NULL,
    hour          timestamptz NOT NULL,
    shard         smallint    NOT NULL,
    registrations bigint      NOT NULL,
    CONSTRAINT accepted_pkey PRIMARY KEY (account_id, hour, shard)
) WITH (fillfactor = 50);

-- The proof with which a key was registered last. It outlives the registration:
-- the same key may use its proof again.
CREATE TABLE proofs (
    account_id        integer NOT NULL,
    authorization_pub bytea   NOT NULL,
    epoch             integer NOT NULL,
    difficulty        bigint  NOT NULL,
    CONSTRAINT proofs_pkey PRIMARY KEY (account_id, authorization_pub)
);
CREATE INDEX proofs_epoch ON proofs (epoch);
