package taler

import "testing"

// The numbers below were judged by an independent implementation of the
// Inland Revenue specification, except where another source is given.
func TestNZAccount(t *testing.T) {
	t.Parallel()
	tests := []struct {
		algorithm, account string
		want               bool
	}{
		{"A, example of the specification", "01-0902-0068389-00", true},
		{"A, published", "01-0242-0100194-00", true},
		{"A, published", "01-0242-0100195-00", false},
		{"A", "38-9000-0304662-776", true},
		{"A", "38-9000-0347389-994", false},
		{"A", "11-5012-0782284-31", true},
		{"A", "11-5012-0591085-29", false},
		{"A, branch counts", "11-5021-0782284-31", false},
		{"B", "12-3456-1602757-59", true},
		{"B, branch does not count", "12-3465-1602757-59", true},
		{"B", "02-0500-7235459-95", true},
		{"B", "02-0500-7235495-95", false},
		{"D, example of the specification", "08-6523-1954512-001", true},
		{"D", "08-6523-0043362-92", true},
		{"D", "08-6523-0893841-92", false},
		{"E", "09-0000-0506330-007", true},
		{"E", "09-0000-0759470-003", true},
		{"E", "09-0000-0676866-001", false},
		{"F", "25-2500-0871064-327", true},
		{"F", "25-2500-0630899-556", false},
		{"F", "33-6700-0958822-480", true},
		{"F", "33-6700-0331544-110", false},
		{"G, example of the specification", "26-2600-0320871-032", true},
		{"G", "28-2110-0734799-087", true},
		{"G", "28-2110-0506730-127", false},
		{"G, 3 times 6 counts as 9", "29-2200-0356105-688", true},
		{"G", "29-2200-0040206-042", false},
		{"X", "31-2820-0560839-110", true},
		{"unknown bank", "99-9999-9999999-99", true},
	}
	for _, tt := range tests {
		_, err := ParsePayto("payto://x-nz-account/" + tt.account)
		if (err == nil) != tt.want {
			t.Errorf("%s: %s: %v", tt.algorithm, tt.account, err)
		}
	}
}

// TestNZAccountTypingErrors holds what algorithm A promises: modulo 11 notices
// every single wrong digit at a place whose weight is not zero.
func TestNZAccountTypingErrors(t *testing.T) {
	t.Parallel()
	const account = "01-0902-0068389-00"
	for _, i := range []int{3, 4, 5, 6, 9, 10, 11, 12, 13, 14} {
		for digit := byte('0'); digit <= '9'; digit++ {
			typed := []byte(account)
			typed[i] = digit
			_, err := ParsePayto("payto://x-nz-account/" + string(typed))
			if (err == nil) != (string(typed) == account) {
				t.Errorf("%s for %s: %v", typed, account, err)
			}
		}
	}
}
