package numeric

import (
	"cmp"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/plugins/wiretest"
	"github.com/shortwire/shortwire/subjects/taler"
)

func vectorFile(scheme string) string { return filepath.Join("testdata", scheme+".json") }

// falseRates are stated where the checks leave more than one in 10^5 of the
// suite's texts, a quarter of which are nothing but numbers.
// A number that is found by chance is hardly ever registered.
var falseRates = map[string]float64{"be-ogm": 1e-2, "vs": 6e-2}

// Every row of the table has a file of worked examples, with the account of
// which it passes the suite.
func TestConformance(t *testing.T) {
	t.Parallel()
	for _, row := range schemes {
		if row.unfit != "" {
			continue
		}
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, m := wiretest.Open(t, Factory(), vectorFile(row.name))
			wiretest.Run(t, m, wiretest.FalseRate(cmp.Or(falseRates[row.name], 1e-3)))
		})
	}
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, row := range schemes {
		if row.unfit == "" {
			wiretest.Vectors(t, Factory(), vectorFile(row.name))
		}
	}
}

// What others published must be read as they wrote it.
func TestNationalChecks(t *testing.T) {
	t.Parallel()
	for name, numbers := range map[string][]string{
		"be-ogm":              {"010806817183", "312401398067"},
		"fi-viite":            {"1234561", "1511890656", "121312952"},
		"ee-viite":            {"121312952"},
		"no-kid10":            {"12345674"},
		"no-kid11":            {"123456785"},
		"se-ocr":              {"1234566", "123455"},
		"se-ocr-length":       {"12345682", "1234574"},
		"dk-fik71":            {"004040400000669"},
		"dk-fik75":            {"0004040400000669"},
		"nl-betalingskenmerk": {"5000056789012345", "12234534622567"},
		"hr-hr01":             {"20207891"},
		"si-si12":             {"1033842574531", "56782"},
		"au-bpay":             {"000016725"},
	} {
		row := rowOf(t, name)
		for _, number := range numbers {
			body := number[row.front : len(number)-row.back]
			if got, ok := row.seal(body); got != number || !ok {
				t.Errorf("%s: %s gives %s, %t, want %s", name, body, got, ok, number)
			}
		}
	}
}

// A result that is no digit, or that shares its digit with another, is avoided.
func TestAmbiguousResultsAreAvoided(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"no-kid11": "6", "nl-betalingskenmerk": "000000000000006", "hr-hr01": "6", "si-si12": "6"} {
		if number, ok := rowOf(t, name).seal(body); ok {
			t.Errorf("%s: %s became %s", name, body, number)
		}
	}
}

func rowOf(t *testing.T, name string) *scheme {
	t.Helper()
	for i := range schemes {
		if schemes[i].name == name {
			return &schemes[i]
		}
	}
	t.Fatalf("there is no scheme %s", name)
	return nil
}

// All lengths that a row allows are within the limits of wire.Number.
func TestLengths(t *testing.T) {
	t.Parallel()
	for _, row := range schemes {
		if row.unfit != "" {
			continue
		}
		for digits := row.min; digits <= row.max; digits++ {
			payload := row.own(digits).Digits - int(row.inner)
			if payload < 8 || payload > 18 || row.usual > row.max || row.usual > 0 && row.usual < row.min {
				t.Errorf("%s with %d digits has a payload of %d", row.name, digits, payload)
			}
		}
	}
}

func settings(t *testing.T, payto string, parameters ...string) wire.Settings {
	t.Helper()
	p, err := taler.ParsePayto(payto)
	if err != nil {
		t.Fatal(err)
	}
	s := wire.Settings{Account: "a", Payto: p, Currency: "EUR", Parameters: map[string]string{}}
	for i := 0; i < len(parameters); i += 2 {
		s.Parameters[parameters[i]] = parameters[i+1]
	}
	return s
}

func TestRefusedSettings(t *testing.T) {
	t.Parallel()
	const be, no, se, dk, pt = "payto://iban/BE72000000001616", "payto://iban/NO9386011117947",
		"payto://iban/SE4550000000058398257466", "payto://iban/DK5000400440116243", "payto://iban/PT50000201231234567890154"
	for name, c := range map[string]struct {
		settings wire.Settings
		advice   string
	}{
		"no scheme":         {settings(t, be), "set scheme to one of be-ogm, fi-viite"},
		"unknown scheme":    {settings(t, be, "scheme", "be"), "set scheme to one of"},
		"other country":     {settings(t, no, "scheme", "be-ogm"), "payto://iban/BE..."},
		"parameter":         {settings(t, be, "scheme", "be-ogm", "length", "12"), "this method knows scheme, digits, biller"},
		"fixed length":      {settings(t, be, "scheme", "be-ogm", "digits", "13"), "have 12"},
		"agreed length":     {settings(t, no, "scheme", "no-kid10"), "agreed with the bank"},
		"length too short":  {settings(t, no, "scheme", "no-kid10", "digits", "10"), "11 to 21"},
		"needless biller":   {settings(t, be, "scheme", "be-ogm", "biller", "12345"), "remove the parameter biller"},
		"no biller":         {settings(t, se, "scheme", "se-ocr", "digits", "14"), "such as 5050-1055"},
		"biller, bad check": {settings(t, se, "scheme", "se-ocr", "digits", "14", "biller", "5050-1056"), "such as 5050-1055"},
		"biller, 7 digits":  {settings(t, dk, "scheme", "dk-fik71", "biller", "8123456"), "such as 81234567"},
		"Multibanco":        {settings(t, pt, "scheme", "pt-multibanco"), "10,000 subjects"},
	} {
		_, err := Factory().New(c.settings)
		if !errors.Is(err, wire.ErrSettings) || !strings.Contains(err.Error(), c.advice) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// A number that has the check by chance and stands whole only when lines are
// joined does not hide the one that the payer was given.
func TestNumberByChanceHidesNothing(t *testing.T) {
	t.Parallel()
	_, m := wiretest.Open(t, Factory(), vectorFile("vs"))
	const chance, ours = "2026112211", "5427322723"
	want := []wire.Candidate{{Kind: wire.KindReference, Reference: chance}, {Kind: wire.KindReference, Reference: ours}}
	got := m.Scan(wire.Remittance{Unstructured: []string{"Faktura " + chance + " ze dne", ours}})
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func FuzzScan(f *testing.F) {
	_, m := wiretest.Open(f, Factory(), vectorFile("fi-viite"))
	wiretest.Fuzz(f, m, "RF18539007547034", "12 34561", "+++010/8068/17183+++", "/VS012345/SS123/KS0308", "FI2112345600000785")
}

func BenchmarkEncode(b *testing.B) {
	_, m := wiretest.Open(b, Factory(), vectorFile("no-kid11"))
	wiretest.BenchmarkEncode(b, m)
}

func BenchmarkScan(b *testing.B) {
	_, m := wiretest.Open(b, Factory(), vectorFile("fi-viite"))
	wiretest.BenchmarkScan(b, m, "12345678901237", "1 ")
}
