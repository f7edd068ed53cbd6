package wire

import (
	"slices"

	"github.com/shortwire/shortwire/subjects/taler"
)

// LegacySubject writes a key as the legacy subject that ScanLegacy reads.
func LegacySubject(key taler.EddsaPublicKey, isKYC bool) string {
	if isKYC {
		return kyc + ":" + key.String()
	}
	return key.String()
}

// ScanLegacy returns the legacy subjects in the fields and the free text of a
// remittance (T4): bare reserve keys and KYC account keys, as ScanKeys reads them,
// and the fields in the way of Search. It serves
// every wire method: for an account with legacy subjects switched on the
// receiving desk always asks it, beside the method itself, since a text that
// holds a legacy subject and a registered one is ambiguous (T2).
//
// It gives nothing when a structured reference is present (T3), and nothing
// when the text holds an authorization key of the same rank or a higher one:
// what its owner meant is another subject, even if this account offers none.
func ScanLegacy(r Remittance) []Candidate {
	if len(r.StructuredReferences()) > 0 {
		return nil
	}
	found := r.SearchKeys()
	if slices.ContainsFunc(found, isAuthorization) {
		return nil
	}
	return found
}

func isAuthorization(c Candidate) bool { return c.Kind == KindAuthorization }

// LegacyScanner is implemented by methods whose accounts receive legacy subjects
// in a form of their own.
type LegacyScanner interface {
	// ScanLegacy is the function of that name for the method's own form.
	ScanLegacy(Remittance) []Candidate
}

// Candidates returns every subject in a remittance to an account of m, with the
// legacy subjects if these count there.
func Candidates(m Method, r Remittance, legacy bool) []Candidate {
	if !legacy {
		return m.Scan(r)
	}
	if _, carries := m.(KeyCarrier); carries && len(r.StructuredReferences()) == 0 {
		return scanWholeKeys(r)
	}
	found := append(m.Scan(r), ScanLegacy(r)...)
	if own, ok := m.(LegacyScanner); ok {
		found = append(found, own.ScanLegacy(r)...)
	}
	return found
}

// scanWholeKeys returns in one look what a KeyCarrier and ScanLegacy find. Keys of
// both kinds in one remittance are neither.
func scanWholeKeys(r Remittance) []Candidate {
	found := r.SearchKeys()
	if slices.ContainsFunc(found, isAuthorization) && !allAuthorization(found) {
		return nil
	}
	return found
}

func allAuthorization(found []Candidate) bool {
	return !slices.ContainsFunc(found, func(c Candidate) bool { return !isAuthorization(c) })
}
