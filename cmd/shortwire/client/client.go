package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

const (
	requestLimit = 30 * time.Second // an ordinary request, and what a long poll may take beyond its wait
	uploadLimit  = 10 * time.Minute // a bank file, the gateway's own limit
	maxAnswer    = 256 << 20        // bytes of one answer: a result for each of 250,000 transfers
)

// ErrURL means that the address of the gateway cannot be used.
var ErrURL = errors.New("write the address of the gateway as an absolute http or https URL, such as http://127.0.0.1:8080/, " +
	"or as unix: and the absolute path of its socket")

// Client talks to one gateway. It is safe for concurrent use.
type Client struct {
	base  *url.URL
	token string
	http  *http.Client
}

// New makes a client for the gateway at base: a URL, or unix: and the path of a
// socket, as the gateway's own configuration writes it. The token may be empty:
// wallets need none. Errors: ErrURL.
func New(base, token string) (*Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if path, isUnix := strings.CutPrefix(base, "unix:"); isUnix {
		if !filepath.IsAbs(path) {
			return nil, ErrURL
		}
		toSocket(transport, path)
		base = "http://localhost/" // only for the header Host
	}
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return nil, ErrURL
	}
	u.RawQuery, u.Fragment = "", ""
	return &Client{base: u, token: token, http: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// toSocket lets every connection go to a unix socket, and none through a proxy.
func toSocket(transport *http.Transport, path string) {
	transport.Proxy = nil
	transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}
}

// Close gives the connections back.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Document is an answer as the gateway wrote it.
type Document struct {
	JSON json.RawMessage `json:"-"` // empty when the gateway answered 204
}

func (d *Document) keep(text []byte) { d.JSON = text }

// keeper is implemented by every answer, because it embeds Document.
type keeper interface{ keep(text []byte) }

// call is one request.
type call struct {
	method, path string
	query        url.Values
	accept       string // media type of the answer; "" for JSON
	kind         string // media type of body
	body         io.Reader
	limit        time.Duration
	header       *http.Header // where to put that of the answer; nil for nowhere
}

// get asks for a path, waiting so much longer than usual.
func get(path string, query url.Values, wait time.Duration) call {
	return call{method: http.MethodGet, path: path, query: query, limit: requestLimit + wait}
}

// post sends a value as JSON.
func post(path string, body any) (call, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return call{}, fmt.Errorf("writing the request: %w", err)
	}
	return call{method: http.MethodPost, path: path, kind: "application/json", body: bytes.NewReader(text), limit: requestLimit}, nil
}

// do sends a request and reads the answer into into.
func (c *Client) do(ctx context.Context, r call, into keeper) error {
	ctx, cancel := context.WithTimeout(ctx, r.limit)
	defer cancel()
	request, err := c.request(ctx, r)
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return unreachable(err)
	}
	defer response.Body.Close() //nolint:errcheck // read to its end or given up
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	switch {
	case err != nil:
		return fmt.Errorf("reading the answer of the gateway: %w", err)
	case response.StatusCode == http.StatusNoContent:
		return nil
	case response.StatusCode != http.StatusOK:
		return errorOf(response, text)
	}
	if r.header != nil {
		*r.header = response.Header
	}
	if r.accept != "" {
		into.keep(text)
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("the answer of the gateway is not what its contract says: %w", err)
	}
	into.keep(bytes.TrimSpace(text))
	return nil
}

func (c *Client) request(ctx context.Context, r call) (*http.Request, error) {
	u := *c.base
	u.Path = strings.TrimSuffix(u.Path, "/") + r.path
	u.RawPath = "" // account names and keys need no escapes
	u.RawQuery = r.query.Encode()
	request, err := http.NewRequestWithContext(ctx, r.method, u.String(), r.body)
	if err != nil {
		return nil, ErrURL
	}
	request.Header.Set("Accept", cmp.Or(r.accept, "application/json"))
	request.Header.Set("User-Agent", "shortwire")
	if r.kind != "" {
		request.Header.Set("Content-Type", r.kind)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	return request, nil
}

// unreachable drops the URL that net/http puts into its errors: it may hold keys.
func unreachable(err error) error {
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	return fmt.Errorf("the gateway cannot be reached, see whether it runs and the URL is right: %w", err)
}
