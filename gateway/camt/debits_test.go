package camt_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/shortwire/shortwire/gateway/camt"
)

// The debits of one day, in each of the three messages and both versions, are
// the same; their credits, totals and pending entries are not read, whatever
// they lack.
func TestDebitsOfStatements(t *testing.T) {
	t.Parallel()
	entry := func(direction, status, refs string) string {
		return `<Ntry><Amt Ccy="CHF">7</Amt><CdtDbtInd>` + direction + `</CdtDbtInd><Sts>` + status + `</Sts>
			<NtryDtls><TxDtls><Refs>` + refs + `</Refs></TxDtls></NtryDtls></Ntry>`
	}
	for _, m := range []struct{ name, body, report string }{
		{"camt.052", "BkToCstmrAcctRpt", "Rpt"}, {"camt.053", "BkToCstmrStmt", "Stmt"}, {"camt.054", "BkToCstmrDbtCdtNtfctn", "Ntfctn"},
	} {
		for version, status := range map[string]string{"04": "%s", "08": "<Cd>%s</Cd>"} {
			booked, pending := fmt.Sprintf(status, "BOOK"), fmt.Sprintf(status, "PDNG")
			file := fmt.Sprintf(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:%s.001.%s"><%s><GrpHdr><MsgId>M</MsgId></GrpHdr><%s>`, m.name, version, m.body, m.report) +
				`<Bal><Amt Ccy="CHF">1</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>` +
				entry("DBIT", booked, `<AcctSvcrRef>R1</AcctSvcrRef><EndToEndId>A</EndToEndId>`) +
				entry("DBIT", booked, `<EndToEndId>B</EndToEndId>`) +
				entry("DBIT", pending, `<EndToEndId>C</EndToEndId>`) +
				entry("DBIT", booked, `<EndToEndId>NOTPROVIDED</EndToEndId>`) +
				entry("CRDT", booked, `<EndToEndId>D</EndToEndId>`) +
				`<Ntry><Amt Ccy="CHF">9</Amt><CdtDbtInd>DBIT</CdtDbtInd><RvslInd>true</RvslInd><Sts>` + booked + `</Sts><NtryDtls><TxDtls><Refs><EndToEndId>E</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>` +
				`<Ntry><Amt Ccy="CHF">9</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>` + booked + `</Sts></Ntry>` +
				fmt.Sprintf(`</%s></%s></Document>`, m.report, m.body)
			var got []string
			_, err := camt.ReadDebits(strings.NewReader(file), func(e camt.Entry) error {
				got = append(got, e.Remittance.EndToEndID+" "+e.BankRef)
				return nil
			})
			if diff := cmp.Diff([]string{"A R1", "B "}, got); err != nil || diff != "" {
				t.Errorf("%s.%s: %v, -want +got\n%s", m.name, version, err, diff)
			}
			if _, err := camt.Validate(strings.NewReader(file)); m.name != "camt.054" && !errors.Is(err, camt.ErrMessageType) {
				t.Errorf("%s.%s is read for its credits: %v", m.name, version, err)
			}
			if _, err := camt.ReadDebits(strings.NewReader(file[:len(file)-30]), func(camt.Entry) error { return nil }); !errors.Is(err, camt.ErrTruncated) {
				t.Errorf("%s.%s, cut: %v", m.name, version, err)
			}
		}
	}
}
