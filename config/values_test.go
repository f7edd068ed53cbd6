package config

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want time.Duration
	}{
		{"0s", 0}, {"90s", 90 * time.Second}, {"1h30m", 90 * time.Minute}, {"2160h", 90 * day},
		{"90d", 90 * day}, {"1d12h", 36 * time.Hour}, {"1.5h", 90 * time.Minute},
	} {
		if got, err := parseDuration(c.text); err != nil || got != c.want {
			t.Errorf("parseDuration(%q) = %v, %v, want %v", c.text, got, err, c.want)
		}
	}
	for _, text := range []string{"", "d", "0d", "90", "-1h", "-1d", "1d-1h", "1.5d", "1h1d", "1dd", "99999d", "65535d2540000h", "1 d", "week"} {
		if got, err := parseDuration(text); err == nil {
			t.Errorf("parseDuration(%q) = %v, want an error", text, got)
		}
	}
}

func TestParseSize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want int64
	}{{"0B", 0}, {"1B", 1}, {"512KiB", 524288}, {"16MiB", 16777216}, {"1GiB", 1073741824}} {
		if got, err := parseSize(c.text); err != nil || got != c.want {
			t.Errorf("parseSize(%q) = %v, %v, want %v", c.text, got, err, c.want)
		}
	}
	for _, text := range []string{"", "B", "16", "16MB", "16 MiB", "-1MiB", "1.5MiB", "9223372036854775807KiB", "9223372036854775808B"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("parseSize(%q) = %v, want an error", text, got)
		}
	}
}

func TestFormats_AreReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(100*365*day)).Draw(t, "duration"))
		if rapid.Bool().Draw(t, "whole") {
			d = d.Truncate(rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Hour}).Draw(t, "unit"))
		}
		if got, err := parseDuration(formatDuration(d)); err != nil || got != d {
			t.Errorf("%d is written %q and read as %d, %v", d, formatDuration(d), got, err)
		}
		n := rapid.Int64Min(0).Draw(t, "size")
		if got, err := parseSize(formatSize(n)); err != nil || got != n {
			t.Errorf("%d is written %q and read as %d, %v", n, formatSize(n), got, err)
		}
	})
}

func TestFormatDuration_DropsZeros(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0s", 10 * time.Second: "10s", 10 * time.Minute: "10m", 10 * time.Hour: "10h",
		time.Hour + 30*time.Minute: "1h30m", time.Hour + time.Second: "1h0m1s",
	} {
		if got := formatDuration(d); got != want {
			t.Errorf("formatDuration(%d) = %q, want %q", d, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"listen", "data_dir", "hold_delay", "name"}
	for key, want := range map[string]string{
		"lisen": "listen", "Listen": "listen", "litsen": "listen", "datadir": "data_dir", "data-dir": "data_dir",
		"hold_dealy": "hold_delay", "nam": "name", "qr_iban": "", "prefix": "", "": "",
	} {
		if got := nearest(key, known); got != want {
			t.Errorf("nearest(%q) = %q, want %q", key, got, want)
		}
	}
}
