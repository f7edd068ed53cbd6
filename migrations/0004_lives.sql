-- +goose Up

-- The newest timestamp with which the owner of the key ended a registration: an
-- unregistration must be newer, so that none works twice. due_day is never
-- before it, so that the row outlives it. In seconds since 1970.
ALTER TABLE registrations ADD COLUMN unregistered bigint;
