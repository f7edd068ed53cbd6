-- +goose Up

-- A transfer that was credited by a mapping tells key, signature and time of it;
-- one that a person credited after it was held used to keep the key alone, and
-- an exchange took it for a mapping without a signature.
UPDATE transfers SET authorization_pub = NULL, mapped = NULL
WHERE credit_type IS NOT NULL AND authorization_pub IS NOT NULL AND authorization_sig IS NULL;
ALTER TABLE transfers ADD CONSTRAINT transfers_credited_by
    CHECK (credit_type IS NULL OR num_nulls(authorization_pub, authorization_sig, mapped) IN (0, 3));
