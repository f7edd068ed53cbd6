package taler

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	// AmountBase is the number of fraction units in one unit of a currency.
	AmountBase = 100_000_000
	// MaxAmountValue is the largest value of an amount: 2^52, so that it is
	// exact in the double-precision numbers of JavaScript.
	MaxAmountValue = 1 << 52

	maxCurrency       = 11 // letters
	maxFractionDigits = 8
)

// Amount is a sum of money in one currency. The zero Amount has no currency
// and stands for "not set"; it cannot be marshalled.
type Amount struct {
	Currency string // 1 to 11 capital letters
	Value    uint64 // whole units, at most MaxAmountValue
	Fraction uint32 // in 10^-8 units, below AmountBase
}

// ParseAmount reads CURRENCY:VALUE[.FRACTION]. It returns ErrAmountTooBig for
// a well-formed text whose value is out of range, else ErrAmountFormat.
func ParseAmount(s string) (Amount, error) {
	currency, number, _ := strings.Cut(s, ":")
	whole, decimals, dotted := strings.Cut(number, ".")
	if !isCurrency(currency) || !isDigits(whole) {
		return Amount{}, ErrAmountFormat
	}
	if dotted && (!isDigits(decimals) || len(decimals) > maxFractionDigits) {
		return Amount{}, ErrAmountFormat
	}
	value, err := strconv.ParseUint(whole, 10, 64)
	if err != nil || value > MaxAmountValue {
		return Amount{}, ErrAmountTooBig
	}
	return Amount{Currency: currency, Value: value, Fraction: fractionOf(decimals)}, nil
}

// fractionOf converts up to eight decimals to units of 10^-8.
func fractionOf(decimals string) uint32 {
	var f uint32
	for i := range maxFractionDigits {
		f *= 10
		if i < len(decimals) {
			f += uint32(decimals[i] - '0')
		}
	}
	return f
}

func isCurrency(s string) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return s != "" && len(s) <= maxCurrency
}

// isDigits tells that s is one ASCII digit or more.
func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// String returns the shortest text: no trailing zeros, no dot without a
// fraction.
func (a Amount) String() string {
	s := a.Currency + ":" + strconv.FormatUint(a.Value, 10)
	if a.Fraction == 0 {
		return s
	}
	return s + "." + strings.TrimRight(fmt.Sprintf("%08d", a.Fraction), "0")
}

// Decimal returns the value without its currency, with two digits behind the
// point. It is false when there are fractions of a hundredth, which it cuts off.
func (a Amount) Decimal() (text string, whole bool) {
	const hundredth = AmountBase / 100
	return fmt.Sprintf("%d.%02d", a.Value, a.Fraction/hundredth), a.Fraction%hundredth == 0
}

// IsZero tells that the sum is nothing, in whatever currency.
func (a Amount) IsZero() bool { return a.Value == 0 && a.Fraction == 0 }

// Cmp returns -1, 0 or +1 as a is smaller than, equal to or larger than b.
// Only amounts of one currency compare as money; amounts of different
// currencies are ordered by the names of the currencies, so that a mistake
// never reads as "equal".
func (a Amount) Cmp(b Amount) int {
	if c := strings.Compare(a.Currency, b.Currency); c != 0 {
		return c
	}
	switch {
	case a.Value < b.Value || a.Value == b.Value && a.Fraction < b.Fraction:
		return -1
	case a == b:
		return 0
	}
	return 1
}

// Add returns a + b, or ErrAmountCurrency or ErrAmountTooBig.
func (a Amount) Add(b Amount) (Amount, error) {
	if err := a.fits(b); err != nil {
		return Amount{}, err
	}
	a.Value += b.Value
	a.Fraction += b.Fraction
	if a.Fraction >= AmountBase {
		a.Value++
		a.Fraction -= AmountBase
	}
	if a.Value > MaxAmountValue {
		return Amount{}, ErrAmountTooBig
	}
	return a, nil
}

// Sub returns a - b, or ErrAmountCurrency or ErrAmountNegative.
func (a Amount) Sub(b Amount) (Amount, error) {
	if err := a.fits(b); err != nil {
		return Amount{}, err
	}
	if a.Cmp(b) < 0 {
		return Amount{}, ErrAmountNegative
	}
	if a.Fraction < b.Fraction {
		a.Value--
		a.Fraction += AmountBase
	}
	a.Value -= b.Value
	a.Fraction -= b.Fraction
	return a, nil
}

// fits tells whether the sums of a and b can be computed: one currency, both
// in range (the fields are exported, so they may hold anything).
func (a Amount) fits(b Amount) error {
	if a.Currency != b.Currency {
		return ErrAmountCurrency
	}
	if err := a.check(); err != nil {
		return err
	}
	return b.check()
}

func (a Amount) check() error {
	switch {
	case !isCurrency(a.Currency), a.Fraction >= AmountBase:
		return ErrAmountFormat
	case a.Value > MaxAmountValue:
		return ErrAmountTooBig
	}
	return nil
}

// MarshalText is String for encoders. It refuses an amount that ParseAmount
// would refuse.
func (a Amount) MarshalText() ([]byte, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	return []byte(a.String()), nil
}

// UnmarshalText is ParseAmount for decoders.
func (a *Amount) UnmarshalText(text []byte) (err error) {
	*a, err = ParseAmount(string(text))
	return err
}
