package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/subjects/taler"
)

// answer sends a value as JSON.
func answer(c *fiber.Ctx, body any) error {
	text, err := encode(body)
	if err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	return answerText(c, text)
}

// answerText sends what encode has written. The text may be shared: nobody changes
// it any more.
func answerText(c *fiber.Ctx, text []byte) error {
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(text)
}

// encode writes JSON without escaping for HTML: payto URIs are full of
// ampersands.
func encode(body any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(body)
	return text.Bytes(), err
}

// timestamp is t in Taler's form; the zero time is "never".
func timestamp(t time.Time) taler.Timestamp {
	if t.IsZero() {
		return taler.Never()
	}
	return taler.TimestampOf(t)
}
