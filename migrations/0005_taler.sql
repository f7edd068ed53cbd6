-- +goose Up

-- Which text authorization_sig is over: the native one, or Taler's, which bears
-- no timestamp. For the latter, "mapped" is the time of the gateway.
ALTER TABLE mappings ADD COLUMN dialect text NOT NULL DEFAULT 'shortwire'
    CONSTRAINT mappings_dialect CHECK (dialect IN ('shortwire', 'taler'));
