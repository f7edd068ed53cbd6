package gateway

import (
	"errors"
	"fmt"
)

// The sentinels of the door itself. problem.go translates them.
var (
	errNotFound     = errors.New("no such endpoint")
	errMethod       = errors.New("the endpoint does not know this method")
	errHTTP         = errors.New("the request is not well-formed HTTP")
	errHeaderSize   = errors.New("the request headers are too long")
	errSlow         = errors.New("the request arrived too slowly")
	errJSON         = errors.New("the body is not the JSON this endpoint expects")
	errNotListed    = errors.New("credits of this kind of bank message are not read for the account")
	errXML          = errors.New("the body is not a bank message that can be read")
	errMediaType    = errors.New("the media type is not supported here")
	errNotAccept    = errors.New("no representation of the accepted type")
	errEncoding     = errors.New("the content encoding is not supported")
	errCompression  = errors.New("the compressed body is damaged")
	errTooLarge     = errors.New("the body exceeds the limit")
	errTruncated    = errors.New("the upload ended early")
	errMissing      = errors.New("a parameter is missing")
	errMalformed    = errors.New("a parameter is malformed")
	errPayto        = errors.New("a payto URI is malformed")
	errAmount       = errors.New("an amount is malformed")
	errAmountTooBig = errors.New("an amount is too big")
	errNoLogin      = errors.New("the endpoint needs a login")
	errBadLogin     = errors.New("the authorization header is malformed")
	errUnauthorized = errors.New("the token is not known")
	errForbidden    = errors.New("the token is not for this endpoint or account")
	errTooManyPolls = errors.New("too many requests wait on this account")
	errBusy         = errors.New("too many uploads at once")
	errCreditor     = errors.New("the credit account is not one of this account")
	errDisabled     = errors.New("this interface is not open on this account")
	errStopping     = errors.New("the gateway is stopping")

	errTooManyPictures = errors.New("too many pictures are being drawn")
	errNotReady        = errors.New("the gateway is not ready")
	errPanic           = errors.New("the handler panicked")

	errMappingUnknown = errors.New("nothing is mapped for this authorization key")
	errMappingReused  = errors.New("the registration serves one transfer and has had it")
	errNotPayable     = errors.New("payments of this account cannot go there")

	// Natively a bad signature is 403; Taler's dialect says 409.
	errTalerSignature = errors.New("the signature of Taler's dialect is wrong")

	errDifficulty  = errors.New("write a whole number from 1 to 2^52 in quotes, without leading zeros")
	errDate        = errors.New("write a day as 2006-01-02")
	errExchangeURL = errors.New("write an absolute http or https URL")
	errStamp       = errors.New("write a point in time as 2006-01-02T15:04:05Z")
)

// detailed is a sentinel with a sentence about this one case, fit for the
// client's eyes: it goes into the "detail" member. Other wrapped texts never
// leave the house, because they may name what the client must not see.
type detailed struct {
	sentinel error
	detail   string
}

func (e *detailed) Error() string { return e.sentinel.Error() + ": " + e.detail }
func (e *detailed) Unwrap() error { return e.sentinel }

// because adds a detail to a sentinel.
func because(sentinel error, format string, args ...any) error {
	return &detailed{sentinel: sentinel, detail: fmt.Sprintf(format, args...)}
}
