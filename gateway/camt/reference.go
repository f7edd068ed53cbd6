package camt

import (
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shortwire/shortwire/gateway/bankfile"
)

// digest stands for a reference in the set of those seen in an entry: eight
// bytes are enough to tell 10^5 references apart, and a chance collision only
// asks an operator to look.
type digest [8]byte

// readRef sets the reference by the rules of the package comment.
func (r reading) readRef(out *Entry) error {
	ref := r.ownRef()
	if ref == "" {
		ref = r.entryRef()
	}
	if out.Kind == bankfile.Ignored {
		if len(ref) <= bankfile.MaxRef {
			out.BankRef = ref
		}
		return nil
	}
	if ref == "" {
		return at(out.Position, ErrReference, "neither the transaction nor its entry has one")
	}
	if r.repeated(ref) {
		ref = r.numbered(ref)
		if out.Kind == bankfile.Credit {
			out.Kind, out.Reason = bankfile.Exception, bankfile.ReasonBankFlag
			out.Detail = "another transaction of the same entry has the same reference"
		}
	}
	if len(ref) > bankfile.MaxRef {
		return at(out.Position, ErrReference, "it is longer than 200 bytes")
	}
	out.BankRef = ref
	return nil
}

// ownRef is the transaction's own reference, "" when it has none.
func (r reading) ownRef() string {
	ref := r.t.values[servicerRef]
	if provided(ref) && (r.single || ref != r.e.values[servicerRef]) {
		return ref
	}
	for _, f := range []field{uetr, transactionID} {
		if ref := r.t.values[f]; provided(ref) {
			return ref
		}
	}
	if ref := r.t.values[proprietaryRef]; provided(ref) {
		return r.joined(ref)
	}
	return ""
}

// ids are the names under which this payment may stand in another message of the
// same account. None is sure to be its alone: the reference of an entry may be
// that of a second one, and a UETR that of a whole batch.
func (r reading) ids() []string {
	var ids []string
	add := func(id string) {
		if provided(id) && len(id) <= bankfile.MaxRef && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if own := r.t.values[servicerRef]; r.single || own != r.e.values[servicerRef] {
		add(own)
	}
	add(r.t.values[uetr])
	add(r.t.values[transactionID])
	if r.single {
		add(r.e.values[servicerRef])
	}
	return ids
}

// joined makes a proprietary reference unique in time: banks count it anew
// every day and for every customer number.
func (r reading) joined(ref string) string {
	var parts []string
	if own := r.e.values[entryRef]; provided(own) {
		parts = append(parts, own)
	}
	for _, f := range []field{bookingDate, bookingTime} {
		if day := dayOf(r.e.values[f]); !day.IsZero() {
			parts = append(parts, day.Format(time.DateOnly))
			break
		}
	}
	return strings.Join(append(parts, ref), "/")
}

func (r reading) entryRef() string {
	ref := r.e.values[servicerRef]
	switch {
	case !provided(ref):
		return ""
	case r.single:
		return ref
	}
	return r.numbered(ref)
}

func (r reading) numbered(ref string) string {
	return ref + "/" + strconv.Itoa(r.t.Transaction)
}

// repeated tells that another transaction of the entry came out with the same
// reference before.
func (r reading) repeated(ref string) bool {
	if r.single {
		return false
	}
	sum := sha256.Sum256([]byte(ref))
	d := digest(sum[:8])
	_, found := r.e.refs[d]
	if r.e.refs == nil {
		r.e.refs = make(map[digest]struct{})
	}
	r.e.refs[d] = struct{}{}
	return found
}

// provided tells that a reference is one; NOTPROVIDED is how ISO 20022 fills
// mandatory ones.
func provided(ref string) bool {
	return ref != "" && !strings.EqualFold(ref, "NOTPROVIDED")
}
