package camt

// values are the texts that occur at most once at their level.
type values map[field]string

// entry is the Ntry that is being read, without its transactions.
type entry struct {
	Position
	values
	accountIBAN  string
	details      bool // an NtryDtls was met: nothing of the entry itself may follow
	transactions int
	first        *transaction        // held until it is known whether it is the only one
	refs         map[digest]struct{} // references of the transactions so far
}

// transaction is one TxDtls. An entry has any number of them, so no more than
// two are held at any time.
type transaction struct {
	Position
	values
	unstructured []string
	structured   []string
	additional   []string
	size         int // bytes of all texts
}

// add keeps a text of a transaction. It tells false for a second text of a
// field that is allowed once.
func (t *transaction) add(f field, text string) bool {
	t.size += len(text)
	switch f {
	case unstructured:
		t.unstructured = append(t.unstructured, text)
	case structured:
		t.structured = append(t.structured, text)
	case additional:
		t.additional = append(t.additional, text)
	case proprietaryRef:
		if t.values[f] == "" {
			t.values[f] = text
		}
	default:
		return t.values.add(f, text)
	}
	return true
}

func (v values) add(f field, text string) bool {
	if _, twice := v[f]; twice {
		return false
	}
	v[f] = text
	return true
}
