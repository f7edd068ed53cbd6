package pain_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/shortwire/shortwire/gateway/pain"
)

// orderSchema are the rules of the published schema of pain.001.001.09, for
// the elements that banks of the SEPA and of Switzerland know: one element per
// line, indented below its parent, in the order that the schema demands; how
// often (1 when not said, ? * +); its type when it holds text. Below a parent
// marked | exactly one of the children stands.
const orderSchema = `
Document
 CstmrCdtTrfInitn
  GrpHdr
   MsgId Max35
   CreDtTm DateTime
   NbOfTxs Max15Numeric
   CtrlSum ? Decimal
   InitgPty
    Nm ? Max140
  PmtInf +
   PmtInfId Max35
   PmtMtd PaymentMethod
   BtchBookg ? Boolean
   NbOfTxs ? Max15Numeric
   CtrlSum ? Decimal
   PmtTpInf ?
    InstrPrty ? Priority
    SvcLvl * |
     Cd ExternalServiceLevel
     Prtry Max35
   ReqdExctnDt |
    Dt Date
    DtTm DateTime
   Dbtr
    Nm ? Max140
   DbtrAcct
    Id |
     IBAN IBAN
     Othr
      Id Max34
    Ccy ? Currency
   DbtrAgt
    FinInstnId
     BICFI ? BIC
     ClrSysMmbId ?
      ClrSysId ? |
       Cd ExternalClearingSystem
       Prtry Max35
      MmbId Max35
     Othr ?
      Id Max35
   ChrgBr ? ChargeBearer
   CdtTrfTxInf +
    PmtId
     InstrId ? Max35
     EndToEndId Max35
     UETR ? UETR
    PmtTpInf ?
     InstrPrty ? Priority
     SvcLvl * |
      Cd ExternalServiceLevel
      Prtry Max35
    Amt |
     InstdAmt Amount
    ChrgBr ? ChargeBearer
    CdtrAgt ?
     FinInstnId
      BICFI ? BIC
      ClrSysMmbId ?
       ClrSysId ? |
        Cd ExternalClearingSystem
        Prtry Max35
       MmbId Max35
      Othr ?
       Id Max35
    Cdtr ?
     Nm ? Max140
    CdtrAcct ?
     Id |
      IBAN IBAN
      Othr
       Id Max34
     Ccy ? Currency
    RmtInf ?
     Ustrd * Max140
     Strd *
      CdtrRefInf ?
       Tp ?
        CdOrPrtry |
         Cd DocumentType3
         Prtry Max35
       Ref ? Max35
`

// schemas are the rules by version. What differs in .03 is replaced.
var schemas = map[pain.Version]*rule{
	pain.V09: parseSchema(orderSchema, pain.V09),
	pain.V03: parseSchema(strings.NewReplacer(
		"ReqdExctnDt |\n    Dt Date\n    DtTm DateTime\n", "ReqdExctnDt Date\n",
		"BICFI ? BIC\n", "BIC ? OldBIC\n",
		"     UETR ? UETR\n", "",
		"SvcLvl * |", "SvcLvl ? |",
	).Replace(orderSchema), pain.V03),
}

// The simple types, as patterns. Lengths count characters.
var orderTypes = map[string]string{
	"Max15Numeric":           `[0-9]{1,15}`,
	"DateTime":               `[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?`,
	"Date":                   `[0-9]{4}-[0-9]{2}-[0-9]{2}`,
	"Boolean":                `true|false|0|1`,
	"PaymentMethod":          `CHK|TRF|TRA`,
	"Priority":               `HIGH|NORM`,
	"ChargeBearer":           `DEBT|CRED|SHAR|SLEV`,
	"IBAN":                   `[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}`,
	"BIC":                    `[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?`,
	"OldBIC":                 `[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?`,
	"Currency":               `[A-Z]{3}`,
	"UETR":                   `[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}`,
	"DocumentType3":          `RADM|RPIN|FXDR|DISP|PUOR|SCOR`,
	"ExternalServiceLevel":   `.{1,4}`,
	"ExternalClearingSystem": `.{1,5}`,
}

// rule is one line of the schema.
type rule struct {
	name, kind string
	often      string
	choice     bool
	children   []*rule
	version    pain.Version
}

func parseSchema(text string, version pain.Version) *rule {
	var path []*rule
	for line := range strings.Lines(strings.TrimSpace(text)) {
		words := strings.Fields(line)
		depth := len(line) - len(strings.TrimLeft(line, " "))
		r := &rule{name: words[0], often: "1", version: version}
		for _, word := range words[1:] {
			switch word {
			case "?", "*", "+":
				r.often = word
			case "|":
				r.choice = true
			default:
				r.kind = word
			}
		}
		path = append(path[:depth], r)
		if depth > 0 {
			path[depth-1].children = append(path[depth-1].children, r)
		}
	}
	return path[0]
}

// element is one element of a message.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []*element `xml:",any"`
}

// check holds an element against its rule and returns what is wrong.
func (r *rule) check(e *element, path string) (wrong []string) {
	path += "/" + r.name
	blame := func(format string, args ...any) { wrong = append(wrong, path+": "+fmt.Sprintf(format, args...)) }
	if e.XMLName.Space != "urn:iso:std:iso:20022:tech:xsd:"+string(r.version) {
		blame("namespace %q", e.XMLName.Space)
	}
	if len(r.children) == 0 {
		return append(wrong, r.checkText(e, path)...)
	}
	if strings.TrimSpace(e.Text) != "" {
		blame("holds text")
	}
	left := e.Children
	for _, child := range r.children {
		n := 0
		for len(left) > 0 && left[0].XMLName.Local == child.name {
			wrong = append(wrong, child.check(left[0], path)...)
			left = left[1:]
			n++
		}
		if r.choice {
			continue
		}
		if n == 0 && strings.Contains("1+", child.often) || n > 1 && strings.Contains("1?", child.often) {
			blame("%d times %s, want %s", n, child.name, child.often)
		}
	}
	if len(left) > 0 {
		blame("%s is unknown or stands in the wrong place", left[0].XMLName.Local)
	}
	if r.choice && len(e.Children) != 1 {
		blame("%d children of a choice", len(e.Children))
	}
	return wrong
}

func (r *rule) checkText(e *element, path string) (wrong []string) {
	blame := func(format string, args ...any) { wrong = append(wrong, path+": "+fmt.Sprintf(format, args...)) }
	if len(e.Children) > 0 {
		blame("holds elements")
	}
	if length, isText := strings.CutPrefix(r.kind, "Max"); isText && r.kind != "Max15Numeric" {
		longest, _ := strconv.Atoi(length)
		if n := utf8.RuneCountInString(e.Text); n < 1 || n > longest {
			blame("%d characters, want 1 to %d", n, longest)
		}
		return wrong
	}
	switch r.kind {
	case "Amount":
		if len(e.Attrs) != 1 || e.Attrs[0].Name.Local != "Ccy" || !regexp.MustCompile(`^[A-Z]{3}$`).MatchString(e.Attrs[0].Value) {
			blame("attributes %v", e.Attrs)
		}
		return append(wrong, checkDecimal(e.Text, path, 5)...)
	case "Decimal":
		return append(wrong, checkDecimal(e.Text, path, 17)...)
	}
	if !regexp.MustCompile(`^(` + orderTypes[r.kind] + `)$`).MatchString(e.Text) {
		blame("%q is no %s", e.Text, r.kind)
	}
	return wrong
}

func checkDecimal(text, path string, fraction int) (wrong []string) {
	whole, decimals, _ := strings.Cut(text, ".")
	if !regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`).MatchString(text) || len(decimals) > fraction || len(whole)+len(decimals) > 18 {
		wrong = append(wrong, fmt.Sprintf("%s: %q has too many digits", path, text))
	}
	return wrong
}

// find returns the texts at a path.
func (e *element) find(path string) (found []string) {
	name, rest, deeper := strings.Cut(path, "/")
	for _, child := range e.Children {
		if child.XMLName.Local != name {
			continue
		}
		if !deeper {
			found = append(found, child.Text)
			continue
		}
		found = append(found, child.find(rest)...)
	}
	return found
}

// The two versions are told apart by more than their names.
func TestSchemasDiffer(t *testing.T) {
	t.Parallel()
	text, err := sepa().Write()
	if err != nil {
		t.Fatal(err)
	}
	message := &element{}
	if err := xml.Unmarshal(bytes.ReplaceAll(text, []byte(pain.V09), []byte(pain.V03)), message); err != nil {
		t.Fatal(err)
	}
	wrong := strings.Join(schemas[pain.V03].check(message, ""), "\n")
	for _, name := range []string{"ReqdExctnDt", "DbtrAgt", "CdtrAgt"} {
		if !strings.Contains(wrong, name) {
			t.Errorf("%s is not found:\n%s", name, wrong)
		}
	}
}

// The schema of the test is itself held against messages that break it.
func TestSchemaFindsFaults(t *testing.T) {
	t.Parallel()
	good, err := sample().Write()
	if err != nil {
		t.Fatal(err)
	}
	for name, swap := range map[string][2]string{
		"order":      {"<PmtMtd>TRF</PmtMtd>", ""},
		"twice":      {"<PmtMtd>TRF</PmtMtd>", "<PmtMtd>TRF</PmtMtd><PmtMtd>TRF</PmtMtd>"},
		"enum":       {"TRF", "TRX"},
		"unknown":    {"<PmtMtd>", "<Foo/><PmtMtd>"},
		"length":     {"<EndToEndId>", "<EndToEndId>" + strings.Repeat("x", 36)},
		"empty":      {"<InstrId>7</InstrId>", "<InstrId></InstrId>"},
		"decimals":   {">10.50<", ">10.500001<"},
		"currency":   {`Ccy="CHF"`, `Ccy="chf"`},
		"choice":     {"<IBAN>CH9300762011623852957</IBAN>", "<IBAN>CH9300762011623852957</IBAN><Othr><Id>x</Id></Othr>"},
		"namespace":  {"pain.001.001.09", "pain.001.001.03"},
		"stray text": {"<PmtMtd>", "hello<PmtMtd>"},
	} {
		bad := strings.Replace(string(good), swap[0], swap[1], 1)
		if bad == string(good) {
			t.Fatalf("%s changes nothing", name)
		}
		message := &element{}
		if err := xml.Unmarshal([]byte(bad), message); err != nil {
			t.Fatal(err)
		}
		if len(schemas[pain.V09].check(message, "")) == 0 {
			t.Errorf("%s: nothing is found", name)
		}
	}
}
