package bounce

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/postgres"
	"github.com/shortwire/shortwire/subjects/taler"
)

// rememberStep is how many transfers one step of rememberAll looks at.
const rememberStep = 1000

// tookOthers tells whether the account took credits from other messages than
// source lately: what it stored then may still be told by this one. It asks once
// in the life of a gateway, so that the usual account pays nothing for it.
func (d *Desk) tookOthers(ctx context.Context, a *subjects.Account, source string) (unusual bool, err error) {
	if known, ok := d.unusual.Load(a.ID()); ok {
		return known.(bool), nil
	}
	err = d.db.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM sightings WHERE account_id = $1 AND source NOT IN ('', $2) AND day > now()::date - $3::int)`,
		a.ID(), source, memory+nearby).Scan(&unusual)
	if err == nil {
		d.unusual.Store(a.ID(), unusual)
	}
	return unusual, err
}

// rememberAll gives sightings without a source to the transfers of the last weeks
// that have none: those that were stored while the account took one kind of
// message. It does so once in the life of a gateway, before the first sighting of
// the account, newest first, in steps that may be repeated anywhere.
func (d *Desk) rememberAll(ctx context.Context, a *subjects.Account) error {
	if _, done := d.remembered.Load(a.ID()); done {
		return nil
	}
	for below, more := int64(1<<62), true; more; {
		err := postgres.Retry(ctx, func() (err error) {
			below, more, err = d.remember(ctx, a, below)
			return err
		})
		if err != nil {
			return err
		}
	}
	d.remembered.Store(a.ID(), true)
	return nil
}

// rememberSQL walks over the transfers of all accounts, since only their numbers
// have an index; those of the account that have no sighting come out.
const rememberSQL = `
	SELECT t.transfer_id, t.received > now() - $3 * interval '1 day', t.account_id = $1 AND s.told IS NULL,
		t.bank_ref, t.content_hash, t.currency, t.value, t.fraction, coalesce(t.debtor, ''), t.value_date, t.remittance::text
	FROM (SELECT * FROM transfers WHERE transfer_id < $2 ORDER BY transfer_id DESC LIMIT $4) AS t
		LEFT JOIN LATERAL (SELECT true AS told FROM sightings s WHERE s.transfer_id = t.transfer_id LIMIT 1) AS s ON true`

func (d *Desk) remember(ctx context.Context, a *subjects.Account, below int64) (next int64, more bool, err error) {
	rows, err := d.db.Query(ctx, rememberSQL, a.ID(), below, memory+nearby, rememberStep)
	if err != nil {
		return below, true, err
	}
	var c sightingColumns
	next = below
	var old bool
	read, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (int64, error) {
		id, young, err := c.remember(row, a)
		next, old = min(next, id), old || !young
		return id, err
	})
	if err != nil || len(c.ids) == 0 {
		return next, !old && len(read) == rememberStep, err
	}
	write := &pgx.Batch{}
	c.queue(write, insertSightingsSQL+` ON CONFLICT ON CONSTRAINT sightings_pkey DO NOTHING`, a.ID(), "") // another gateway does the same
	err = d.db.SendBatch(ctx, write).Close()
	return next, !old && len(read) == rememberStep, err
}

// remember takes one row of rememberSQL.
func (c *sightingColumns) remember(row pgx.CollectableRow, a *subjects.Account) (id int64, young bool, err error) {
	var (
		t                  Transfer
		wanted             bool
		hash               []byte
		value              int64
		fraction           int32
		debtor, remittance string
		date               *time.Time
		r                  remittanceJSON
	)
	err = row.Scan(&id, &young, &wanted, &t.BankRef, &hash, &t.Amount.Currency, &value, &fraction, &debtor, &date, &remittance)
	if err != nil || !young || !wanted {
		return id, young, err
	}
	if err := json.Unmarshal([]byte(remittance), &r); err != nil {
		return id, young, err
	}
	t.Amount.Value, t.Amount.Fraction, t.Remittance = uint64(value), uint32(fraction), wire.Remittance(r)
	if p, err := taler.ParsePayto(debtor); err == nil {
		t.Debtor = &p
	}
	if date != nil {
		t.ValueDate = *date
	}
	m := marksOf(&t, &Sighting{}, candidatesOf(a, t.Remittance))
	c.perhaps = append(c.perhaps, nil)
	return id, young, c.add(t.BankRef, id, t.Amount.String(), hash, m)
}
