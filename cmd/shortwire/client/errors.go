package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Problem is an error in the words of the contract.
type Problem struct {
	Code   int    `json:"code"`  // Taler's number
	Symbol string `json:"error"` // its name, or ours where several errors share a number
	Hint   string `json:"hint"`  // what to do
	Detail string `json:"detail"`
}

// explain returns hint and detail.
func (p Problem) explain() string {
	if p.Detail == "" {
		return p.Hint
	}
	return p.Hint + "; " + p.Detail
}

// Error is an answer that says no.
type Error struct {
	Problem
	Status int // of HTTP
	// With PROOF_REQUIRED and PROOF_INSUFFICIENT: what would be enough.
	ProofOfWork *ProofOfWork
	RetryAfter  time.Duration // when to come back; 0: the gateway does not say
}

// WantsProof tells that another proof of work would help: there was none, it was
// not enough, or an old one is no longer for what the gateway asks.
func (e *Error) WantsProof() bool { return e.ProofOfWork != nil }

func (e *Error) Error() string {
	if e.Symbol == "" {
		return fmt.Sprintf("HTTP %d without an error of shortwire: see whether the URL is that of the gateway itself", e.Status)
	}
	text := fmt.Sprintf("%s (code %d, HTTP %d): %s", e.Symbol, e.Code, e.Status, e.explain())
	if e.RetryAfter > 0 {
		text += fmt.Sprintf(" (try again in %s)", e.RetryAfter)
	}
	return text
}

// String is Error for a problem inside an answer.
func (p Problem) String() string {
	return fmt.Sprintf("%s (code %d): %s", p.Symbol, p.Code, p.explain())
}

func errorOf(response *http.Response, text []byte) error {
	e := &Error{Status: response.StatusCode}
	var body struct {
		Problem
		ProofOfWork *ProofOfWork `json:"proof_of_work"`
	}
	if json.Unmarshal(text, &body) == nil { // else some proxy's page
		e.Problem, e.ProofOfWork = body.Problem, body.ProofOfWork
	}
	if seconds, err := strconv.ParseUint(response.Header.Get("Retry-After"), 10, 31); err == nil {
		e.RetryAfter = time.Duration(seconds) * time.Second
	}
	return e
}
