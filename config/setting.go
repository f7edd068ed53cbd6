package config

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shortwire/shortwire/subjects/taler"
)

// setting ties a key of the file to the field that holds its value. Reading,
// the environment, suggestions for unknown keys and the dump all go by it.
type setting struct {
	key  string
	kind kind
	set  func(string) error // its error is a sentence about the value
	get  func() any         // what the dump shows
}

// kind is how TOML writes the value of a setting.
type kind string

const (
	text   kind = "a string in quotes"
	truth  kind = "true or false, without quotes"
	number kind = "a whole number, without quotes"
	share  kind = "a number, without quotes"
	list   kind = `strings in brackets, such as ["a", "b"]`
)

// override is a value from the environment, which has no kinds.
type override string

// read takes a value as the TOML reader or the environment gives it.
func (s setting) read(value any) error {
	switch v := value.(type) {
	case override:
		return s.set(string(v))
	case string:
		if s.kind == text {
			return s.set(v)
		}
	case []any:
		if s.kind == list {
			return s.readList(v)
		}
	case bool:
		if s.kind == truth {
			return s.set(strconv.FormatBool(v))
		}
	case int64:
		if s.kind == number || s.kind == share {
			return s.set(strconv.FormatInt(v, 10))
		}
	case float64:
		if s.kind == share {
			return s.set(strconv.FormatFloat(v, 'g', -1, 64))
		}
	}
	return errors.New("write " + string(s.kind))
}

// readList hands a list on in the form of the environment, with commas.
func (s setting) readList(values []any) error {
	texts := make([]string, len(values))
	for i, v := range values {
		text, ok := v.(string)
		if !ok || strings.Contains(text, ",") {
			return errors.New("write " + string(list))
		}
		texts[i] = text
	}
	return s.set(strings.Join(texts, ","))
}

// parsed is a setting whose value is read by parse and shown by show.
func parsed[T any](key string, kind kind, field *T, parse func(string) (T, error), show func(T) any) setting {
	set := func(s string) error {
		v, err := parse(s)
		if err == nil {
			*field = v
		}
		return err
	}
	return setting{key, kind, set, func() any { return show(*field) }}
}

func textSetting(key string, field *string) setting {
	keep := func(s string) (string, error) { return s, nil }
	return parsed(key, text, field, keep, func(s string) any { return s })
}

func truthSetting(key string, field *bool) setting {
	parse := func(s string) (bool, error) {
		b, err := strconv.ParseBool(s)
		if err != nil {
			return false, errors.New("write true or false")
		}
		return b, nil
	}
	return parsed(key, truth, field, parse, func(b bool) any { return b })
}

func numberSetting(key string, field *int) setting {
	parse := func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil {
			return 0, errors.New("write a whole number")
		}
		return n, nil
	}
	return parsed(key, number, field, parse, func(n int) any { return n })
}

func decimalSetting(key string, field *float64) setting {
	parse := func(s string) (float64, error) {
		n, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return 0, errors.New("write a number")
		}
		return n, nil
	}
	return parsed(key, share, field, parse, func(n float64) any { return n })
}

// listSetting takes names out of a closed list, each of them once.
func listSetting(key string, field *[]string, known []string) setting {
	parse := func(s string) ([]string, error) {
		if s == "" {
			return nil, nil
		}
		names := strings.Split(s, ",")
		for i, name := range names {
			switch {
			case !slices.Contains(known, name):
				return nil, fmt.Errorf("unknown name %q: %s", name, advise(name, known))
			case slices.Contains(names[:i], name):
				return nil, fmt.Errorf("%q stands there twice", name)
			}
		}
		return names, nil
	}
	return parsed(key, list, field, parse, func(names []string) any { return append([]string{}, names...) })
}

func durationSetting(key string, field *time.Duration) setting {
	return parsed(key, text, field, parseDuration, func(d time.Duration) any { return formatDuration(d) })
}

func sizeSetting(key string, field *int64) setting {
	return parsed(key, text, field, parseSize, func(n int64) any { return formatSize(n) })
}

func levelSetting(key string, field *slog.Level) setting {
	return parsed(key, text, field, parseLevel, func(l slog.Level) any { return strings.ToLower(l.String()) })
}

func amountSetting(key string, field *taler.Amount) setting {
	return parsed(key, text, field, taler.ParseAmount, func(a taler.Amount) any { return a.String() })
}

func paytoSetting(key string, field *taler.Payto) setting {
	return parsed(key, text, field, taler.ParsePayto, func(p taler.Payto) any { return p.String() })
}
