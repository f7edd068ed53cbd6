package camt_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/shortwire/shortwire/gateway/camt"
)

// The parts of a message that the tests put together.
const (
	root08  = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08">`
	head    = root08 + `<BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>M</MsgId></GrpHdr><Ntfctn>`
	tail    = `</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>`
	account = `<Acct><Id><IBAN>CH5204835012345671000</IBAN></Id></Acct>`
	fields  = `<Amt Ccy="CHF">3.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><AcctSvcrRef>E1</AcctSvcrRef>`
	details = `<NtryDtls><TxDtls><Refs><AcctSvcrRef>T1</AcctSvcrRef></Refs></TxDtls></NtryDtls>`
	entry   = `<Ntry>` + fields + details + `</Ntry>`
)

// without removes a part of a good message, so that only that part is amiss.
func without(part string) string {
	return head + strings.Replace(entry, part, "", 1) + tail
}

func swap(part, by string) string {
	return head + strings.Replace(entry, part, by, 1) + tail
}

func nested(depth int) string {
	return head + strings.Repeat("<a>", depth-3) + strings.Repeat("</a>", depth-3) + tail
}

func ustrd(text string) string {
	return swap("</Refs>", "</Refs><RmtInf><Ustrd>"+text+"</Ustrd></RmtInf>")
}

func document(name string) string {
	return `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:` + name + `"><X/></Document>`
}

const (
	twoTransactions = `<NtryDtls><TxDtls><Refs><AcctSvcrRef>T1</AcctSvcrRef></Refs></TxDtls>` +
		`<TxDtls><Refs><AcctSvcrRef>T2</AcctSvcrRef></Refs><Amt Ccy="CHF">1</Amt></TxDtls></NtryDtls>`
	twoNameless = `<NtryDtls><TxDtls><Amt Ccy="CHF">1</Amt></TxDtls><TxDtls><Amt Ccy="CHF">1</Amt></TxDtls></NtryDtls>`
)

// refusals lists every reason for refusing a file, with a part of the sentence.
var refusals = []struct {
	name string
	file string
	want error
	text string
}{
	{"empty", "", camt.ErrTruncated, "line 1"},
	{"only a byte order mark", "\xEF\xBB\xBF", camt.ErrTruncated, "empty"},
	{"blank", " \n ", camt.ErrNotXML, "line 2"},
	{"no XML", `{"transfers":[]}`, camt.ErrNotXML, "text outside"},
	{"only a comment", "<!-- nothing -->", camt.ErrNotXML, "no element"},
	{"end tag of another element", head + "\n</Document>", camt.ErrNotXML, "line 2"},
	{"unknown entity", ustrd("&secret;"), camt.ErrNotXML, "character reference"},
	{"bare ampersand", ustrd("secret & Co"), camt.ErrNotXML, "character reference"},
	{"XML 1.1", `<?xml version="1.1"?>` + head + tail, camt.ErrNotXML, "version"},
	{"late XML declaration", "\n" + `<?xml version="1.0"?>` + head + tail, camt.ErrNotXML, "first"},
	{"NUL in a text", ustrd("\x00"), camt.ErrNotXML, "U+0000"},
	{"NUL in a comment", ustrd("<!--\x00-->"), camt.ErrNotXML, "NUL"},
	{"control character", ustrd("\x01"), camt.ErrNotXML, "U+0001"},
	{"text before the root", "x" + head + tail, camt.ErrNotXML, "outside"},
	{"text after the root", head + tail + "x", camt.ErrNotXML, "outside"},
	{"second root", head + tail + head + tail, camt.ErrNotXML, "second root"},
	{"currency twice", swap(`Ccy="CHF"`, `Ccy="CHF" Ccy="EUR"`), camt.ErrNotXML, "twice"},

	{"cut in an element", head + entry, camt.ErrTruncated, "not closed"},
	{"cut in a tag", head + "<Nt", camt.ErrTruncated, "line 1"},
	{"cut in an attribute", head + `<Ntry><Amt Ccy="CH`, camt.ErrTruncated, "entry 1"},
	{"cut in a comment", head + "<!-- ", camt.ErrTruncated, ""},
	{"Document not closed", strings.TrimSuffix(head+tail, "</Document>"), camt.ErrTruncated, ""},

	{"document type", `<!DOCTYPE Document>` + head + tail, camt.ErrDoctype, "line 1"},
	{"entities", `<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>` + ustrd("&a;&b;"), camt.ErrDoctype, ""},
	{"web page", "<!DOCTYPE html>\n<html></html>", camt.ErrDoctype, ""},
	{"declaration inside", ustrd("<!ELEMENT x>"), camt.ErrDoctype, "transaction 1"},

	{"ISO-8859-1", `<?xml version="1.0" encoding="ISO-8859-1"?>` + head + tail, camt.ErrEncoding, `"ISO-8859-1"`},
	{"windows-1252", `<?xml version='1.0' encoding='windows-1252'?>` + head + tail, camt.ErrEncoding, `"windows-1252"`},
	{"UTF-16 declared", `<?xml version="1.0" encoding="UTF-16"?>` + head + tail, camt.ErrEncoding, `"UTF-16"`},
	{"UTF-16 little endian", "\xFF\xFE<\x00?\x00", camt.ErrEncoding, "UTF-16"},
	{"UTF-16 big endian", "\xFE\xFF\x00<\x00?", camt.ErrEncoding, "UTF-16"},
	{"UTF-16 without mark", "<\x00D\x00", camt.ErrEncoding, "UTF-16"},
	{"UTF-16 without mark, big endian", "\x00<\x00D", camt.ErrEncoding, "UTF-16"},
	{"UTF-32", "\x00\x00\xFE\xFF\x00\x00\x00<", camt.ErrEncoding, "UTF-32"},
	{"invalid UTF-8 in a text", ustrd("caf\xe9"), camt.ErrEncoding, "transaction 1"},
	{"invalid UTF-8 in a skipped text", swap("</Refs>", "</Refs><AddtlTxInf>\xff</AddtlTxInf>"), camt.ErrEncoding, ""},
	{"invalid UTF-8 in an attribute", swap(`"CHF"`, "\"\xff\""), camt.ErrEncoding, ""},
	{"invalid UTF-8 in a comment", ustrd("<!--\xff-->"), camt.ErrEncoding, ""},
	{"invalid UTF-8 in an instruction", ustrd("<?x \xff?>"), camt.ErrEncoding, ""},

	{"nested too deep", nested(65), camt.ErrTooLarge, "64"},
	{"long text", ustrd(strings.Repeat("x", 10<<10+1)), camt.ErrTooLarge, "10 kB"},
	{"long text in pieces", ustrd(strings.Repeat("x<!-- -->", 10<<10+1)), camt.ErrTooLarge, "10 kB"},
	{"long skipped text", swap("</Refs>", "</Refs><AddtlTxInf>"+strings.Repeat("x", 10<<10+1)+"</AddtlTxInf>"), camt.ErrTooLarge, "10 kB"},
	{"long text of long references", ustrd(strings.Repeat("&#0000000000000000000000120;", 3<<10)), camt.ErrTooLarge, "64 kB"},
	{"long comment", "<!--" + strings.Repeat("x", 64<<10) + "-->", camt.ErrTooLarge, "64 kB"},
	{"long tag", head + "<" + strings.Repeat("x", 64<<10), camt.ErrTooLarge, "64 kB"},
	{"many texts", ustrd(strings.Repeat("x", 10<<10) + strings.Repeat("</Ustrd><Ustrd>"+strings.Repeat("x", 10<<10), 6)), camt.ErrTooLarge, "transaction 1"},

	{"another root", "<Statement/>", camt.ErrNotMessage, "Document"},
	{"no namespace", "<Document/>", camt.ErrNotMessage, "camt.054.001.08"},
	{"root of another name", strings.ReplaceAll(head+tail, "Document", "document"), camt.ErrNotMessage, ""},
	{"envelope", `<BizMsgEnvlp xmlns="urn:example">` + head + tail + `</BizMsgEnvlp>`, camt.ErrNotMessage, ""},
	{"namespace with an end", document("camt.054.001.08.xsd"), camt.ErrNotMessage, ""},
	{"namespace without version", document("camt.054"), camt.ErrNotMessage, ""},
	{"intraday report", document("camt.052.001.08"), camt.ErrNotListed, "camt.052.001.08; an intraday report"},
	{"statement", document("camt.053.001.04"), camt.ErrNotListed, "post the camt.054"},
	{"payment order", document("pain.001.001.09"), camt.ErrMessageType, "payment order"},
	{"status report", document("pain.002.001.10"), camt.ErrMessageType, "bank/outgoing"},
	{"interbank message", document("pacs.008.001.08"), camt.ErrMessageType, "post the camt.054"},
	{"older version", document("camt.054.001.02"), camt.ErrVersion, "this is camt.054.001.02"},
	{"newer version", document("camt.054.001.13"), camt.ErrVersion, "post version .08"},

	{"no body", document("camt.054.001.08"), camt.ErrStructure, "BkToCstmrDbtCdtNtfctn"},
	{"body of another message", root08 + "<BkToCstmrStmt><Stmt/></BkToCstmrStmt></Document>", camt.ErrStructure, "BkToCstmrDbtCdtNtfctn"},
	{"no notification", root08 + "<BkToCstmrDbtCdtNtfctn/></Document>", camt.ErrStructure, "Ntfctn"},
	{"two bodies", root08 + strings.Repeat("<BkToCstmrDbtCdtNtfctn><Ntfctn/></BkToCstmrDbtCdtNtfctn>", 2) + "</Document>", camt.ErrStructure, "one"},
	{"entry of another namespace", swap("<Ntry>", `<Ntry xmlns="">`), camt.ErrStructure, "namespace"},
	{"element inside a text", swap("T1</", "T1<b/></"), camt.ErrStructure, "AcctSvcrRef"},
	{"amount twice", swap("<CdtDbtInd>", `<Amt Ccy="CHF">4.00</Amt><CdtDbtInd>`), camt.ErrStructure, "Amt stands there twice"},
	{"reference twice", swap("</Refs>", "<AcctSvcrRef>T2</AcctSvcrRef></Refs>"), camt.ErrStructure, "transaction 1"},
	{"two names", swap("</Refs>", "</Refs><RltdPties><Dbtr><Nm>A</Nm><Pty><Nm>B</Nm></Pty></Dbtr></RltdPties>"), camt.ErrStructure, "Nm"},
	{"field behind the details", swap("</NtryDtls>", "</NtryDtls><RvslInd>true</RvslInd>"), camt.ErrStructure, "behind"},
	{"account behind an entry", head + entry + account + tail, camt.ErrStructure, "behind"},
	{"no status", without("<Sts><Cd>BOOK</Cd></Sts>"), camt.ErrStructure, "status"},
	{"empty status", without("<Cd>BOOK</Cd>"), camt.ErrStructure, "status"},
	{"no direction", without("<CdtDbtInd>CRDT</CdtDbtInd>"), camt.ErrStructure, "CRDT or DBIT"},
	{"unknown direction", swap("CRDT", "BOTH"), camt.ErrStructure, "CRDT or DBIT"},
	{"unknown reversal", swap("<Sts>", "<RvslInd>yes</RvslInd><Sts>"), camt.ErrStructure, "true or false"},

	{"no amount", without(`<Amt Ccy="CHF">3.00</Amt>`), camt.ErrAmount, "entry 1, transaction 1"},
	{"no amount of one of two", swap(details, twoTransactions), camt.ErrAmount, "entry 1, transaction 1"},
	{"no amount of a total", head + "<Ntry>" + strings.Replace(fields, `<Amt Ccy="CHF">3.00</Amt>`, "", 1) + "</Ntry>" + tail, camt.ErrAmount, "entry 1:"},
	{"empty amount", swap("3.00", ""), camt.ErrAmount, ""},
	{"amount with a comma", swap("3.00", "3,00"), camt.ErrAmount, "10.50"},
	{"negative amount", swap("3.00", "-3.00"), camt.ErrAmount, ""},
	{"amount in words", swap("3.00", "three"), camt.ErrAmount, ""},
	{"endless amount", swap("3.00", strings.Repeat("9", 40)), camt.ErrAmount, ""},
	{"no currency", swap(` Ccy="CHF"`, ""), camt.ErrAmount, "Ccy"},
	{"currency of another namespace", swap(`Ccy=`, `xmlns:x="urn:example" x:Ccy=`), camt.ErrAmount, "Ccy"},
	{"small letters", swap("CHF", "chf"), camt.ErrAmount, "Ccy"},
	{"long currency", swap("CHF", "FRANKEN"), camt.ErrAmount, "Ccy"},
	{"broken amount of a debit", strings.Replace(swap("3.00", "x"), "CRDT", "DBIT", 1), camt.ErrAmount, ""},
	{"empty amount of the transaction", swap("</Refs>", `</Refs><Amt Ccy="CHF"/>`), camt.ErrAmount, ""},

	{"no reference", strings.Replace(without("T1"), "E1", " ", 1), camt.ErrReference, "AcctSvcrRef"},
	{"no reference of two", strings.Replace(swap(details, twoNameless), "E1", "NOTPROVIDED", 1), camt.ErrReference, "transaction 1"},
	{"no reference of a total", head + "<Ntry>" + strings.Replace(fields, "E1", "", 1) + "</Ntry>" + tail, camt.ErrReference, "entry 1:"},
	{"long reference", swap("T1", strings.Repeat("T", 201)), camt.ErrReference, "200"},
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := camt.Validate(strings.NewReader(c.file))
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if !strings.HasPrefix(err.Error(), "line ") || !strings.Contains(err.Error(), c.text) {
				t.Errorf("the sentence says too little, want %q: %v", c.text, err)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the sentence tells content of the file: %v", err)
			}
		})
	}
}

// TestAccepted holds against the refusals what is just within the limits.
func TestAccepted(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"the message the refusals start from": head + account + entry + tail,
		"no entries":                          head + account + tail,
		"nested 64 deep":                      nested(64),
		"text of 10 kB":                       ustrd(strings.Repeat("x", 10<<10)),
		"text of references":                  ustrd(strings.Repeat("&#120;", 10<<10)),
		"reference of 200 bytes":              swap("T1", strings.Repeat("T", 200)),
		"declared utf-8":                      `<?xml version="1.0" encoding="utf-8"?>` + head + tail,
		"blanks around the root":              "\n\n" + head + tail + "\n\n",
		"debit without amount and reference":  head + `<Ntry><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts></Ntry>` + tail,
		"pending without direction":           head + `<Ntry><Sts>PDNG</Sts></Ntry>` + tail,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := camt.Validate(strings.NewReader(file)); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestEveryCut shows that no beginning of a file passes for the whole: the
// truncated download must not be taken for a quiet day.
func TestEveryCut(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/dialects_v08.xml")
	if err != nil {
		t.Fatal(err)
	}
	end := strings.LastIndex(string(file), "</n:Document>") + len("</n:Document>")
	for i := range end {
		_, err := camt.Validate(strings.NewReader(string(file[:i])))
		if err == nil {
			t.Fatalf("accepted although cut after %d bytes", i)
		}
		if !isRefusal(err) {
			t.Fatalf("cut after %d bytes: no sentinel in %v", i, err)
		}
	}
}

func isRefusal(err error) bool {
	for _, sentinel := range []error{
		camt.ErrNotXML, camt.ErrTruncated, camt.ErrDoctype, camt.ErrEncoding, camt.ErrTooLarge, camt.ErrNotMessage,
		camt.ErrMessageType, camt.ErrVersion, camt.ErrStructure, camt.ErrAmount, camt.ErrReference,
	} {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	return false
}

func TestErrorOfTheReader(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	for _, sent := range []string{"", "<", head, head + entry + tail} {
		r := io.MultiReader(strings.NewReader(sent), iotest.ErrReader(broken))
		if _, err := camt.Validate(r); !errors.Is(err, broken) || isRefusal(err) {
			t.Errorf("after %d bytes: got %v, want the reader's error alone", len(sent), err)
		}
	}
}

func TestErrorOfEmit(t *testing.T) {
	t.Parallel()
	full := errors.New("full")
	calls := 0
	_, err := camt.Read(strings.NewReader(head+entry+entry+tail), func(camt.Entry) error {
		calls++
		return full
	})
	if err != full || calls != 1 {
		t.Errorf("got %v after %d calls, want emit's own error after one", err, calls)
	}
}
