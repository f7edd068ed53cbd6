package taler

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseAmount(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text  string
		want  Amount
		print string // "" for the same text
	}{
		{"EUR:4", Amount{"EUR", 4, 0}, ""},
		{"EUR:0", Amount{"EUR", 0, 0}, ""},
		{"CHF:10.5", Amount{"CHF", 10, 50000000}, ""},
		{"EUR:0.02", Amount{"EUR", 0, 2000000}, ""},
		{"EUR:4.12", Amount{"EUR", 4, 12000000}, ""},
		{"LOCAL:4444.1000", Amount{"LOCAL", 4444, 10000000}, "LOCAL:4444.1"},
		{"A:1.00000001", Amount{"A", 1, 1}, ""},
		{"A:1.99999999", Amount{"A", 1, 99999999}, ""},
		{"A:1.00000000", Amount{"A", 1, 0}, "A:1"},
		{"A:007.5", Amount{"A", 7, 50000000}, "A:7.5"},
		{"ABCDEFGHIJK:1", Amount{"ABCDEFGHIJK", 1, 0}, ""},
		{"EUR:4503599627370496", Amount{"EUR", 1 << 52, 0}, ""},
		{"EUR:4503599627370496.99999999", Amount{"EUR", 1 << 52, 99999999}, ""},
	}
	for _, tt := range tests {
		got, err := ParseAmount(tt.text)
		if err != nil || got != tt.want {
			t.Errorf("%s: %+v, %v, want %+v", tt.text, got, err, tt.want)
		}
		if tt.print == "" {
			tt.print = tt.text
		}
		if got.String() != tt.print {
			t.Errorf("%s prints as %s, want %s", tt.text, got, tt.print)
		}
	}
}

func TestParseAmountRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want error
	}{
		{"", ErrAmountFormat},
		{":", ErrAmountFormat},
		{"EUR", ErrAmountFormat},
		{"EUR:", ErrAmountFormat},
		{":4", ErrAmountFormat},
		{"EUR4", ErrAmountFormat},
		{"eur:4", ErrAmountFormat},
		{"EUr:4", ErrAmountFormat},
		{" EUR:4", ErrAmountFormat},
		{"EUR:4 ", ErrAmountFormat},
		{"EUR: 4", ErrAmountFormat},
		{"EUR:1.", ErrAmountFormat},
		{"EUR:.1", ErrAmountFormat},
		{"EUR:.", ErrAmountFormat},
		{"EUR:-1", ErrAmountFormat},
		{"EUR:+1", ErrAmountFormat},
		{"EUR:1e3", ErrAmountFormat},
		{"EUR:4.4a", ErrAmountFormat},
		{"EUR:4,4", ErrAmountFormat},
		{"EUR:4.4.4", ErrAmountFormat},
		{"EUR:4:4", ErrAmountFormat},
		{"EUR:1_000", ErrAmountFormat},
		{"EUR:\u0661", ErrAmountFormat}, // an Arabic digit
		{"EU\u00c4:1", ErrAmountFormat},
		{"ABCDEFGHIJKL:1", ErrAmountFormat},  // 12 letters
		{"ABCDEFGHIJKLM:1", ErrAmountFormat}, // 13 letters
		{"EUR:1.123456789", ErrAmountFormat},
		{"EUR:1.000000000", ErrAmountFormat},
		{"EUR:99999999999999999999.123456789", ErrAmountFormat},
		{"EUR:4503599627370497", ErrAmountTooBig},
		{"EUR:18446744073709551616", ErrAmountTooBig},
		{"EUR:" + strings.Repeat("9", 1000), ErrAmountTooBig},
	}
	for _, tt := range tests {
		got, err := ParseAmount(tt.text)
		if !errors.Is(err, tt.want) || got != (Amount{}) {
			t.Errorf("%q: %+v, %v, want %v", tt.text, got, err, tt.want)
		}
	}
}

func amounts(currency string) *rapid.Generator[Amount] {
	return rapid.Custom(func(t *rapid.T) Amount {
		return Amount{
			Currency: currency,
			Value:    rapid.Uint64Range(0, MaxAmountValue).Draw(t, "value"),
			Fraction: rapid.Uint32Range(0, AmountBase-1).Draw(t, "fraction"),
		}
	})
}

// units returns an amount as a whole number of 10^-8 units.
func units(a Amount) *big.Int {
	n := new(big.Int).SetUint64(a.Value)
	n.Mul(n, big.NewInt(AmountBase))
	return n.Add(n, big.NewInt(int64(a.Fraction)))
}

// TestAmountArithmetic compares Add, Sub and Cmp with unbounded integers.
func TestAmountDecimal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"X:0": "0.00", "X:10": "10.00", "X:10.5": "10.50", "X:0.01": "0.01", "X:1.239": "1.23 and more"} {
		amount, err := ParseAmount(text)
		if err != nil {
			t.Fatal(err)
		}
		got, whole := amount.Decimal()
		if !whole {
			got += " and more"
		}
		if got != want {
			t.Errorf("%s became %s, want %s", text, got, want)
		}
	}
}

func TestAmountArithmetic(t *testing.T) {
	t.Parallel()
	limit := units(Amount{Value: MaxAmountValue + 1})
	rapid.Check(t, func(t *rapid.T) {
		a, b := amounts("CHF").Draw(t, "a"), amounts("CHF").Draw(t, "b")
		if got, want := a.Cmp(b), units(a).Cmp(units(b)); got != want {
			t.Fatalf("%s compared with %s: %d, want %d", a, b, got, want)
		}
		want := new(big.Int).Add(units(a), units(b))
		sum, err := a.Add(b)
		switch {
		case want.Cmp(limit) >= 0:
			if !errors.Is(err, ErrAmountTooBig) {
				t.Fatalf("%s + %s = %s, %v", a, b, sum, err)
			}
		case err != nil || units(sum).Cmp(want) != 0 || sum.Fraction >= AmountBase:
			t.Fatalf("%s + %s = %+v, %v", a, b, sum, err)
		}
		want.Sub(units(a), units(b))
		difference, err := a.Sub(b)
		switch {
		case want.Sign() < 0:
			if !errors.Is(err, ErrAmountNegative) {
				t.Fatalf("%s - %s = %s, %v", a, b, difference, err)
			}
		case err != nil || units(difference).Cmp(want) != 0 || difference.Fraction >= AmountBase:
			t.Fatalf("%s - %s = %+v, %v", a, b, difference, err)
		}
	})
}

func TestAmountEdges(t *testing.T) {
	t.Parallel()
	largest := Amount{"CHF", MaxAmountValue, AmountBase - 1}
	cent := Amount{"CHF", 0, 1000000}
	if got, err := largest.Add(Amount{"CHF", 0, 1}); !errors.Is(err, ErrAmountTooBig) {
		t.Errorf("largest + 10^-8: %s, %v", got, err)
	}
	if got, err := (Amount{"CHF", 1, 0}).Sub(cent); err != nil || got.String() != "CHF:0.99" {
		t.Errorf("1 - 0.01: %s, %v", got, err)
	}
	if got, err := cent.Sub(cent); err != nil || !got.IsZero() || got.Currency != "CHF" {
		t.Errorf("0.01 - 0.01: %+v, %v", got, err)
	}
	if cent.IsZero() || !(Amount{Currency: "CHF"}).IsZero() || (Amount{"CHF", 1, 0}).IsZero() {
		t.Error("IsZero")
	}
	euro := Amount{"EUR", 1, 0}
	if _, err := euro.Add(cent); !errors.Is(err, ErrAmountCurrency) {
		t.Errorf("euro + franc: %v", err)
	}
	if _, err := euro.Sub(cent); !errors.Is(err, ErrAmountCurrency) {
		t.Errorf("euro - franc: %v", err)
	}
	if (Amount{"CHF", 1, 0}).Cmp(euro) >= 0 || euro.Cmp(Amount{"CHF", 1, 0}) <= 0 {
		t.Error("one franc and one euro compare as equal or in no order")
	}
}

// TestAmountOutOfRange holds that hand-made amounts outside the range neither
// reach the wire nor wrap around in sums.
func TestAmountOutOfRange(t *testing.T) {
	t.Parallel()
	tests := []struct {
		amount Amount
		want   error
	}{
		{Amount{}, ErrAmountFormat},
		{Amount{"chf", 1, 0}, ErrAmountFormat},
		{Amount{"CHF", 1, AmountBase}, ErrAmountFormat},
		{Amount{"CHF", 1, math.MaxUint32}, ErrAmountFormat},
		{Amount{"CHF", MaxAmountValue + 1, 0}, ErrAmountTooBig},
		{Amount{"CHF", math.MaxUint64, 0}, ErrAmountTooBig},
	}
	for _, tt := range tests {
		if text, err := tt.amount.MarshalText(); !errors.Is(err, tt.want) {
			t.Errorf("%+v marshals to %s, %v", tt.amount, text, err)
		}
		if sum, err := tt.amount.Add(tt.amount); !errors.Is(err, tt.want) {
			t.Errorf("%+v twice: %+v, %v", tt.amount, sum, err)
		}
		if rest, err := tt.amount.Sub(Amount{Currency: tt.amount.Currency}); !errors.Is(err, tt.want) {
			t.Errorf("%+v - 0: %+v, %v", tt.amount, rest, err)
		}
	}
}

func TestAmountRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := amounts(rapid.StringMatching(`[A-Z]{1,11}`).Draw(t, "currency")).Draw(t, "amount")
		text, err := json.Marshal(in)
		if err != nil || string(text) != `"`+in.String()+`"` {
			t.Fatalf("%+v marshals to %s, %v", in, text, err)
		}
		var out Amount
		if err := json.Unmarshal(text, &out); err != nil || out != in {
			t.Fatalf("%s unmarshals to %+v, %v", text, out, err)
		}
	})
}

func FuzzAmount(f *testing.F) {
	for _, s := range []string{"", "CHF:10.5", "LOCAL:4444.1000", "EUR:.1", "EUR:1.", "EUR:4503599627370496.99999999", "A:0.00000001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		amount, err := ParseAmount(s)
		if err != nil {
			if !errors.Is(err, ErrAmountFormat) && !errors.Is(err, ErrAmountTooBig) {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		again, err := ParseAmount(amount.String())
		if err != nil || again != amount || len(amount.String()) > len(s) {
			t.Fatalf("%q -> %+v -> %s -> %+v, %v", s, amount, amount, again, err)
		}
	})
}
