-- +goose Up

-- A job that lost its lease, and does not name it, must not give back what
-- another job has sent since: that would be paid twice. A lease that ended with a
-- word of its job took nothing away from anybody. Which of the payments that are
-- sent now had a lease that ran out is not known, so all count as that.
ALTER TABLE payments
    ADD COLUMN given_back boolean NOT NULL DEFAULT false, -- the last lease ended with a transient failure
    ADD COLUMN lapsed     boolean NOT NULL DEFAULT false; -- a lease ran out without a word: its job may still speak
UPDATE payments SET lapsed = true WHERE status = 'sent' AND message_id IS NOT NULL;
