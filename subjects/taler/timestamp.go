package taler

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// maxTimestamp is the end of the year 9999 in seconds since 1970. Later times
// neither fit RFC 3339 nor mean anything; "never" is spelled out.
const maxTimestamp = 253402300799

// Timestamp is a point in time in whole seconds, or never. In JSON it is
// {"t_s": seconds since 1970} or {"t_s": "never"}. The zero Timestamp is
// neither and cannot be marshalled.
type Timestamp struct {
	Time  time.Time // whole seconds, UTC; meaningless when Never is set
	Never bool
}

// TimestampOf returns t without its fraction of a second.
func TimestampOf(t time.Time) Timestamp {
	return Timestamp{Time: time.Unix(t.Unix(), 0).UTC()}
}

// Never returns the timestamp that lies after all others.
func Never() Timestamp { return Timestamp{Never: true} }

// Unix returns the seconds since 1970; math.MaxInt64 for never.
func (t Timestamp) Unix() int64 {
	if t.Never {
		return math.MaxInt64
	}
	return t.Time.Unix()
}

// String returns the seconds since 1970 in digits, or "never".
func (t Timestamp) String() string {
	if t.Never {
		return "never"
	}
	return strconv.FormatInt(t.Unix(), 10)
}

// MarshalJSON writes the object described at Timestamp. It returns
// ErrTimestamp for times before 1970 or after 9999.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	if t.Never {
		return []byte(`{"t_s":"never"}`), nil
	}
	if t.Unix() < 0 || t.Unix() > maxTimestamp {
		return nil, ErrTimestamp
	}
	return []byte(`{"t_s":` + t.String() + `}`), nil
}

// UnmarshalJSON reads the object described at Timestamp. Everything else is
// ErrTimestamp, null and fractional numbers included.
func (t *Timestamp) UnmarshalJSON(data []byte) error {
	seconds, never, ok := parseMember(data, "t_s", "never", maxTimestamp)
	switch {
	case !ok:
		return ErrTimestamp
	case never:
		*t = Never()
		return nil
	}
	*t = TimestampOf(time.Unix(seconds, 0))
	return nil
}

// maxMicroseconds is the longest time.Duration, about 292 years.
const maxMicroseconds = math.MaxInt64 / int64(time.Microsecond)

// RelativeTime is a span of time in whole microseconds, or forever. In JSON it
// is {"d_us": microseconds} or {"d_us": "forever"}.
type RelativeTime struct {
	Duration time.Duration // not negative; meaningless when Forever is set
	Forever  bool
}

// RelativeTimeOf returns d without its fraction of a microsecond.
func RelativeTimeOf(d time.Duration) RelativeTime {
	return RelativeTime{Duration: d.Truncate(time.Microsecond)}
}

// Forever returns the span that is longer than all others.
func Forever() RelativeTime { return RelativeTime{Forever: true} }

// MarshalJSON writes the object described at RelativeTime. It returns
// ErrRelativeTime for a negative span.
func (r RelativeTime) MarshalJSON() ([]byte, error) {
	if r.Forever {
		return []byte(`{"d_us":"forever"}`), nil
	}
	if r.Duration < 0 {
		return nil, ErrRelativeTime
	}
	return []byte(`{"d_us":` + strconv.FormatInt(r.Duration.Microseconds(), 10) + `}`), nil
}

// UnmarshalJSON reads the object described at RelativeTime. Everything else is
// ErrRelativeTime, null and fractional numbers included.
func (r *RelativeTime) UnmarshalJSON(data []byte) error {
	us, forever, ok := parseMember(data, "d_us", "forever", maxMicroseconds)
	switch {
	case !ok:
		return ErrRelativeTime
	case forever:
		*r = Forever()
		return nil
	}
	*r = RelativeTime{Duration: time.Duration(us) * time.Microsecond}
	return nil
}

// parseMember reads a JSON object whose member name is either the string word
// or a whole number from 0 to limit, written without fraction and exponent.
// Other members are ignored.
func parseMember(data []byte, name, word string, limit int64) (n int64, isWord, ok bool) {
	var object map[string]json.RawMessage // a struct would match names in any case
	if err := json.Unmarshal(data, &object); err != nil {
		return 0, false, false
	}
	value := string(object[name])
	if value == `"`+word+`"` {
		return 0, true, true
	}
	if !isDigits(value) {
		return 0, false, false
	}
	n, err := strconv.ParseInt(value, 10, 64)
	return n, false, err == nil && n <= limit
}
