package gateway

import (
	"bytes"
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// maxBankRef is the length of a bank reference in bytes; banks use 16 to 35.
const maxBankRef = 200

// item is one transfer as a bank job writes it, before its values are read.
type item struct {
	bankRef, amount, debtor, valueDate string
	remittance                         wire.Remittance
}

// read takes one object from the cursor.
func (t *item) read(cur *cursor) error {
	if cur.next() != '{' {
		cur.blame("must be an object")
		return cur.skip()
	}
	return cur.object(func(name []byte) error {
		switch string(name) {
		case "bank_ref":
			return cur.str(&t.bankRef)
		case "amount":
			return cur.str(&t.amount)
		case "debtor":
			return cur.str(&t.debtor)
		case "value_date":
			return cur.str(&t.valueDate)
		case "remittance":
			return readRemittance(cur, &t.remittance)
		}
		return cur.skip()
	})
}

func readRemittance(cur *cursor, r *wire.Remittance) error {
	return cur.object(func(name []byte) error {
		switch string(name) {
		case "structured":
			return cur.texts(&r.Structured)
		case "unstructured":
			return cur.texts(&r.Unstructured)
		case "particulars":
			return cur.str(&r.Particulars)
		case "code":
			return cur.str(&r.Code)
		case "reference":
			return cur.str(&r.Reference)
		case "end_to_end_id":
			return cur.str(&r.EndToEndID)
		}
		return cur.skip()
	})
}

// texts reads an array of strings.
func (c *cursor) texts(into *[]string) error {
	if c.next() == 'n' {
		return c.skip()
	}
	return c.array(func() error {
		var text string
		if c.next() != '"' {
			c.blame("must hold strings only")
			return c.skip()
		}
		err := c.str(&text)
		*into = append(*into, text)
		return err
	})
}

// transfer reads the values.
func (t *item) transfer() (bounce.Transfer, error) {
	transfer := bounce.Transfer{BankRef: t.bankRef, Remittance: t.remittance}
	if t.bankRef == "" {
		return transfer, because(errMissing, "bank_ref")
	}
	if len(t.bankRef) > maxBankRef || !plain(t.bankRef, "") {
		return transfer, because(errMalformed, "bank_ref: at most %d bytes without control characters", maxBankRef)
	}
	var err error
	if transfer.Amount, err = parse("amount", t.amount, taler.ParseAmount); err != nil {
		return transfer, err
	}
	if t.debtor != "" {
		debtor, err := parse("debtor", t.debtor, taler.ParsePayto)
		if err != nil {
			return transfer, err
		}
		transfer.Debtor = &debtor
	}
	if t.valueDate != "" {
		if transfer.ValueDate, err = parse("value_date", t.valueDate, parseDate); err != nil {
			return transfer, err
		}
	}
	return transfer, checkRemittance(&t.remittance)
}

// parseDate reads the day that the bank books with, as ISO 8601 writes it.
func parseDate(text string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Year() < 1900 {
		return time.Time{}, errDate
	}
	return day, nil
}

// checkRemittance refuses what a text column cannot hold. Line breaks and tabs
// are how some banks wrap.
func checkRemittance(r *wire.Remittance) error {
	texts := []string{r.Particulars, r.Code, r.Reference, r.EndToEndID}
	for _, list := range [][]string{texts, r.Structured, r.Unstructured} {
		for _, text := range list {
			if !plain(text, "\t\r\n") {
				return because(errMalformed, "remittance: contains a control character")
			}
		}
	}
	return nil
}

// ingestJSON takes {"transfers":[...]}. The text is read twice: once for its
// form, once for its content.
func (s *Server) ingestJSON(c *fiber.Ctx, b *batch) error {
	text, err := readBody(c.Context(), s.config.BankBodyLimit)
	if err != nil {
		return err
	}
	count, found := 0, false
	err = eachTransfer(text, &found, func(cur *cursor) error {
		if count++; count > maxItems {
			return because(errTooLarge, "at most %d transfers at once", maxItems)
		}
		err := cur.skip()
		cur.takeFault() // faults of an item belong to the item
		return err
	})
	if err != nil {
		return err
	}
	if !found {
		return because(errMissing, "transfers")
	}
	return eachTransfer(text, &found, b.item)
}

// eachTransfer calls element for every element of the member "transfers".
func eachTransfer(text []byte, found *bool, element func(*cursor) error) error {
	cur := &cursor{text: text}
	err := cur.object(func(name []byte) error {
		if string(name) != "transfers" {
			return cur.skip()
		}
		*found = cur.next() == '['
		if err := cur.takeFault(); err != nil {
			return err // a second "transfers": before anything of it is stored
		}
		return cur.array(func() error { return element(cur) })
	})
	if err == nil {
		err = cur.end()
	}
	return errors.Join(err, cur.takeFault())
}

// item reads one transfer from the cursor into the batch.
func (b *batch) item(cur *cursor) error {
	cur.at = nil
	var t item
	if err := t.read(cur); err != nil {
		return err
	}
	return b.add(&t, cur.takeFault())
}

// add puts an item in the batch, or what is wrong with it.
func (b *batch) add(t *item, fault error) error {
	if fault != nil {
		return b.refuse(presentable(t.bankRef), fault)
	}
	transfer, err := t.transfer()
	if err != nil {
		return b.refuse(presentable(t.bankRef), err)
	}
	return b.transfer(transfer)
}

// presentable is what is repeated of a reference that may be anything.
func presentable(bankRef string) string {
	if len(bankRef) > maxBankRef || !plain(bankRef, "") {
		return ""
	}
	return bankRef
}

// ingestNDJSON takes one object per line. A broken line spoils no other,
// except a broken last line without its line end: there the upload broke off.
func (s *Server) ingestNDJSON(c *fiber.Ctx, b *batch) error {
	text, err := readBody(c.Context(), s.config.BankBodyLimit)
	if err != nil {
		return err
	}
	if err := checkLines(text); err != nil {
		return err
	}
	number := 0
	for line := range bytes.Lines(text) {
		number++
		if err := b.line(line, number); err != nil {
			return err
		}
	}
	return nil
}

// checkLines refuses an upload that broke off or has too many lines.
func checkLines(text []byte) error {
	if bytes.Count(text, []byte("\n")) > maxItems {
		return because(errTooLarge, "at most %d lines at once", maxItems)
	}
	last := text[bytes.LastIndexByte(text, '\n')+1:]
	if len(bytes.TrimSpace(last)) == 0 {
		return nil
	}
	cur := &cursor{text: last}
	if cur.skip() != nil || cur.end() != nil {
		return because(errTruncated, "the last line has no end and is not complete")
	}
	return nil
}

// line reads one line into the batch; empty ones are skipped.
func (b *batch) line(line []byte, number int) error {
	if len(bytes.TrimSpace(line)) == 0 {
		return nil
	}
	cur := &cursor{text: line}
	var t item
	err := t.read(cur)
	if err == nil {
		err = cur.end()
	}
	if err == nil {
		err = cur.takeFault()
	}
	return b.add(&t, inLine(err, number))
}

// inLine puts the line number in front of what is wrong.
func inLine(err error, number int) error {
	var d *detailed
	if !errors.As(err, &d) {
		return err
	}
	return because(d.sentinel, "line %d: %s", number, d.detail)
}
