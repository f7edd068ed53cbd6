package subjects

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Preparation is a registration in Taler's dialect: the subject and what its
// next transfer is to become, in one call. The same key again replaces both the
// mapping and OneShot.
//
// Taler signs the account key and nothing else. So no timestamp puts two
// preparations in order: the last to arrive counts, and a mapping of the native
// form must have been signed after it. And whoever has seen a preparation can send
// it again, with another type or OneShot; what he cannot do is to name a key that
// the owner did not sign.
type Preparation struct {
	Request
	Target    Target               // a reserve or a KYC key
	Signature taler.EddsaSignature // over PreparationText, by AuthorizationPub
	BareKey   bool                 // the account key itself may be the subject
}

// Prepare registers a key, unless it is live, and stores its mapping. Without a
// proof where one is needed, a one-shot preparation may get the subject that costs
// nothing: the account key itself (T4), for which nothing is stored. Errors: those
// of Register, ErrBadSignature, ErrReserveReused.
func (r *Registry) Prepare(ctx context.Context, a *Account, p Preparation) (Grant, error) {
	if !p.AuthorizationPub.Verify(PreparationText(p.Target.AccountPub), p.Signature) {
		return Grant{}, ErrBadSignature
	}
	claim, err := r.claimOf(ctx, a, p)
	switch {
	case err != nil:
		return Grant{}, err
	case claim.others: // before a subject is spent on it
		return Grant{}, ErrReserveReused
	}
	grant, err := r.Register(ctx, a, p.Request)
	if errors.Is(err, ErrProofRequired) && p.BareKey && p.OneShot && a.takesKeys() {
		return a.bareGrant(p, claim)
	}
	if err != nil {
		return Grant{}, err
	}
	mapped, err := r.storeMapping(ctx, mappingItem{account: a, prepared: true, oneShot: p.OneShot, mapping: Mapping{
		AuthorizationPub: p.AuthorizationPub, Target: p.Target, Timestamp: r.options.Now(), Signature: p.Signature,
	}})
	if err != nil {
		return Grant{}, err
	}
	// What is prepared ends with the registration; a subject of its own (S8) does
	// not end, but what is mapped to it does.
	grant.Expiration, grant.Recurrent = mapped.Expiration, !p.OneShot
	return grant, nil
}

// Sample shows the forms that subjects of the account have. It belongs to nobody
// who knows: which key has the first subject is as good as random (S4).
func (a *Account) Sample() []wire.Subject {
	var forms []wire.Subject
	if carrier, ok := a.Method.(wire.KeyCarrier); ok {
		forms = a.present(carrier.EncodeKey(taler.EddsaPublicKey{}), nil)
	} else if ref, err := a.Method.Encode(wire.Slot{}); err == nil {
		forms = a.present(ref, nil)
	}
	if a.takesKeys() {
		forms = append(forms, a.bareSubject(Preparation{}))
	}
	return forms
}

// takesKeys tells whether a payer can give a whole key as text: bank transfers
// carry 140 characters, but those of some countries far less.
func (a *Account) takesKeys() bool {
	switch a.Payto.Kind() {
	case taler.KindIBAN:
		return a.LegacySubjects && !strings.HasPrefix(a.Payto.IBAN(), "GB")
	case taler.KindTalerBank:
		return a.LegacySubjects
	}
	return false
}

func (a *Account) bareSubject(p Preparation) wire.Subject {
	text := wire.LegacySubject(p.Target.AccountPub, p.Target.Type == CreditKYC)
	return wire.Subject{Type: "SIMPLE", CreditAccount: a.Payto.String(), CreditAmount: p.CreditAmount, Subject: text}
}

// bareGrant offers the account key as the subject.
func (a *Account) bareGrant(p Preparation, claim claim) (Grant, error) {
	if claim.own {
		return Grant{}, ErrReserveReused
	}
	return Grant{AuthorizationPub: p.AuthorizationPub, Subjects: []wire.Subject{a.bareSubject(p)}}, nil
}

// claim tells whose the reserve key of a preparation is already.
type claim struct {
	others bool // credited, or promised to a transfer of another authorization key
	own    bool // credited under this one
}

func (r *Registry) claimOf(ctx context.Context, a *Account, p Preparation) (claim, error) {
	var c claim
	if p.Target.Type != CreditReserve {
		return c, nil
	}
	err := r.db.QueryRow(ctx, `
		SELECT coalesce(NOT t.own, false) OR `+promisedSQL+`, coalesce(t.own, false)
		FROM (SELECT $1::int, $2::bytea, $3::bytea, 'reserve') AS want (account_id, authorization_pub, account_pub, type)
			LEFT JOIN LATERAL (
				SELECT (t.account_id, t.authorization_pub) IS NOT DISTINCT FROM (want.account_id, want.authorization_pub) AS own
				FROM transfers t WHERE t.account_pub = want.account_pub AND t.credit_type = 'reserve') AS t ON true`,
		a.id, p.AuthorizationPub[:], p.Target.AccountPub[:]).Scan(&c.others, &c.own)
	return c, err
}

// promisedSQL tells whether the reserve key of "want" is mapped to another
// authorization key now. Taler has each reserve key registered once; natively the
// first credit decides (M3).
const promisedSQL = `EXISTS (
	SELECT FROM mappings o JOIN registrations l ON l.account_id = o.account_id AND l.authorization_pub = o.authorization_pub
	WHERE o.account_pub = want.account_pub AND o.type = 'reserve' AND want.type = 'reserve' AND o.transfer_id IS NULL
		AND o.stored >= l.since AND l.expiration > now()
		AND (o.account_id, o.authorization_pub) <> (want.account_id, want.authorization_pub))`

// queueTerms makes the terms of the preparations among the mappings those of
// their registrations, where the mapping is in force. One that waits for a
// transfer is a first use again.
func queueTerms(b *pgx.Batch, c mappingArrays) {
	var accounts []int32
	var pubs, keys [][]byte
	var types []string
	var oneShots []bool
	for i, prepared := range c.prepared {
		if prepared {
			accounts, pubs, types = append(accounts, c.accounts[i]), append(pubs, c.pubs[i]), append(types, c.types[i])
			keys, oneShots = append(keys, c.keys[i]), append(oneShots, c.oneShots[i])
		}
	}
	if len(accounts) == 0 {
		return
	}
	b.Queue(`
		UPDATE registrations r SET recurrent = NOT want.one_shot, used = r.used AND m.transfer_id IS NOT NULL
		FROM unnest($1::int[], $2::bytea[], $3::text[], $4::bytea[], $5::bool[]) AS want (account_id, authorization_pub, type, account_pub, one_shot)
			JOIN mappings m USING (account_id, authorization_pub)
		WHERE r.account_id = want.account_id AND r.authorization_pub = want.authorization_pub AND r.expiration > now()
			AND m.type = want.type AND m.account_pub = want.account_pub AND m.stored >= r.since`, accounts, pubs, types, keys, oneShots)
}

// Ending is an unregistration in Taler's dialect.
type Ending struct {
	AuthorizationPub taler.EddsaPublicKey
	Stamp            string               // the point in time, in the words that were signed
	Time             time.Time            // the same, read
	Signature        taler.EddsaSignature // over EndingText, by AuthorizationPub
}

// EndPrepared is End with the signature of Taler's dialect. One that was accepted
// before finds nothing any more, as Taler has it. Errors: ErrBadSignature, and
// those of End.
func (r *Registry) EndPrepared(ctx context.Context, a *Account, e Ending) error {
	if !e.AuthorizationPub.Verify(EndingText(e.Stamp), e.Signature) {
		return ErrBadSignature
	}
	done, err := r.End(ctx, a, e.AuthorizationPub, e.Time.Truncate(time.Second))
	if err == nil && done.Repeated {
		return ErrExpired
	}
	return err
}
