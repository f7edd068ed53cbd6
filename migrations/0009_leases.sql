-- +goose Up

-- A job that lost its lease, and does not name it, must not give back what
-- another job has sent since: that would be paid twice. Which of the payments
-- that are sent now were leased more than once is not known, so all count as that.
ALTER TABLE payments ADD COLUMN leased_again boolean NOT NULL DEFAULT false;
UPDATE payments SET leased_again = true WHERE status = 'sent' AND message_id IS NOT NULL;
