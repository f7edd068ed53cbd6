package pain_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/shortwire/shortwire/gateway/bankfile/bankfiletest"
	"github.com/shortwire/shortwire/gateway/pain"
)

// TestReports shows for every report of testdata what it says.
func TestReports(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/report_*.xml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		report, err := pain.ReadReport(text)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		got, err := json.MarshalIndent(report, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		bankfiletest.Golden(t, strings.TrimSuffix(file, ".xml")+".json", append(got, '\n'))
	}
}

// reportOf wraps what stands behind the group header.
func reportOf(inner string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr><MsgId>B</MsgId></GrpHdr>` + inner + `</CstmrPmtStsRpt></Document>`
}

const group = `<OrgnlGrpInfAndSts><OrgnlMsgId>M</OrgnlMsgId></OrgnlGrpInfAndSts>`

func block(inner string) string {
	return `<OrgnlPmtInfAndSts><OrgnlPmtInfId>M</OrgnlPmtInfId>` + inner + `</OrgnlPmtInfAndSts>`
}

func TestWhatAReportSays(t *testing.T) {
	t.Parallel()
	tx := func(id, rest string) string {
		return `<TxInfAndSts><OrgnlEndToEndId>` + id + `</OrgnlEndToEndId>` + rest + `</TxInfAndSts>`
	}
	withStatus := strings.Replace(group, "</OrgnlGrp", "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Prtry>X</Prtry></Rsn></StsRsnInf></OrgnlGrp", 1)
	for name, c := range map[string]struct {
		inner string
		want  []string
	}{
		"nothing said":                       {group, nil},
		"a message rejected":                 {withStatus, []string{"M//RJCT/X"}},
		"a block rejected":                   {group + block(`<PmtInfSts>RJCT</PmtInfSts>`), []string{"M//RJCT/"}},
		"a block under a rejected message":   {withStatus + block(``), []string{"M//RJCT/X"}},
		"partly":                             {strings.Replace(withStatus, "RJCT", "PART", 1), nil},
		"transactions of a partly one":       {group + block(`<PmtInfSts>PART</PmtInfSts>`+tx("A", `<TxSts>ACSC</TxSts>`)), []string{"M/A/ACSC/"}},
		"a transaction has it from above":    {withStatus + block(tx("A", ``)), []string{"M/A/RJCT/X", "M//RJCT/X"}},
		"the rest of a block":                {group + block(`<PmtInfSts>ACSP</PmtInfSts>`+tx("A", `<TxSts>RJCT</TxSts>`)), []string{"M/A/RJCT/", "M//ACSP/"}},
		"a transaction of somebody else":     {group + block(tx("NOTPROVIDED", `<TxSts>RJCT</TxSts>`)), nil},
		"blanks, comments, CDATA":            {group + block(tx(" A\n", `<TxSts><!-- x --> AC<![CDATA[SC]]></TxSts>`)), []string{"M/A/ACSC/"}},
		"two reasons":                        {group + block(tx("A", `<TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf><StsRsnInf><Rsn><Cd>AM05</Cd></Rsn></StsRsnInf>`)), []string{"M/A/RJCT/AC04 AM05"}},
		"a status that is not the payment's": {group + block(tx("A", `<TxSts>ACSC</TxSts><OrgnlTxRef><TxSts>RJCT</TxSts></OrgnlTxRef>`)), []string{"M/A/ACSC/"}},
	} {
		report, err := pain.ReadReport([]byte(reportOf(c.inner)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, s := range report.Statuses {
			got = append(got, fmt.Sprintf("%s/%s/%s/%s", s.MessageID, s.EndToEndID, s.Code, s.Reason))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

func TestReportsRefused(t *testing.T) {
	t.Parallel()
	good := reportOf(group + block(`<TxInfAndSts><OrgnlEndToEndId>A</OrgnlEndToEndId><TxSts>ACSC</TxSts></TxInfAndSts>`))
	swap := func(old, text string) string {
		bad := strings.Replace(good, old, text, 1)
		if bad == good {
			t.Fatalf("%s changes nothing", old)
		}
		return bad
	}
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"empty":            {"", pain.ErrNotXML},
		"no XML":           {"hello", pain.ErrNotXML},
		"cut":              {good[:len(good)-20], pain.ErrNotXML},
		"two roots":        {good + "<a/>", pain.ErrNotXML},
		"doctype":          {swap("<Document", "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><Document"), pain.ErrNotXML},
		"entity":           {swap(">A<", ">&e;<"), pain.ErrNotXML},
		"Latin-1":          {swap("UTF-8", "ISO-8859-1"), pain.ErrNotXML},
		"not UTF-8":        {swap(">A<", ">\xff<"), pain.ErrNotXML},
		"other message":    {swap("pain.002.001.10", "camt.054.001.08"), pain.ErrNotReport},
		"other root":       {strings.ReplaceAll(good, "Document", "Dokument"), pain.ErrNotReport},
		"no namespace":     {swap(`xmlns="`, `xmlns:x="`), pain.ErrNotReport},
		"other version":    {swap("pain.002.001.10", "pain.002.001.02"), pain.ErrVersion},
		"no report":        {swap("<CstmrPmtStsRpt>", "<Other>")[:0] + strings.ReplaceAll(good, "CstmrPmtStsRpt", "Other"), pain.ErrStructure},
		"about nothing":    {strings.Replace(good, group, "", 1), pain.ErrStructure},
		"no status":        {swap("<TxSts>ACSC</TxSts>", ""), pain.ErrStructure},
		"two statuses":     {swap("<TxSts>ACSC</TxSts>", "<TxSts>ACSC</TxSts><TxSts>RJCT</TxSts>"), pain.ErrStructure},
		"two ids":          {swap("<TxSts>", "<OrgnlEndToEndId>B</OrgnlEndToEndId><TxSts>"), pain.ErrStructure},
		"a very long text": {swap(">A<", ">"+strings.Repeat("x", 11<<10)+"<"), pain.ErrTooLarge},
		"very deep":        {swap("<TxSts>", strings.Repeat("<a>", 100)+strings.Repeat("</a>", 100)+"<TxSts>"), pain.ErrTooLarge},
	} {
		if _, err := pain.ReadReport([]byte(c.text)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := pain.ReadReport([]byte("\xEF\xBB\xBF" + good)); err != nil {
		t.Errorf("a byte order mark: %v", err)
	}
}

// What an order writes, a report about it says back.
func TestOrdersComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		codes := rapid.SliceOfN(rapid.SampledFrom([]string{"ACSC", "ACSP", "RJCT"}), 1, 6).Draw(t, "codes")
		var inner strings.Builder
		for i, code := range codes {
			fmt.Fprintf(&inner, `<TxInfAndSts><OrgnlEndToEndId>E%d</OrgnlEndToEndId><TxSts>%s</TxSts></TxInfAndSts>`, i, code)
		}
		report, err := pain.ReadReport([]byte(reportOf(group + block(inner.String()))))
		if err != nil || len(report.Statuses) != len(codes) {
			t.Fatalf("%+v, %v", report, err)
		}
		for i, s := range report.Statuses {
			if s.EndToEndID != fmt.Sprint("E", i) || s.Code != codes[i] || s.MessageID != "M" {
				t.Errorf("status %d is %+v", i, s)
			}
		}
	})
}

// FuzzReadReport: no input crashes the reader, costs more than it is long, or
// gives texts that could not be stored or shown.
func FuzzReadReport(f *testing.F) {
	files, err := filepath.Glob("testdata/report_*.xml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(reportOf(group)))
	f.Add([]byte("<\x9e "))
	f.Fuzz(func(t *testing.T, text []byte) {
		report, err := pain.ReadReport(text)
		if err != nil {
			if !utf8.ValidString(err.Error()) {
				t.Errorf("the error holds bytes of the file: %q", err)
			}
			return
		}
		for _, s := range report.Statuses {
			if s.Code == "" || s.MessageID == "" && s.EndToEndID == "" || len(s.Info) > 500 {
				t.Errorf("%+v", s)
			}
			for _, part := range []string{s.MessageID, s.EndToEndID, s.Code, s.Reason, s.Info} {
				if !utf8.ValidString(part) || strings.ContainsRune(part, 0) {
					t.Errorf("%q cannot be stored", part)
				}
			}
		}
	})
}
