-- +goose Up

-- The newest timestamp with which the owner of the key ended a registration: an
-- unregistration must be newer, so that none works twice. due_day is never
-- before it, so that the row outlives it. In seconds since 1970.
ALTER TABLE registrations ADD COLUMN unregistered bigint;

-- The newest timestamp among the mappings that retention has deleted. A key
-- without a row must exceed it, so that M1 holds for forgotten mappings too.
ALTER TABLE accounts ADD COLUMN mapping_floor bigint NOT NULL DEFAULT -1;

-- How far the sweeper has walked over tables that have no index by age. Who
-- holds the lock of a row does the walking; the position is stored with the
-- work, so a walker that dies loses at most its open transaction.
CREATE TABLE walks (
    name              text    NOT NULL CONSTRAINT walks_pkey PRIMARY KEY,
    account_id        integer NOT NULL DEFAULT 0,
    authorization_pub bytea   NOT NULL DEFAULT '',
    transfer_id       bigint  NOT NULL DEFAULT 0
);
INSERT INTO walks (name) VALUES ('mappings'), ('transfers');
