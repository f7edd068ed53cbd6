package talertest

import (
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/shortwire/shortwire/subjects/taler"
)

// notification is a camt.054 with one debit of the account.
const notification = `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.04"><BkToCstmrDbtCdtNtfctn>
<GrpHdr><MsgId>%[1]s</MsgId><CreDtTm>2026-11-20T06:15:00</CreDtTm></GrpHdr>
<Ntfctn><Id>%[1]s</Id><Acct><Id><IBAN>%[2]s</IBAN></Id></Acct>
<Ntry><Amt Ccy="%[3]s">1.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-19</Dt></BookgDt><AcctSvcrRef>%[1]s</AcctSvcrRef>
<NtryDtls><TxDtls><Refs><AcctSvcrRef>%[1]s</AcctSvcrRef><EndToEndId>%[4]s</EndToEndId></Refs><Amt Ccy="%[3]s">1.50</Amt><CdtDbtInd>DBIT</CdtDbtInd>
<RmtInf><Ustrd>%[5]s</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>`

// debit reports money that left the account, with the text that a credit has.
func (g *target) debit(t *testing.T, endToEndID string) reply {
	t.Helper()
	payto, err := taler.ParsePayto(g.creditAccount)
	if err != nil {
		t.Error(err)
	}
	file := fmt.Sprintf(notification, rand.Text(), payto.IBAN(), g.currency, endToEndID, newKey().pub)
	r := ask(t, "POST", g.bank+"incoming", "Bearer "+bankToken, file, "Content-Type", "application/xml")
	want(t, "a debit", r, 200)
	return r
}
