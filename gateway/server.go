package gateway

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Server is the door: one or two listeners over the same rooms.
type Server struct {
	config    Config
	registrar Registrar
	desk      Desk

	base     context.Context // of every request; ends when the server has drained
	stop     context.CancelFunc
	polls    context.Context // of waiting requests; ends when shutdown begins
	release  context.CancelFunc
	stopping atomic.Bool

	outer, inner *fiber.App // the same app unless config.Split

	metrics *metrics
	waiting *waiting
	written sharedAnswer  // of a history
	uploads chan struct{} // one place per bank upload in work

	pictures chan struct{} // one place per picture that is drawn

	idPrefix string // of request ids: random per process
	idCount  atomic.Uint64
}

// New builds the door. Nothing listens before Serve.
//
//	door := gateway.New(config, registry, desk)
//	go door.Serve(publicListener)
//	go door.ServeInternal(innerListener) // only with config.Split
//	...
//	door.Shutdown(ctx)
func New(config Config, registrar Registrar, desk Desk) *Server {
	s := &Server{config: config.filled(), registrar: registrar, desk: desk}
	s.base, s.stop = context.WithCancel(context.Background())
	s.polls, s.release = context.WithCancel(s.base)
	s.metrics = newMetrics(s.config.Metrics)
	s.waiting = newWaiting(s.config.LongPolls)
	s.uploads = make(chan struct{}, s.config.BankUploads)
	s.pictures = make(chan struct{}, runtime.GOMAXPROCS(0))
	var prefix [6]byte
	_, _ = rand.Read(prefix[:]) // never fails (crypto/rand)
	s.idPrefix = hex.EncodeToString(prefix[:])
	s.inner = s.newApp(true)
	s.outer = s.inner
	if s.config.Split {
		s.outer = s.newApp(false)
	}
	return s
}

// newApp makes one fiber application with the settings that this house needs.
// Each one answers a trap that was tried on these versions.
func (s *Server) newApp(withInner bool) *fiber.App {
	app := fiber.New(fiber.Config{
		// Strings from Params, Query and Get otherwise point into buffers that
		// the next request overwrites.
		Immutable: true,
		// By default /R/x/ and /r/X are one route: keys would get several
		// addresses, and so would caches and access rules in front of us.
		CaseSensitive: true,
		StrictRouting: true,
		// Decoding before routing would let %2F choose another route; parameters
		// are decoded one by one instead.
		UnescapePath: false,
		// X-Forwarded-* is believed from the listed proxies only, and the list
		// is empty; without the check fiber believes everybody.
		EnableTrustedProxyCheck: true,
		// The default handler answers 500 with the error text for anything.
		ErrorHandler: s.fiberError,
		// Bodies are read by the handlers, so that each route has its own limit
		// and none is taken in before the login is checked.
		StreamRequestBody: true,
		BodyLimit:         prefetched,
		// Multipart bodies would be read, to disk, before any handler.
		DisablePreParseMultipartForm: true,
		// All three are unlimited by default: a half-sent request then blocks
		// shutdown, a reader who reads nothing holds a connection for ever.
		// WriteTimeout starts when the handler is done (serveConn in
		// fasthttp's server.go), so it need not exceed the longest poll.
		ReadTimeout:  s.config.RequestLimit,
		WriteTimeout: s.config.RequestLimit,
		IdleTimeout:  s.config.IdleTimeout,
		// Request line and headers together must fit; 4 KiB is tight behind
		// proxies that add their own.
		ReadBufferSize: 8 << 10,
		// No prefork: it would split long polls and limits over processes and
		// cannot take a listener from outside.
		Prefork:               false,
		DisableStartupMessage: true,
	})
	s.addRoutes(app, withInner)
	engine := app.Server()
	engine.Handler = s.enter(app.Handler())
	engine.HeaderReceived = s.allowUploads
	// Tells clients of kept connections to come back on a new one.
	engine.CloseOnShutdown = true
	// Parse errors otherwise quote headers, tokens included.
	engine.SecureErrorLogMessage = true
	return app
}

// allowUploads gives bank uploads more time than other requests.
func (s *Server) allowUploads(header *fasthttp.RequestHeader) fasthttp.RequestConfig {
	path, _, _ := strings.Cut(string(header.RequestURI()), "?")
	path = strings.TrimSuffix(path, "/")
	if !strings.HasSuffix(path, "/bank/incoming") && !strings.HasSuffix(path, "/bank/outgoing") {
		return fasthttp.RequestConfig{}
	}
	return fasthttp.RequestConfig{ReadTimeout: s.config.UploadLimit, WriteTimeout: s.config.UploadLimit}
}

// Serve answers requests on ln until Shutdown. The listener comes from the
// caller, because fiber's own is IPv4 only and knows neither unix sockets nor
// sockets that systemd hands over.
func (s *Server) Serve(ln net.Listener) error {
	return s.outer.Server().Serve(lingering{ln})
}

// ServeInternal is Serve for the inner side; it serves every route.
func (s *Server) ServeInternal(ln net.Listener) error {
	return s.inner.Server().Serve(lingering{ln})
}

// Shutdown ends in the order that loses nothing: /readyz says no, waiting
// requests are answered, listeners close, running requests finish, and only
// what is still running when ctx ends is cut off. It returns ctx's error then.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stopping.Store(true)
	s.release()
	defer s.stop()
	err := s.outer.Server().ShutdownWithContext(ctx)
	if s.inner != s.outer {
		err = errors.Join(err, s.inner.Server().ShutdownWithContext(ctx))
	}
	return err
}

// within derives a request's context. It never comes from fiber: a
// *fasthttp.RequestCtx is reused for the next request while somebody may
// still look at it, and is not cancelled when the client goes away.
func within(parent context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(parent, limit)
}
