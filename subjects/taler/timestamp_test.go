package taler

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTimestampJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want Timestamp
	}{
		{`{"t_s":0}`, TimestampOf(time.Unix(0, 0))},
		{`{"t_s":1768377600}`, TimestampOf(time.Date(2026, 1, 14, 8, 0, 0, 0, time.UTC))},
		{`{"t_s":253402300799}`, TimestampOf(time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC))},
		{`{"t_s":"never"}`, Never()},
	}
	for _, tt := range tests {
		var got Timestamp
		if err := json.Unmarshal([]byte(tt.text), &got); err != nil || got != tt.want {
			t.Errorf("%s: %v, %v", tt.text, got, err)
		}
		text, err := json.Marshal(tt.want)
		if err != nil || string(text) != tt.text {
			t.Errorf("%v marshals to %s, %v, want %s", tt.want, text, err, tt.text)
		}
	}
	var spaced Timestamp
	if err := json.Unmarshal([]byte(` { "zone" : 1 , "t_s" : 5 } `), &spaced); err != nil || spaced.Unix() != 5 {
		t.Errorf("blanks and unknown members: %v, %v", spaced, err)
	}
}

// notCounts are values of a member that is a whole number or one word.
var notCounts = []string{
	`-1`, `-0`, `1.0`, `1.5`, `1e3`, `"1"`, `""`, `"Never"`, `"always"`, `null`, `true`, `[1]`, `{}`,
	`9223372036854775808`, `99999999999999999999999999`,
}

func TestTimestampRefusals(t *testing.T) {
	t.Parallel()
	texts := []string{`null`, `5`, `"never"`, `[]`, `{}`, `{"T_S":5}`, `{"t_ms":5}`, `{"t_s":253402300800}`, `{"t_s":"forever"}`}
	for _, value := range notCounts {
		texts = append(texts, `{"t_s":`+value+`}`)
	}
	for _, text := range texts {
		var got Timestamp
		if err := json.Unmarshal([]byte(text), &got); !errors.Is(err, ErrTimestamp) || got != (Timestamp{}) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	if err := new(Timestamp).UnmarshalJSON([]byte(`{"t_s":`)); !errors.Is(err, ErrTimestamp) {
		t.Errorf("cut JSON: %v", err)
	}
	for _, outside := range []Timestamp{{}, TimestampOf(time.Unix(-1, 0)), TimestampOf(time.Unix(maxTimestamp+1, 0))} {
		if text, err := outside.MarshalJSON(); !errors.Is(err, ErrTimestamp) {
			t.Errorf("%v marshals to %s, %v", outside, text, err)
		}
	}
}

func TestTimestampOf(t *testing.T) {
	t.Parallel()
	zurich := time.FixedZone("CET", 3600)
	local := time.Date(2026, 1, 14, 9, 0, 0, 999_999_999, zurich)
	if got := TimestampOf(local); got != TimestampOf(local.UTC().Truncate(time.Second)) || got.String() != "1768377600" {
		t.Errorf("%v becomes %v", local, got)
	}
	if Never().Unix() != math.MaxInt64 || Never().String() != "never" {
		t.Errorf("never is %d, %s", Never().Unix(), Never())
	}
}

func TestTimestampRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := TimestampOf(time.Unix(rapid.Int64Range(0, maxTimestamp).Draw(t, "seconds"), 0))
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		var out Timestamp
		if err := json.Unmarshal(text, &out); err != nil || out != in {
			t.Fatalf("%s: %v, %v", text, out, err)
		}
	})
}

func TestRelativeTimeJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want RelativeTime
	}{
		{`{"d_us":0}`, RelativeTime{}},
		{`{"d_us":1}`, RelativeTimeOf(time.Microsecond)},
		{`{"d_us":7776000000000}`, RelativeTimeOf(90 * 24 * time.Hour)},
		{`{"d_us":9223372036854775}`, RelativeTimeOf(math.MaxInt64)},
		{`{"d_us":"forever"}`, Forever()},
	}
	for _, tt := range tests {
		var got RelativeTime
		if err := json.Unmarshal([]byte(tt.text), &got); err != nil || got != tt.want {
			t.Errorf("%s: %v, %v", tt.text, got, err)
		}
		text, err := json.Marshal(tt.want)
		if err != nil || string(text) != tt.text {
			t.Errorf("%v marshals to %s, %v, want %s", tt.want, text, err, tt.text)
		}
	}
}

func TestRelativeTimeRefusals(t *testing.T) {
	t.Parallel()
	texts := []string{`null`, `5`, `"forever"`, `{}`, `{"d_ms":5}`, `{"d_us":9223372036854776}`, `{"d_us":"never"}`}
	for _, value := range notCounts {
		texts = append(texts, `{"d_us":`+value+`}`)
	}
	for _, text := range texts {
		var got RelativeTime
		if err := json.Unmarshal([]byte(text), &got); !errors.Is(err, ErrRelativeTime) || got != (RelativeTime{}) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	if text, err := RelativeTimeOf(-time.Second).MarshalJSON(); !errors.Is(err, ErrRelativeTime) {
		t.Errorf("minus one second marshals to %s, %v", text, err)
	}
}

func TestRelativeTimeRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := RelativeTimeOf(time.Duration(rapid.Int64Range(0, math.MaxInt64).Draw(t, "nanoseconds")))
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		var out RelativeTime
		if err := json.Unmarshal(text, &out); err != nil || out != in {
			t.Fatalf("%s: %v, %v", text, out, err)
		}
	})
}
