package config

import (
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// parseDuration reads a Go duration with an optional number of days in front:
// "90d", "1d12h", "2160h". It refuses negative ones.
func parseDuration(s string) (time.Duration, error) {
	advice := fmt.Errorf(`%q is no duration; write for example "90s", "24h" or "90d"`, s)
	var total time.Duration
	rest := s
	if head, tail, found := strings.Cut(s, "d"); found {
		days, err := strconv.ParseUint(head, 10, 16) // 65535 days fit a time.Duration
		if err != nil {
			return 0, advice
		}
		total, rest = time.Duration(days)*day, tail
	}
	if rest == "" && total > 0 {
		return total, nil
	}
	part, err := time.ParseDuration(rest)
	if err != nil || part < 0 || part > math.MaxInt64-total {
		return 0, advice
	}
	return total + part, nil
}

// formatDuration is Duration.String without the zeros at its end.
func formatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// sizeUnits are the units of sizes, largest first. All are powers of two:
// with 1 MB nobody knows which megabyte is meant.
var sizeUnits = []struct {
	name  string
	bytes int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}

func parseSize(s string) (int64, error) {
	for _, unit := range sizeUnits {
		number, found := strings.CutSuffix(s, unit.name)
		if !found {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 63)
		if err != nil || int64(n) > math.MaxInt64/unit.bytes {
			break
		}
		return int64(n) * unit.bytes, nil
	}
	return 0, fmt.Errorf(`%q is no size; write for example "16MiB" or "512KiB"`, s)
}

func formatSize(n int64) string {
	for _, unit := range sizeUnits {
		if n >= unit.bytes && n%unit.bytes == 0 {
			return strconv.FormatInt(n/unit.bytes, 10) + unit.name
		}
	}
	return strconv.FormatInt(n, 10) + "B"
}

// levels are the names of log levels in the file.
var levels = map[string]slog.Level{
	"debug": slog.LevelDebug,
	"info":  slog.LevelInfo,
	"warn":  slog.LevelWarn,
	"error": slog.LevelError,
}

func parseLevel(s string) (slog.Level, error) {
	level, known := levels[s]
	if !known {
		return 0, fmt.Errorf(`%q is no log level; write "debug", "info", "warn" or "error"`, s)
	}
	return level, nil
}
