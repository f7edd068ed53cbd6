package wire

// Search looks for references in the fields of a remittance as every method
// with short references does, in the order in which fields are believed:
//
//  1. structured references; when there is one, nothing else counts (T3)
//  2. Particulars, Code and Reference, each by itself, since payers put the
//     right text into the wrong field or into two; if none holds anything, the
//     three as one text that a form broke at the end of a field
//  3. free text
//  4. the end-to-end id, where the national rules or the payer's software put
//     the reference there; only if nothing was found before
//
// structured reads one structured reference, text some lines.
func (r Remittance) Search(structured func(entry string) []Candidate, text func(lines ...string) []Candidate) []Candidate {
	var found []Candidate
	if entries := r.StructuredReferences(); len(entries) > 0 {
		for _, entry := range entries {
			found = AddCandidates(found, structured(entry)...)
		}
		return found
	}
	found = AddCandidates(r.searchFields(text), text(r.Unstructured...)...)
	if len(found) == 0 && r.EndToEndID != "" {
		return text(r.EndToEndID)
	}
	return found
}

func (r Remittance) searchFields(text func(lines ...string) []Candidate) (found []Candidate) {
	if r.Particulars == "" && r.Code == "" && r.Reference == "" {
		return nil
	}
	for _, field := range []string{r.Particulars, r.Code, r.Reference} {
		found = AddCandidates(found, text(field)...)
	}
	if len(found) == 0 {
		return text(r.Particulars, r.Code, r.Reference)
	}
	return found
}

// SearchText is Search for methods that read structured references as text.
func (r Remittance) SearchText(text func(lines ...string) []Candidate) []Candidate {
	return r.Search(func(entry string) []Candidate { return text(entry) }, text)
}

// SearchKeys is Search for whole Taler keys. Structured references are one text,
// since a key is too long for one of them, and an end-to-end id has no room for a
// key. Keys of different fields count alike, whatever their rank.
func (r Remittance) SearchKeys() []Candidate {
	if entries := r.StructuredReferences(); len(entries) > 0 {
		return ScanKeys(entries...)
	}
	r.EndToEndID = ""
	return r.SearchText(ScanKeys)
}
