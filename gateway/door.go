package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// What enter and the routes tell each other about a request.
const (
	requestIDKey = "shortwire.request-id"
	routeKey     = "shortwire.route"
)

// enter is the one way in. It wraps fiber, because fiber answers some requests
// (unknown methods) before any of its middlewares runs.
func (s *Server) enter(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		start := s.config.Now()
		s.metrics.inFlight.Inc()
		defer s.metrics.inFlight.Dec()
		method := string(ctx.Method())
		s.nameRequest(ctx)
		ctx.Response.Header.Set(fiber.HeaderXContentTypeOptions, "nosniff")
		s.guard(ctx, next)
		s.settle(ctx)
		s.record(ctx, method, s.config.Now().Sub(start))
	}
}

// guard checks what concerns every request and turns panics into answers.
func (s *Server) guard(ctx *fasthttp.RequestCtx, next fasthttp.RequestHandler) {
	defer func() {
		if cause := recover(); cause != nil {
			s.fail(ctx, fmt.Errorf("%w: %v\n%s", errPanic, cause, debug.Stack()))
		}
	}()
	if ambiguousLength(ctx.Request.Header.RawHeaders()) {
		ctx.SetConnectionClose()
		s.fail(ctx, errHTTP)
		return
	}
	routeUnknownMethod(ctx)
	dropTrailingSlash(ctx)
	next(ctx)
}

// ambiguousLength tells a request whose length two readers may understand
// differently, which is how requests are smuggled past a proxy (RFC 9112
// section 6.3). fasthttp refuses two Content-Length headers but takes one
// together with Transfer-Encoding, and ignores "identity".
func ambiguousLength(raw []byte) bool {
	var length, encoding bool
	for line := range bytes.Lines(raw) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			length = true
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			encoding = true
			if !bytes.EqualFold(bytes.TrimSpace(value), []byte("chunked")) {
				return true
			}
		}
	}
	return length && encoding
}

// routeUnknownMethod gives methods that fiber does not know the way of one that
// no route has, so that they are answered like it: 405 with Allow, or 404.
func routeUnknownMethod(ctx *fasthttp.RequestCtx) {
	if !slices.Contains(fiber.DefaultMethods, string(ctx.Method())) {
		ctx.Request.Header.SetMethod(fiber.MethodTrace)
	}
}

// dropTrailingSlash lets base URLs end in one slash, as Taler's do.
func dropTrailingSlash(ctx *fasthttp.RequestCtx) {
	path, query, found := bytes.Cut(ctx.Request.Header.RequestURI(), []byte("?"))
	if len(path) < 2 || path[len(path)-1] != '/' {
		return
	}
	uri := bytes.Clone(path[:len(path)-1])
	if found {
		uri = append(append(uri, '?'), query...)
	}
	ctx.Request.SetRequestURIBytes(uri)
}

// settle finishes the exchange on the connection. What remains of an unread
// body would be taken for the next request, so the connection ends.
func (s *Server) settle(ctx *fasthttp.RequestCtx) {
	length := ctx.Request.Header.ContentLength()
	read := ctx.UserValue(bodyRead) != nil || ctx.RequestBodyStream() == nil
	if read || length >= 0 && length <= prefetched {
		return
	}
	ctx.SetConnectionClose()
	if conn, ok := ctx.Conn().(*lingeringConn); ok {
		conn.unread.Store(true)
	}
}

// nameRequest gives the request an id, the client's own if it is harmless.
func (s *Server) nameRequest(ctx *fasthttp.RequestCtx) {
	id := string(ctx.Request.Header.Peek(fiber.HeaderXRequestID))
	if !harmlessID(id) {
		id = s.idPrefix + "-" + strconv.FormatUint(s.idCount.Add(1), 10)
	}
	ctx.SetUserValue(requestIDKey, id)
	ctx.Response.Header.Set(fiber.HeaderXRequestID, id)
}

func harmlessID(id string) bool {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._"
	return id != "" && len(id) <= 64 && strings.Trim(id, allowed) == ""
}

// record writes the one line per request and the metrics. The path stays out
// of both: it may hold keys.
func (s *Server) record(ctx *fasthttp.RequestCtx, method string, took time.Duration) {
	status, route := ctx.Response.StatusCode(), routeOf(ctx)
	s.metrics.observe(method, route, status, took)
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	s.config.Log.Log(s.base, level, "request", "request_id", requestID(ctx),
		"method", method, "route", route, "status", status, "duration", took)
}

func requestID(ctx *fasthttp.RequestCtx) string {
	id, _ := ctx.UserValue(requestIDKey).(string)
	return id
}

// routeOf returns the pattern of the route that was taken.
func routeOf(ctx *fasthttp.RequestCtx) string {
	if route, ok := ctx.UserValue(routeKey).(string); ok {
		return route
	}
	return "unmatched"
}

// fiberError answers errors of handlers and of fiber and fasthttp themselves.
func (s *Server) fiberError(c *fiber.Ctx, err error) error {
	var own *fiber.Error
	if errors.As(err, &own) {
		err = fromFiber(own.Code)
	}
	s.fail(c.Context(), err)
	return nil
}

// fromFiber finds our error for the status that fiber chose.
func fromFiber(status int) error {
	switch status {
	case fiber.StatusNotFound:
		return errNotFound
	case fiber.StatusMethodNotAllowed:
		return errMethod
	case fiber.StatusRequestHeaderFieldsTooLarge:
		return errHeaderSize
	case fiber.StatusRequestTimeout:
		return errSlow
	case fiber.StatusRequestEntityTooLarge:
		return errTooLarge
	}
	return errHTTP
}
