package gateway

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/valyala/fasthttp"
)

// prefetched is what fasthttp reads of a body of known length before it calls
// the handler (readBodyWithStreaming in its http.go). A body that is not
// longer leaves nothing on the connection, read or not.
const prefetched = 8 << 10

// compressionSlack is what a compressed form may be longer than the limit of
// its content: gzip of incompressible data adds a header and a few bytes.
const compressionSlack = 1 << 10

// bodyRead marks a request whose body was read to its end.
const bodyRead = "shortwire.body-read"

// rawBody is the body as it comes from the connection. fasthttp's own stream
// reports a connection that broke off as a plain end; a bank file cut at a line
// end would then look complete.
type rawBody struct {
	ctx    *fasthttp.RequestCtx
	stream io.Reader
	length int64 // Content-Length, -1 when chunked
	got    int64
	limit  int64
}

// Read gives an error of this package, or io.EOF at the true end only.
func (b *rawBody) Read(p []byte) (int, error) {
	n, err := b.stream.Read(p)
	b.got += int64(n)
	switch {
	case b.got > b.limit:
		return n, errTooLarge
	case err == nil:
		return n, nil
	case errors.Is(err, io.EOF) && b.complete():
		b.ctx.SetUserValue(bodyRead, true)
		return n, io.EOF
	case isTimeout(err):
		return n, errSlow
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return n, errTruncated
	}
	return n, fmt.Errorf("%w: %w", errHTTP, err) // a broken chunk
}

// complete tells a body that ended from a connection that broke off.
func (b *rawBody) complete() bool {
	if b.length >= 0 {
		return b.got == b.length
	}
	conn, ok := b.ctx.Conn().(*lingeringConn)
	return !ok || !conn.ended.Load()
}

func isTimeout(err error) bool {
	var netErr net.Error
	return errors.As(err, &netErr) && netErr.Timeout()
}

// limited ends with errTooLarge when more than left bytes come.
type limited struct {
	r    io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return n, errTooLarge
	}
	return n, err
}

// openBody returns the inflated body of a request. It never gives more than
// limit bytes, whatever the compression, and refuses without reading what
// announces itself as longer.
func openBody(ctx *fasthttp.RequestCtx, limit int64) (io.Reader, error) {
	stream := ctx.RequestBodyStream()
	if stream == nil {
		ctx.SetUserValue(bodyRead, true)
		return bytes.NewReader(nil), nil
	}
	encoding := strings.ToLower(string(ctx.Request.Header.Peek("Content-Encoding")))
	raw := &rawBody{ctx: ctx, stream: stream, length: int64(ctx.Request.Header.ContentLength()), limit: limit}
	if encoding != "" && encoding != "identity" {
		raw.limit += compressionSlack
	}
	if raw.length > raw.limit {
		return nil, errTooLarge
	}
	return inflate(raw, encoding, limit)
}

// inflate undoes a content coding (RFC 9110 section 8.4.1).
func inflate(raw io.Reader, encoding string, limit int64) (io.Reader, error) {
	switch encoding {
	case "", "identity":
		return raw, nil
	case "gzip", "x-gzip", "deflate":
	default:
		return nil, errEncoding
	}
	source := bufio.NewReader(raw)
	open := openDeflate
	if encoding != "deflate" {
		open = func(r *bufio.Reader) (io.Reader, error) { return gzip.NewReader(r) }
	}
	plain, err := open(source)
	if err != nil {
		return nil, compressionError(err)
	}
	return &inflated{plain: &limited{r: plain, left: limit}, source: source}, nil
}

// openDeflate reads zlib (RFC 1950), which is what "deflate" means, and bare
// deflate (RFC 1951), which some clients send under that name.
func openDeflate(r *bufio.Reader) (io.Reader, error) {
	head, err := r.Peek(2)
	if err != nil {
		return nil, err
	}
	// RFC 1950 section 2.2: method 8, and the two bytes are a multiple of 31.
	if head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
		return zlib.NewReader(r)
	}
	return flate.NewReader(r), nil
}

// inflated ends when both the compressed data and the body behind it end.
type inflated struct {
	plain  io.Reader
	source *bufio.Reader
}

func (i *inflated) Read(p []byte) (int, error) {
	n, err := i.plain.Read(p)
	if err == nil {
		return n, nil
	}
	if !errors.Is(err, io.EOF) {
		return n, compressionError(err)
	}
	switch _, err := i.source.ReadByte(); {
	case err == nil:
		return n, because(errCompression, "something follows the compressed data")
	case !errors.Is(err, io.EOF):
		return n, err
	}
	return n, io.EOF
}

// compressionError keeps the errors of the layers around the decompressor and
// takes everything else for damage of the data.
func compressionError(err error) error {
	for _, own := range []error{errTooLarge, errTruncated, errSlow, errHTTP} {
		if errors.Is(err, own) {
			return err
		}
	}
	return errCompression
}

// readBody returns the whole inflated body in memory that is its own.
func readBody(ctx *fasthttp.RequestCtx, limit int64) ([]byte, error) {
	r, err := openBody(ctx, limit)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	if length := int64(ctx.Request.Header.ContentLength()); length > 0 && length <= limit {
		buf.Grow(int(length) + bytes.MinRead)
	}
	if _, err := buf.ReadFrom(r); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
