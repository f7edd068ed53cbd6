package gateway

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/gateway/camt"
	"github.com/shortwire/shortwire/gateway/pain"
)

// The outcomes of words about payments, beside outcomeIgnored and outcomeError.
const (
	outcomeConfirmed = "confirmed"
	outcomeUnknown   = "unknown" // no payment of this account
)

// Reasons for ignoring what a bank says about a payment.
const (
	reasonStatus = "unknown_status" // a code that we know no meaning of
	reasonStale  = "stale"          // less than what is known, or about a lease that was lost
)

// meanings are the codes of ISO 20022 (ExternalPaymentTransactionStatus) by
// what they mean for us: only a settled payment is a success.
var meanings = map[string]bounce.PaymentStatus{
	"ACSC": bounce.PaymentSuccess, "ACCC": bounce.PaymentSuccess,
	"ACTC": bounce.PaymentSent, "ACCP": bounce.PaymentSent, "ACSP": bounce.PaymentSent, "ACWC": bounce.PaymentSent, "ACWP": bounce.PaymentSent,
	"ACFC": bounce.PaymentSent, "PATC": bounce.PaymentSent, "PRES": bounce.PaymentSent, "RCVD": bounce.PaymentSent, "PDNG": bounce.PaymentSent,
	"RJCT": bounce.PaymentPermanent, "CANC": bounce.PaymentPermanent,
}

// duplicates are the reasons with which a bank rejects what it has already. The
// first one is on its way or paid: to take that for a failure would pay twice.
var duplicates = []string{"AM05", "DUPL", "DU01", "DU02", "DU03", "DU04", "DU05"}

// reportErrors are the faults of a report. Their texts name places, never
// content, so the bank job may see them.
var reportErrors = []error{pain.ErrNotXML, pain.ErrNotReport, pain.ErrVersion, pain.ErrStructure, pain.ErrTooLarge}

type reportBody struct {
	Results []toldBody `json:"results"`
}

// toldBody is what became of one word for one payment.
type toldBody struct {
	EndToEndID string               `json:"end_to_end_id,omitempty"`
	MessageID  string               `json:"message_id,omitempty"`
	PaymentID  int64                `json:"payment_id,omitempty"`
	Outcome    string               `json:"outcome"`
	Status     bounce.PaymentStatus `json:"status,omitempty"` // as it stands now
	Reason     string               `json:"reason,omitempty"`
	Error      *errorBody           `json:"error,omitempty"`
}

// postReport takes what a bank says about payments, as a status report or in the
// debits of a statement, or the word of a job about all payments of a lease.
func (s *Server) postReport(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	kind, err := mediaType(c)
	if err != nil {
		return err
	}
	body := reportBody{Results: []toldBody{}}
	var words []bounce.Word
	switch kind {
	case typeJSON:
		words, err = readLeaseWord(c)
	case typeXML, typeTextXML:
		words, err = s.readReport(c, &body)
	default:
		return errMediaType
	}
	if err != nil {
		return err
	}
	told, err := s.desk.Report(c.UserContext(), account, words)
	if err != nil {
		return err
	}
	for i := range told {
		if words[told[i].Word].MessageID == "" && errors.Is(told[i].Err, bounce.ErrUnknownPayment) {
			continue // of a bank file: somebody else's debit
		}
		body.Results = append(body.Results, s.bodyOfTold(&words[told[i].Word], &told[i]))
	}
	return answer(c, body)
}

// readLeaseWord reads what a job says about a lease.
func readLeaseWord(c *fiber.Ctx) ([]bounce.Word, error) {
	var said confirmation
	if err := readObject(c, walletBody, said.member); err != nil {
		return nil, err
	}
	status, err := said.check()
	if err != nil {
		return nil, err
	}
	if said.messageID == "" {
		return nil, because(errMissing, "message_id")
	}
	return []bounce.Word{{MessageID: said.messageID, Status: status, Detail: said.detail}}, nil
}

// readReport reads a pain.002; what means nothing is a result of the body.
func (s *Server) readReport(c *fiber.Ctx, body *reportBody) ([]bounce.Word, error) {
	if err := s.takeUploadPlace(c.UserContext()); err != nil {
		return nil, err
	}
	defer func() { <-s.uploads }()
	text, err := readBody(c.Context(), s.config.BankBodyLimit)
	if err != nil {
		return nil, err
	}
	report, err := pain.ReadReport(text)
	if errors.Is(err, pain.ErrNotReport) {
		return readDebits(text)
	}
	switch {
	case err != nil:
		return nil, fileFault(err, reportErrors)
	case len(report.Statuses) > maxItems:
		return nil, because(errTooLarge, "at most %d transactions at once", maxItems)
	}
	return body.words(report.Statuses), nil
}

// readDebits reads a bank file that tells which payments were booked. Debits of
// others bear ids of others, which no payment of ours has.
func readDebits(text []byte) ([]bounce.Word, error) {
	var words []bounce.Word
	info, err := camt.ReadDebits(bytes.NewReader(text), func(e camt.Entry) error {
		words = append(words, bounce.Word{EndToEndID: e.Remittance.EndToEndID, Status: bounce.PaymentSuccess, Detail: "booked as " + e.BankRef})
		return nil
	})
	switch {
	case err != nil:
		return nil, fileFault(err, camtErrors)
	case info.Test:
		return nil, nil
	case len(words) > maxItems:
		return nil, because(errTooLarge, "at most %d transactions at once", maxItems)
	}
	return words, nil
}

// words reads the codes. Those that mean nothing become results at once.
func (b *reportBody) words(statuses []pain.Status) []bounce.Word {
	words := make([]bounce.Word, 0, len(statuses))
	for i := range statuses {
		status := &statuses[i]
		meaning, known := meanings[status.Code]
		if !known {
			b.Results = append(b.Results, toldBody{
				EndToEndID: status.EndToEndID, MessageID: status.MessageID, Outcome: outcomeIgnored, Reason: reasonStatus,
			})
			continue
		}
		if meaning == bounce.PaymentPermanent && slices.ContainsFunc(strings.Fields(status.Reason), isDuplicate) {
			meaning = bounce.PaymentSent
		}
		words = append(words, bounce.Word{
			EndToEndID: status.EndToEndID, MessageID: status.MessageID, Status: meaning, Detail: detailOf(status),
		})
	}
	return words
}

func isDuplicate(reason string) bool { return slices.Contains(duplicates, reason) }

// detailOf keeps the words of the bank.
func detailOf(status *pain.Status) string {
	return strings.TrimSpace(strings.TrimSpace(status.Code+" "+status.Reason) + " " + status.Info)
}

func (s *Server) bodyOfTold(word *bounce.Word, told *bounce.Told) toldBody {
	body := toldBody{
		EndToEndID: word.EndToEndID, MessageID: word.MessageID,
		PaymentID: told.Payment.ID, Status: told.Payment.Status, Outcome: outcomeConfirmed,
	}
	if told.Payment.EndToEndID != "" {
		body.EndToEndID = told.Payment.EndToEndID
	}
	switch {
	case errors.Is(told.Err, bounce.ErrUnknownPayment):
		body.Outcome = outcomeUnknown
	case told.Err != nil:
		body.Outcome = outcomeError
		_, body.Error = s.describe(told.Err)
	case told.Stale:
		body.Outcome, body.Reason = outcomeIgnored, reasonStale
	}
	return body
}
