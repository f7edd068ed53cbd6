package gateway

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/gateway/picture"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// problem is what the client is told about an error: Taler's error object
// with a symbol of ours, since several of our errors share a Taler number.
type problem struct {
	status int
	code   taler.ErrorCode
	symbol string // "" for the registered name of code
	hint   string // what to do
}

// name is the symbol that clients branch on.
func (p problem) name() string {
	if p.symbol != "" {
		return p.symbol
	}
	return p.code.String()
}

// Retry hints for the errors that pass by themselves.
const (
	retryOutage = 5 * time.Second // a database failover is shorter than a few of these
	retryBusy   = time.Second
)

// problems is the one translation from errors to answers. The first row whose
// error is wrapped wins.
var problems = []struct {
	err error
	problem
}{
	{errNotFound, problem{404, taler.GenericEndpointUnknown, "", "look up the path in /docs"}},
	{errMethod, problem{405, taler.GenericMethodInvalid, "", "use a method of the Allow header"}},
	{errHTTP, problem{400, taler.GenericHTTPHeadersMalformed, "HTTP_MALFORMED", "send a well-formed request that tells the length of its body once"}},
	{errHeaderSize, problem{431, taler.GenericHTTPHeadersMalformed, "HEADERS_TOO_LARGE", "send shorter headers and a shorter URL"}},
	{errSlow, problem{408, taler.GenericHTTPHeadersMalformed, "REQUEST_TIMEOUT", "send the whole request without pausing"}},
	{errJSON, problem{400, taler.GenericJSONInvalid, "", "send the JSON that /openapi.yaml describes"}},
	{errNotListed, problem{400, taler.GenericParameterMalformed, "BANK_MESSAGE_NOT_LISTED", "post it to bank/outgoing, where the debits of every kind are read, or add it to credit_messages of the account; nothing of it was stored"}},
	{errXML, problem{400, taler.GenericParameterMalformed, "BANK_MESSAGE_INVALID", "post the file as the bank delivered it; nothing of it was stored"}},
	{errMediaType, problem{415, taler.GenericHTTPHeadersMalformed, "UNSUPPORTED_MEDIA_TYPE", "set Content-Type to a type that /openapi.yaml lists for this endpoint"}},
	{errNotAccept, problem{406, taler.GenericHTTPHeadersMalformed, "NOT_ACCEPTABLE", "accept a type that /openapi.yaml lists for this answer"}},
	{errEncoding, problem{415, taler.GenericCompressionInvalid, "", "use deflate or gzip, or no Content-Encoding"}},
	{errCompression, problem{400, taler.GenericCompressionInvalid, "", "compress the body again"}},
	{errTooLarge, problem{413, taler.GenericUploadExceedsLimit, "", "send less at once; the limit counts after decompression"}},
	{errTruncated, problem{400, taler.GenericJSONInvalid, "UPLOAD_TRUNCATED", "send the body again; nothing of it was stored"}},
	{errMissing, problem{400, taler.GenericParameterMissing, "", "add the parameter"}},
	{errMalformed, problem{400, taler.GenericParameterMalformed, "", "correct the parameter"}},
	{errPayto, problem{400, taler.GenericPaytoURIMalformed, "", "write a full payto URI (RFC 8905) with receiver-name"}},
	{errAmount, problem{400, taler.BankBadFormatAmount, "", "write the amount as CURRENCY:VALUE.FRACTION, at most 8 fraction digits"}},
	{errAmountTooBig, problem{400, taler.BankNumberTooBig, "", "amounts end at 4503599627370496"}},

	{errNoLogin, problem{401, taler.GenericParameterMissing, "", "send Authorization: Bearer <token>, or Basic <name>:<token>"}},
	{errBadLogin, problem{400, taler.GenericHTTPHeadersMalformed, "", "send Authorization: Bearer <token>, or Basic <name>:<token>"}},
	{errUnauthorized, problem{401, taler.GenericUnauthorized, "", "check the token and, with Basic, its name"}},
	{errForbidden, problem{403, taler.GenericForbidden, "", "use a token whose role and account fit this endpoint"}},

	{subjects.ErrUnknownAccount, problem{404, taler.BankUnknownAccount, "", "GET /config lists the accounts"}},
	{subjects.ErrUnknownRegistration, problem{404, taler.BankTransferMappingUnknown, "REGISTRATION_UNKNOWN", "register the key first"}},
	{subjects.ErrExpired, problem{404, taler.BankTransferMappingUnknown, "REGISTRATION_EXPIRED", "register the key again and use the subject that it answers"}},
	{subjects.ErrBadSignature, problem{403, taler.BankBadSignature, "BAD_SIGNATURE", "sign the text that docs/wallet.md gives for this call, with the authorization key: lines joined by newlines, with the canonical credit payto and the timestamp in seconds"}},
	{subjects.ErrOldTimestamp, problem{409, taler.BankOldTimestamp, "", "sign again with the present time"}},
	{subjects.ErrFutureTimestamp, problem{400, taler.GenericParameterMalformed, "FUTURE_TIMESTAMP", "set the clock of the wallet and sign again"}},
	{subjects.ErrReserveReused, problem{409, taler.BankDuplicateReservePubSubject, "", "map a fresh reserve key"}},
	{subjects.ErrCurrency, problem{400, taler.GenericCurrencyMismatch, "", "use the currency of the account"}},
	{wire.ErrAmount, problem{400, taler.BankBadFormatAmount, "AMOUNT_UNPAYABLE", "write an amount that the payer's bank takes, such as 0.01 to 9999999999.99 without fractions of a cent with Pix"}},
	{picture.ErrAmount, problem{400, taler.BankBadFormatAmount, "PICTURE_AMOUNT", "write an amount in the currency of the account, 0.01 to 999999999.99, without fractions of a cent; in crowns above 9999999.99 whole ones"}},
	{picture.ErrLanguage, problem{400, taler.GenericParameterMalformed, "PICTURE_LANGUAGE", "write lang=de, fr, it or en"}},
	{picture.ErrNoAddress, problem{404, taler.GenericEndpointUnknown, "PICTURE_NO_ADDRESS", "show qr_reference_number and credit_account as text; the operator may set postcode, town and country of the account"}},
	{picture.ErrTooLong, problem{404, taler.GenericEndpointUnknown, "PICTURE_TOO_LONG", "show the subject as text"}},
	{subjects.ErrSpaceExhausted, problem{503, taler.BankUnmanagedException, "SPACE_EXHAUSTED", "try again when other registrations have expired"}},
	{subjects.ErrProofRequired, problem{428, taler.GenericParameterMissing, "PROOF_REQUIRED", "solve what proof_of_work says and send it as proof (docs/proof-of-work.md)"}},
	{subjects.ErrProofInsufficient, problem{409, taler.GenericParameterMalformed, "PROOF_INSUFFICIENT", "solve what proof_of_work says now; detail tells what is not enough"}},
	{subjects.ErrProofInvalid, problem{403, taler.GenericForbidden, "PROOF_INVALID", "correct the solver; detail tells which check failed"}},
	{subjects.ErrProofBusy, problem{503, taler.BankSoftException, "PROOF_BUSY", "send the same request again; the proof stays good"}},
	{subjects.ErrFree, problem{409, taler.BankUpdateAbortConflict, "SUBJECTS_FREE", "enable proof_of_work for the account; a method that stores nothing has no price"}},
	{subjects.ErrContention, problem{503, taler.BankSoftException, "TOO_MANY_REGISTRATIONS", "send the same registration again"}},

	{bounce.ErrConflict, problem{409, taler.BankUpdateAbortConflict, "BANK_REF_CONFLICT", "this reference is stored with other content; ask the bank which report is right"}},
	{bounce.ErrInvalid, problem{400, taler.GenericParameterMalformed, "TRANSFER_INVALID", "correct this transfer and post it again"}},
	{bounce.ErrUnknownPayment, problem{404, taler.BankTransactionNotFound, "PAYMENT_UNKNOWN", "use an id that bank/outgoing listed"}},
	{bounce.ErrPaymentFinal, problem{409, taler.BankUpdateAbortConflict, "PAYMENT_FINAL", "success and permanent_failure cannot be changed; look at the payment"}},
	{bounce.ErrLeaseLost, problem{409, taler.BankUpdateAbortConflict, "PAYMENT_LEASE_LOST", "the lease ran out and another job has the payment: do not hand it to the bank"}},
	{bounce.ErrUnknownCase, problem{404, taler.BankTransactionNotFound, "CASE_UNKNOWN", "use an id that /admin/manual lists"}},
	{bounce.ErrCaseSettled, problem{409, taler.BankUpdateAbortConflict, "CASE_SETTLED", "somebody has decided already; read /admin/manual/log"}},
	{bounce.ErrNoCreditor, problem{400, taler.GenericPaytoURIMalformed, "NO_CREDITOR", "name a creditor with the same type of payto as the account"}},
	{bounce.ErrRequestUIDReused, problem{409, taler.BankTransferRequestUIDReused, "", "use a fresh request_uid for another transfer"}},
	{bounce.ErrWtidReused, problem{409, taler.BankTransferWtidReused, "", "use a fresh wtid for another transfer"}},
	{bounce.ErrUnknownTransfer, problem{404, taler.BankTransactionNotFound, "", "use a row_id that transfer answered or transfers lists"}},

	{errTalerSignature, problem{409, taler.BankBadSignature, "", "sign with the authorization key: to register, the 32 bytes of account_pub; to unregister, the timestamp as sent"}},
	{errCreditor, problem{409, taler.BankUnknownCreditor, "", "use the credit_account of the account's config"}},
	{errMappingUnknown, problem{409, taler.BankTransferMappingUnknown, "", "register the authorization key first"}},
	{errMappingReused, problem{409, taler.BankTransferMappingReused, "", "register the authorization key again, with another account_pub"}},
	{errNotPayable, problem{404, taler.BankUnknownAccount, "ACCOUNT_NOT_PAYABLE", "name an account of the same kind of payto as the credit account"}},
	{errDisabled, problem{501, taler.End, "", "ask the operator; the configuration of the gateway has this interface closed"}},
	{errTooManyPolls, problem{503, taler.BankSoftException, "TOO_MANY_LONG_POLLS", "wait and ask again, or ask without timeout"}},
	{errBusy, problem{503, taler.BankSoftException, "TOO_MANY_UPLOADS", "post the same body again"}},
	{errTooManyPictures, problem{503, taler.BankSoftException, "TOO_MANY_PICTURES", "ask for the picture again"}},
	{errStopping, problem{503, taler.BankSoftException, "STOPPING", "send the request again"}},
	{errNotReady, problem{503, taler.BankSoftException, "NOT_READY", "ask again later; the log of the gateway tells the reason"}},
	{errUnavailable, problem{503, taler.BankSoftException, "STORE_UNAVAILABLE", "send the same request again; repeating it is safe"}},
}

// errUnavailable stands for every error that Config.Unavailable knows.
var errUnavailable = errors.New("the store cannot be reached")

// unexpected answers everything that is not in the table: no detail, because
// nobody has thought about what it might tell.
var unexpected = problem{500, taler.GenericInternalInvariantFailure, "", "tell the operator the request id"}

// problemOf finds the row of an error.
func (s *Server) problemOf(err error) (problem, bool) {
	for _, row := range problems {
		if errors.Is(err, row.err) {
			return row.problem, true
		}
	}
	switch {
	case s.base.Err() != nil && errors.Is(err, context.Canceled):
		return s.problemOf(errStopping)
	case errors.Is(err, context.DeadlineExceeded), s.config.Unavailable(err):
		return s.problemOf(errUnavailable)
	}
	return unexpected, false
}

// errorBody is Taler's error object (GNU Taler core API, "error details")
// with the member "error".
type errorBody struct {
	Code   taler.ErrorCode `json:"code"`
	Error  string          `json:"error"`
	Hint   string          `json:"hint"`
	Detail string          `json:"detail"`
	// With PROOF_REQUIRED and PROOF_INSUFFICIENT: what would be enough.
	ProofOfWork *proofBody `json:"proof_of_work,omitempty"`
}

// describe puts an error into the words of the contract.
func (s *Server) describe(err error) (problem, *errorBody) {
	p, known := s.problemOf(err)
	body := &errorBody{Code: p.code, Error: p.name(), Hint: p.hint}
	if !known {
		return p, body
	}
	if d := (*detailed)(nil); errors.As(err, &d) {
		body.Detail = d.detail
	}
	if short := (*subjects.ProofError)(nil); errors.As(err, &short) {
		body.Detail, body.ProofOfWork = short.Reason, bodyOfOffer(short.Offer)
	}
	if invalid := (*subjects.InvalidProof)(nil); errors.As(err, &invalid) {
		body.Detail = invalid.Reason.Error() // of package pow: our words only
	}
	return p, body
}

// fail answers with an error. Unexpected ones are logged, here and only here.
func (s *Server) fail(ctx *fasthttp.RequestCtx, err error) {
	p, body := s.describe(err)
	if p.status == http.StatusInternalServerError {
		s.config.Log.Error("request failed", "request_id", requestID(ctx), "route", routeOf(ctx), "error", err)
	}
	ctx.Response.ResetBody()
	ctx.SetStatusCode(p.status)
	ctx.SetContentType("application/json")
	if p.status == http.StatusUnauthorized {
		// Taler's clients look for Bearer; browsers ask for a password on Basic.
		ctx.Response.Header.Add("WWW-Authenticate", "Bearer")
		ctx.Response.Header.Add("WWW-Authenticate", `Basic realm="shortwire", charset="UTF-8"`)
	}
	if after := retryAfter(p, err); after > 0 {
		ctx.Response.Header.Set("Retry-After", strconv.Itoa(int((after+time.Second-1)/time.Second)))
	}
	text, _ := encode(body) // strings and a number: cannot fail
	ctx.SetBody(text)
}

// retryAfter tells when to come back, 0 for "not at all". A domain error that
// says so itself is believed.
func retryAfter(p problem, err error) time.Duration {
	var later *subjects.RetryLater
	switch {
	case errors.As(err, &later):
		return later.After
	case p.status != http.StatusServiceUnavailable:
		return 0
	case errors.Is(err, errTooManyPolls), errors.Is(err, errBusy):
		return retryBusy
	}
	return retryOutage
}
