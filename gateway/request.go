package gateway

import (
	"errors"
	"mime"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/subjects/taler"
)

// The media types that bodies come in.
const (
	typeJSON    = "application/json"
	typeNDJSON  = "application/x-ndjson"
	typeXML     = "application/xml"
	typeTextXML = "text/xml"
	typeCSV     = "text/csv"
	typeMT940   = "application/vnd.swift.mt940"
	typeBgMax   = "application/vnd.bankgirot.bgmax"
)

// fileTypes are those of bank files that do not say their character set.
var fileTypes = []string{typeCSV, typeMT940, typeBgMax}

// mediaType returns the media type of the body. JSON is UTF-8 (RFC 8259 section
// 8.1), and XML says its own encoding, so another charset is refused. Of other
// bank files the operator or the form says it, whatever the job declares.
func mediaType(c *fiber.Ctx) (string, error) {
	kind, parameters, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil {
		return "", errMediaType
	}
	if charset := parameters["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") && !slices.Contains(fileTypes, kind) {
		return "", because(errMediaType, "only UTF-8 is read")
	}
	return kind, nil
}

// readObject reads a body of one JSON object; member must consume the value
// of each member, c.skip for unknown ones.
func readObject(c *fiber.Ctx, limit int64, member func(cur *cursor, name string) error) error {
	kind, err := mediaType(c)
	if err != nil {
		return err
	}
	if kind != typeJSON {
		return errMediaType
	}
	text, err := readBody(c.Context(), limit)
	if err != nil {
		return err
	}
	cur := &cursor{text: text}
	if err := cur.object(func(name []byte) error { return member(cur, string(name)) }); err != nil {
		return err
	}
	if err := cur.end(); err != nil {
		return err
	}
	return cur.takeFault()
}

// parse reads one required value. The error texts of package taler never
// repeat the input, so they may be shown.
func parse[T any](name, text string, read func(string) (T, error)) (T, error) {
	var none T
	if text == "" {
		return none, because(errMissing, "%s", name)
	}
	value, err := read(text)
	if err != nil {
		return none, because(sentinelFor(err), "%s: %s", name, err)
	}
	return value, nil
}

// sentinelFor picks ours for an error of package taler.
func sentinelFor(err error) error {
	switch {
	case errors.Is(err, taler.ErrAmountTooBig):
		return errAmountTooBig
	case errors.Is(err, taler.ErrAmountFormat):
		return errAmount
	case errors.Is(err, taler.ErrPayto):
		return errPayto
	}
	return errMalformed
}

// seconds reads {"t_s": n}.
func (c *cursor) seconds(into *time.Time) error {
	return c.object(func(name []byte) error {
		if string(name) != "t_s" {
			return c.skip()
		}
		if c.next() == '"' {
			c.blame(`must be whole seconds; "never" has no meaning here`)
			return c.skip()
		}
		n := int64(-1)
		if err := c.integer(&n); err != nil {
			return err
		}
		if n < 0 || n > maxSeconds {
			c.blame("must be whole seconds since 1970")
			return nil
		}
		*into = time.Unix(n, 0).UTC()
		return nil
	})
}

// maxSeconds is the end of the year 9999, where RFC 3339 and package taler end.
const maxSeconds = 253402300799

// query returns the first of the names that the query string has. Empty values
// count as absent.
func query(c *fiber.Ctx, names ...string) string {
	for _, name := range names {
		if text := c.Query(name); text != "" {
			return text
		}
	}
	return ""
}

// queryInt reads a whole number of the query string within bounds.
func queryInt(c *fiber.Ctx, preset, low, high int64, names ...string) (int64, error) {
	text := query(c, names...)
	if text == "" {
		return preset, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < low || n > high {
		return 0, because(errMalformed, "%s: write a whole number from %d to %d", names[0], low, high)
	}
	return n, nil
}

// plain tells text without control characters, as the store needs it; breaks
// lists control characters that are fine.
func plain(text, breaks string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	return strings.IndexFunc(text, func(r rune) bool {
		return (r < ' ' || r == 0x7f) && !strings.ContainsRune(breaks, r)
	}) < 0
}
